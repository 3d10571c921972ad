/// What stands in an append-only file behind its last whole command.
enum TornTail {
  /// Whether this is the beginning of what Redis was writing when its machine fell: commands, perhaps those of a
  /// transaction that has no end, and one that breaks off, or zeros for which the file system had only made room. Anything
  /// else is damage of another kind, with commands behind it that somebody may want to have.
  static func isTorn(_ bytes: [UInt8]) -> Bool {
    var reader = Reader(bytes: bytes[...])
    while !reader.rest.isEmpty {
      let begin = reader.rest
      switch reader.command() {
      case .whole: continue
      case .brokenOff: return true
      case .strange:
        // Where zeros begin within a command it looks strange only there.
        return reader.rest.allSatisfy { $0 == 0 } || begin.allSatisfy { $0 == 0 }
      }
    }
    return true
  }

  private enum Part {
    case whole, brokenOff, strange
  }

  /// Takes commands in Redis' protocol from the front.
  private struct Reader {
    var rest: ArraySlice<UInt8>

    init(bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func command() -> Part {
      if rest.first == UInt8(ascii: "#") { return comment() }
      var count = 0
      switch number(after: UInt8(ascii: "*"), &count) {
      case .whole: break
      case let other: return other
      }
      for _ in 0..<count {
        var length = 0
        switch number(after: UInt8(ascii: "$"), &length) {
        case .whole: break
        case let other: return other
        }
        guard rest.count >= length else { return .brokenOff }
        rest = rest.dropFirst(length)
        switch lineEnd() {
        case .whole: break
        case let other: return other
        }
      }
      return .whole
    }

    /// A line such as `#TS:…` in which Redis may note the time.
    private mutating func comment() -> Part {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return .brokenOff }
      rest = rest[(end + 1)...]
      return .whole
    }

    private mutating func number(after mark: UInt8, _ number: inout Int) -> Part {
      guard let first = rest.first else { return .brokenOff }
      guard first == mark else { return .strange }
      let digits = rest.dropFirst().prefix { (48...57).contains($0) }
      let behind = rest.dropFirst(1 + digits.count)
      guard digits.count <= 9 else { return .strange }
      if behind.isEmpty { return .brokenOff }
      rest = behind
      guard let value = Int(String(decoding: digits, as: UTF8.self)) else { return .strange }
      number = value
      return lineEnd()
    }

    private mutating func lineEnd() -> Part {
      for byte in [UInt8(ascii: "\r"), UInt8(ascii: "\n")] {
        guard let next = rest.first else { return .brokenOff }
        guard next == byte else { return .strange }
        rest = rest.dropFirst()
      }
      return .whole
    }
  }
}
