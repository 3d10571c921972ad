/// One of the 16,384 slots that a cluster divides its keys into; all keys of a slot lie on one node.
public struct HashSlot: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// How many slots every cluster has.
  public static let count = 16_384

  /// From 0 to 16,383.
  public let number: Int

  /// The slot of a key: by the text between its first `{` and the next `}`, if there is any, else by all of it.
  public init(of key: String) {
    let bytes = Array(key.utf8)
    var tagged = bytes[...]
    if let open = bytes.firstIndex(of: UInt8(ascii: "{")),
      let close = bytes[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
    {
      tagged = bytes[(open + 1)..<close]
    }
    number = Int(Self.crc16(tagged)) % Self.count
  }

  /// A slot by its number; nil for one that no cluster has.
  public init?(_ number: Int) {
    guard (0..<Self.count).contains(number) else { return nil }
    self.number = number
  }

  /// By number.
  public static func < (left: HashSlot, right: HashSlot) -> Bool { left.number < right.number }

  /// The number.
  public var description: String { String(number) }

  /// CRC-16 as in XMODEM, which Redis' specification of clusters prescribes: polynomial 1021, nothing reflected.
  static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var crc: UInt16 = 0
    for byte in bytes {
      crc ^= UInt16(byte) << 8
      for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
    }
    return crc
  }
}
