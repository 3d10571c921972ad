/// Words of a command whose number is not known before they are there; see ``RedisPipeline/append(_:)-(RedisWords)``.
///
/// Nothing is kept but the bytes: no array of words, no string per number.
public struct RedisWords: Sendable {
  /// The words in the RESP encoding.
  var bytes: [UInt8] = []
  /// How many there are.
  public private(set) var count = 0

  /// No words.
  public init() {}

  /// How many bytes they take on the wire.
  public var size: Int { bytes.count }

  /// Adds words that were encoded before.
  public mutating func append(_ other: RedisWords) {
    bytes.append(contentsOf: other.bytes)
    count += other.count
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

  private mutating func beginWord(_ length: Int) {
    count += 1
    appendHeader(UInt8(ascii: "$"), UInt64(length))
  }

  private mutating func endWord() {
    bytes.append(13)
    bytes.append(10)
  }

  mutating func appendHeader(_ mark: UInt8, _ number: UInt64) {
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
