/// Writes JSON text, fast and in the order of the calls.
///
///     var json = JSONText()
///     json.beginObject()
///     json.field("error", "customer.id is missing")
///     json.field("at", 1_700_000_000_000)
///     json.endObject()
///     json.bytes  // {"error":"customer.id is missing","at":1700000000000}
///
/// Commas come by themselves. What is written is valid JSON as long as every `begin` has its `end` and
/// every value in an object its key. Texts keep their characters as UTF-8; only quotes, backslashes and
/// control characters are escaped.
public struct JSONText: Sendable {
  /// What is written so far.
  public private(set) var bytes: [UInt8] = []
  /// Whether a comma is due before the next value or key.
  private var needsComma = false

  /// Nothing written yet, with room for so many bytes.
  public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// What is written so far, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  // MARK: Structure

  /// Opens an object.
  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  /// Closes an object.
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  /// Opens an array.
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  /// Closes an array.
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Writes a key; its value is next.
  public mutating func key(_ key: String) {
    value(key)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes a key known to the program, which must need no escapes; its value is next.
  public mutating func key(_ key: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  // MARK: Values

  /// Writes a text.
  public mutating func value(_ text: String) {
    separate()
    var text = text
    text.withUTF8 { writeText($0) }
    needsComma = true
  }

  /// Writes a text that is given as bytes of well-formed UTF-8.
  mutating func value(utf8 text: UnsafeBufferPointer<UInt8>) {
    separate()
    writeText(text)
    needsComma = true
  }

  /// Writes an integer. Beyond ±2^53 readers in Lua or JavaScript will round it.
  public mutating func value(_ integer: Int64) {
    separate()
    bytes.append(contentsOf: String(integer).utf8)
    needsComma = true
  }

  /// Writes a number in the shortest form that reads back the same; null if it is not finite, for which
  /// JSON has no number.
  public mutating func value(_ number: Double) {
    guard number.isFinite else { return null() }
    separate()
    bytes.append(contentsOf: number.description.utf8)
    needsComma = true
  }

  /// Writes true or false.
  public mutating func value(_ flag: Bool) {
    separate()
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    needsComma = true
  }

  /// Writes null.
  public mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
    needsComma = true
  }

  // MARK: Fields

  /// Writes a key and a text, or nothing if there is none.
  public mutating func field(_ key: StaticString, _ value: String?) {
    guard let value else { return }
    self.key(key)
    self.value(value)
  }

  /// Writes a key and a name, or nothing if there is none.
  public mutating func field(_ key: StaticString, _ name: (some Name)?) {
    field(key, name?.rawValue)
  }

  /// Writes a key and an integer, or nothing if there is none.
  public mutating func field(_ key: StaticString, _ value: Int64?) {
    guard let value else { return }
    self.key(key)
    self.value(value)
  }

  /// Writes a key and a flag, or nothing if there is none.
  public mutating func field(_ key: StaticString, _ value: Bool?) {
    guard let value else { return }
    self.key(key)
    self.value(value)
  }

  // MARK: Bytes

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  /// The text in quotes. Stretches without escapes, mostly the whole, are appended at once.
  private mutating func writeText(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    var written = 0
    for index in text.indices {
      let byte = text[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[written..<index]))
      writeEscape(of: byte)
      written = index + 1
    }
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[written...]))
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func writeEscape(of byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    default:
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(Self.hexDigit(byte >> 4))
      bytes.append(Self.hexDigit(byte & 0xF))
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
