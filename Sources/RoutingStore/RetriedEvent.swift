/// The event of a dead letter, made ready to be pushed again.
///
/// The router has acknowledged the event under its `source` and `n` when it rejected it, and would ignore it as
/// a repeat; so this pair is taken out. All else stays byte for byte as the gateway wrote it.
enum RetriedEvent {
  /// `event` without its `source` and `n`; unchanged if it has none or is not a JSON object.
  static func bytes(of event: [UInt8]) -> [UInt8] {
    var scanner = Scanner(bytes: event)
    guard let members = scanner.members() else { return event }
    let kept = members.filter { !$0.isRepeatMark }
    guard kept.count < members.count else { return event }
    return Array("{".utf8) + kept.map { event[$0.range] }.joined(separator: ",".utf8) + Array("}".utf8)
  }

  private struct Member {
    /// From the key's quote to the end of the value.
    var range: Range<Int>
    var isRepeatMark: Bool
  }

  /// Finds the members of an object without looking into their values: enough for JSON that was valid, and
  /// nil for most that was not.
  private struct Scanner {
    let bytes: [UInt8]
    var place = 0

    mutating func members() -> [Member]? {
      skipSpace()
      guard take("{") else { return nil }
      var members: [Member] = []
      skipSpace()
      while peek != UInt8(ascii: "}") {
        if !members.isEmpty {
          guard take(",") else { return nil }
          skipSpace()
        }
        let start = place
        guard skipText() else { return nil }
        let key = bytes[(start + 1)..<(place - 1)]
        skipSpace()
        guard take(":") else { return nil }
        skipSpace()
        guard skipValue() else { return nil }
        let isRepeatMark = key.elementsEqual("source".utf8) || key.elementsEqual("n".utf8)
        members.append(Member(range: start..<place, isRepeatMark: isRepeatMark))
        skipSpace()
      }
      return members
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard let peek, peek == UInt8(ascii: character) else { return false }
      place += 1
      return true
    }

    private mutating func skipSpace() {
      while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
    }

    private mutating func skipText() -> Bool {
      guard take("\"") else { return false }
      while let byte = peek {
        place += byte == UInt8(ascii: "\\") ? 2 : 1
        if byte == UInt8(ascii: "\"") { return true }
      }
      return false
    }

    private mutating func skipValue() -> Bool {
      var depth = 0
      let start = place
      while let byte = peek {
        switch byte {
        case UInt8(ascii: "\""):
          guard skipText() else { return false }
          if depth == 0 { return true }
          continue
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          // The end of the object that the value stands in, or of the value itself.
          if depth == 0 { return place > start }
          depth -= 1
          if depth == 0 {
            place += 1
            return true
          }
        case UInt8(ascii: ",") where depth == 0: return place > start
        default: break
        }
        place += 1
      }
      return false
    }
  }
}
