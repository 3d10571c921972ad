/// Why a text was refused as JSON, and where.
///
/// Offsets count bytes from 0, so an offset equal to the length means "where the text ends".
struct JSONFault: Error, Equatable {
  /// What was wrong at a place.
  enum Reason: Equatable {
    case empty
    case byteOrderMark
    case expected(StaticString)
    case unclosedText
    case controlCharacter(UInt8)
    case malformedUTF8
    case badEscape
    case loneSurrogate
    case leadingZero
    case trailing
    case tooDeep(limit: Int)
    case duplicateKey(String)
    case numberTooLarge

    static func == (left: Reason, right: Reason) -> Bool { left.words == right.words }

    /// The reason in words that the place follows.
    var words: String {
      switch self {
      case .empty: "not valid JSON: it is empty"
      case .byteOrderMark: "not valid JSON: it starts with a byte order mark"
      case .expected(let what): "not valid JSON: expected \(what)"
      case .unclosedText: "not valid JSON: no closing '\"' for the text that starts"
      case .controlCharacter(let byte):
        "not valid JSON: control character 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16)) in a text"
      case .malformedUTF8: "not valid JSON: malformed UTF-8"
      case .badEscape: "not valid JSON: no such escape"
      case .loneSurrogate: "not valid JSON: half of a surrogate pair alone"
      case .leadingZero: "not valid JSON: a number with a leading zero"
      case .trailing: "not valid JSON: something follows the value"
      case .tooDeep(let limit): "nested deeper than \(limit)"
      case .duplicateKey(let key): "the key \(key.quotedForPeople) stands twice, the second time"
      case .numberTooLarge: "a number too large"
      }
    }
  }

  /// What was wrong.
  var reason: Reason
  /// Where, in bytes from 0.
  var offset: Int

  /// A sentence for people: "not valid JSON: expected ',' or '}' at byte 17".
  var message: String {
    switch reason {
    case .empty, .byteOrderMark: reason.words
    default: "\(reason.words) at byte \(offset)"
    }
  }
}

extension String {
  /// The text in single quotes as an error message shows it: at most 40 characters, and nothing in it
  /// that could move a terminal's cursor.
  var quotedForPeople: String {
    var shown = "'"
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == 40 {
        shown += "…"
        break
      }
      let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      shown.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return shown + "'"
  }
}
