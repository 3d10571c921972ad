/// The escapes of JSON texts, read back.
enum JSONEscape {
  /// The UTF-16 code unit of the `\uXXXX` at `place`, or nil if no such escape stands there.
  static func codeUnit(at place: Int, in bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    guard place >= 0, place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"),
      bytes[place + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt32 = 0
    for index in place + 2..<place + 6 {
      let digit: UInt8
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[index] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = bytes[index] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = bytes[index] - UInt8(ascii: "A") + 10
      default: return nil
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// The bytes of a text that the reader accepted, with its escapes replaced. Never longer than before:
  /// the longest character of an escape (4 bytes) takes twelve to write.
  static func decoded(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      guard bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count else {
        result.append(bytes[place])
        place += 1
        continue
      }
      let short = bytes[place + 1]
      place += 2
      switch short {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"): place = append(escapeAt: place - 2, of: bytes, to: &result)
      default: result.append(short)
      }
    }
    return result
  }

  /// Appends the character of the `\u` escape, or pair of escapes, at `place`; leads behind it.
  private static func append(
    escapeAt place: Int, of bytes: UnsafeBufferPointer<UInt8>, to result: inout [UInt8]
  ) -> Int {
    guard let unit = codeUnit(at: place, in: bytes) else { return place + 2 }
    if let scalar = Unicode.Scalar(unit) {
      result.append(contentsOf: UTF8.encode(scalar) ?? .init())
      return place + 6
    }
    let low = codeUnit(at: place + 6, in: bytes) ?? 0xDC00
    let value = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF)
    if let scalar = Unicode.Scalar(value) { result.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    return place + 12
  }
}
