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
  public var bytes: [UInt8] { words.bytes }
  private var words = RedisWords()
  /// How many commands were begun, which is how many replies will come.
  public private(set) var count = 0
  /// Words that the current command still lacks.
  private var missing = 0
  private var isBroken = false

  /// An empty pipeline.
  public init() {}

  /// An empty pipeline with room for so many bytes.
  public init(reservingCapacity capacity: Int) {
    words.bytes.reserveCapacity(capacity)
  }

  /// Commands that were encoded before, such as those that a ``RedisConnection/recorder`` was given.
  public init(encoded bytes: [UInt8], count: Int) {
    words.bytes = bytes
    self.count = count
  }

  /// Whether there is no command in it.
  public var isEmpty: Bool { count == 0 }

  /// Whether every command has as many words as were announced.
  public var isComplete: Bool { missing == 0 && !isBroken }

  /// Forgets all commands.
  public mutating func removeAll(keepingCapacity: Bool = true) {
    words.bytes.removeAll(keepingCapacity: keepingCapacity)
    count = 0
    missing = 0
    isBroken = false
  }

  /// Starts a command of so many words, its name among them.
  public mutating func begin(_ words: Int) {
    if missing != 0 || words < 1 { isBroken = true }
    missing = words
    count += 1
    self.words.appendHeader(UInt8(ascii: "*"), UInt64(clamping: words))
  }

  /// Adds a word of text, as UTF-8.
  public mutating func word(_ text: String) {
    words.word(text)
    missing -= 1
  }

  /// Adds a word of these bytes, whatever they are.
  public mutating func word(_ content: UnsafeBufferPointer<UInt8>) {
    words.word(content)
    missing -= 1
  }

  /// Adds a word of these bytes, whatever they are.
  public mutating func word(_ content: some Collection<UInt8>) {
    words.word(content)
    missing -= 1
  }

  /// Adds a number in decimal digits.
  public mutating func word(_ integer: Int64) {
    words.word(integer)
    missing -= 1
  }

  /// Adds a number in decimal digits.
  public mutating func word(_ integer: Int) { word(Int64(integer)) }

  /// Adds words that were encoded before.
  public mutating func append(_ other: RedisWords) {
    words.append(other)
    missing -= other.count
  }

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
    words.bytes.append(contentsOf: other.bytes)
    count += other.count
    missing = other.missing
  }

  /// Adds one command that is encoded already.
  mutating func appendEncoded(_ command: ArraySlice<UInt8>) {
    words.bytes.append(contentsOf: command)
    count += 1
  }
}
