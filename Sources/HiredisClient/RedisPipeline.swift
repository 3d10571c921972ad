/// Commands encoded as one stretch of bytes, to be sent together.
///
///     var pipeline = RedisPipeline()
///     pipeline.begin(3)
///     pipeline.word("EXPIRE")
///     pipeline.word(key)
///     pipeline.word(60)
///
/// Nothing is kept but the bytes: no array of words, no string per number. ``begin(_:)`` must be followed by
/// exactly as many words as it announced; a pipeline in which that is not so is refused when it is sent,
/// since the server would wait for the missing words until the deadline.
public struct RedisPipeline: Sendable {
  /// The commands in the RESP encoding, ready for the wire.
  public private(set) var bytes: [UInt8] = []
  /// How many commands were begun, which is how many replies will come.
  public private(set) var count = 0
  /// Words that the current command still lacks.
  private var missing = 0
  private var isBroken = false

  /// An empty pipeline.
  public init() {}

  /// An empty pipeline with room for so many bytes.
  public init(reservingCapacity capacity: Int) {
    bytes.reserveCapacity(capacity)
  }

  /// Commands that were encoded before, such as those that a ``RedisConnection/recorder`` was given.
  public init(encoded bytes: [UInt8], count: Int) {
    self.bytes = bytes
    self.count = count
  }

  /// Whether there is no command in it.
  public var isEmpty: Bool { count == 0 }

  /// Whether every command has as many words as were announced.
  public var isComplete: Bool { missing == 0 && !isBroken }

  /// Forgets all commands.
  public mutating func removeAll(keepingCapacity: Bool = true) {
    bytes.removeAll(keepingCapacity: keepingCapacity)
    count = 0
    missing = 0
    isBroken = false
  }

  /// Starts a command of so many words, its name among them.
  public mutating func begin(_ words: Int) {
    if missing != 0 || words < 1 { isBroken = true }
    missing = words
    count += 1
    appendHeader(UInt8(ascii: "*"), UInt64(clamping: words))
  }

  /// Adds a word of text, as UTF-8.
  public mutating func word(_ text: String) {
    var text = text
    text.withUTF8 { word($0) }
  }

  /// Adds a word of these bytes, whatever they are.
  public mutating func word(_ content: UnsafeBufferPointer<UInt8>) {
    beginWord(content.count)
    bytes.append(contentsOf: content)
    endWord()
  }

  /// Adds a word of these bytes, whatever they are.
  public mutating func word(_ content: some Collection<UInt8>) {
    beginWord(content.count)
    bytes.append(contentsOf: content)
    endWord()
  }

  /// Adds a number in decimal digits.
  public mutating func word(_ integer: Int64) {
    let magnitude = integer.magnitude
    beginWord(Self.digits(in: magnitude) + (integer < 0 ? 1 : 0))
    if integer < 0 { bytes.append(UInt8(ascii: "-")) }
    appendDecimal(magnitude)
    endWord()
  }

  /// Adds a number in decimal digits.
  public mutating func word(_ integer: Int) { word(Int64(integer)) }

  /// Adds a whole command.
  public mutating func append(_ words: String...) { append(words) }

  /// Adds a whole command.
  public mutating func append(_ words: [String]) {
    begin(words.count)
    for text in words { word(text) }
  }

  /// Adds the commands of another pipeline behind those that are here.
  public mutating func append(_ other: RedisPipeline) {
    if missing != 0 || other.isBroken { isBroken = true }
    bytes.append(contentsOf: other.bytes)
    count += other.count
    missing = other.missing
  }

  /// Adds one command that is encoded already.
  mutating func appendEncoded(_ command: ArraySlice<UInt8>) {
    bytes.append(contentsOf: command)
    count += 1
  }

  private mutating func beginWord(_ length: Int) {
    missing -= 1
    appendHeader(UInt8(ascii: "$"), UInt64(length))
  }

  private mutating func endWord() {
    bytes.append(13)
    bytes.append(10)
  }

  private mutating func appendHeader(_ mark: UInt8, _ number: UInt64) {
    bytes.append(mark)
    appendDecimal(number)
    endWord()
  }

  private mutating func appendDecimal(_ value: UInt64) {
    if value < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(value))
      return
    }
    // Room first, then the digits from the last to the first: no scratch buffer and no reversal.
    let length = Self.digits(in: value)
    for _ in 0..<length { bytes.append(0) }
    var rest = value
    var position = bytes.count
    while rest > 0 {
      position -= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      bytes[position] = UInt8(ascii: "0") + UInt8(digit)
      rest = quotient
    }
  }

  private static func digits(in value: UInt64) -> Int {
    var count = 1
    var bound: UInt64 = 10
    while value >= bound {
      count += 1
      // The 20th digit: ten times this bound does not fit any more.
      if bound > UInt64.max / 10 { break }
      bound *= 10
    }
    return count
  }
}
