/// The rules for well-formed UTF-8 (Unicode 16, table 3-7): no overlong forms, no surrogates, nothing
/// above U+10FFFF.
enum UTF8Sequence {
  /// What stands at a place.
  enum Finding: Equatable {
    /// A character of so many bytes.
    case character(Int)
    /// The beginning of a character whose rest is beyond the end.
    case cutShort
    /// Neither.
    case malformed
  }

  /// What the bytes at `place` are, `place` being inside `bytes`.
  @inline(__always)
  static func find(at place: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Finding {
    let first = bytes[place]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0x00...0x7F: return .character(1)
    case 0xC2...0xDF: length = 2
    case 0xE0:
      length = 3
      second = 0xA0...0xBF
    case 0xED:
      length = 3
      second = 0x80...0x9F
    case 0xE1...0xEF: length = 3
    case 0xF0:
      length = 4
      second = 0x90...0xBF
    case 0xF4:
      length = 4
      second = 0x80...0x8F
    case 0xF1...0xF3: length = 4
    default: return .malformed
    }
    guard place + 1 < bytes.count else { return .cutShort }
    guard second.contains(bytes[place + 1]) else { return .malformed }
    var index = 2
    while index < length {
      guard place + index < bytes.count else { return .cutShort }
      guard bytes[place + index] & 0xC0 == 0x80 else { return .malformed }
      index += 1
    }
    return .character(length)
  }

  /// How many bytes from the start are whole, well-formed characters, and what stopped the count:
  /// `.character(0)` at the end of the bytes.
  static func wellFormedPrefix(of bytes: UnsafeBufferPointer<UInt8>) -> (count: Int, stop: Finding) {
    var place = 0
    while place < bytes.count {
      switch find(at: place, in: bytes) {
      case .character(let length): place += length
      case let stop: return (place, stop)
      }
    }
    return (place, .character(0))
  }
}
