import Foundation

/// A text as keywords see it: in Unicode's form NFKC and case folded, so that `Ｒｅｆｕｎｄ`, `REFUND` and `refund` are one
/// (routing, section 2, `what`).
///
/// Folding makes two texts equal or keeps them apart; it is nothing to show to people. White space and punctuation
/// stay, apart from their width.
public struct FoldedText: Hashable, Sendable {
  /// The folded text in UTF-8.
  public let bytes: [UInt8]

  /// Folds a text.
  ///
  /// Texts of ASCII, CJK ideographs, kana, Hangul syllables, emoji and full-width Latin, which is nearly every chat
  /// message, take one pass over their bytes; anything else goes through Unicode's tables.
  public init(_ text: String) {
    var text = text
    bytes = text.withUTF8(Self.foldedInOnePass) ?? Self.foldedByTables(text)
  }

  // MARK: - One pass

  /// The folded bytes, or nil at the first scalar that needs a table.
  ///
  /// No scalar that passes here composes with another one that does: the marks that could follow it are not among
  /// them. So each can be folded on its own.
  private static func foldedInOnePass(_ source: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var needsTables = false
    // Folding never makes these scalars longer.
    let folded = [UInt8](unsafeUninitializedCapacity: source.count) { target, count in
      var index = 0
      while index < source.count {
        let first = source[index]
        if first < 0x80 {
          target.initializeElement(at: count, to: lowercase(first))
          count += 1
          index += 1
          continue
        }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        // Valid UTF-8, as a text's always is, has the whole scalar.
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length { scalar = scalar << 6 | UInt32(source[index + offset] & 0x3F) }
        if isFolded(scalar) {
          for offset in 0..<length {
            target.initializeElement(at: count + offset, to: source[index + offset])
          }
          count += length
        } else if let narrow = narrowed(scalar) {
          target.initializeElement(at: count, to: lowercase(narrow))
          count += 1
        } else if scalar == ellipsis {
          for offset in 0..<3 { target.initializeElement(at: count + offset, to: UInt8(ascii: ".")) }
          count += 3
        } else {
          needsTables = true
          return
        }
        index += length
      }
    }
    return needsTables ? nil : folded
  }

  /// `…`, which folds into three dots and ends many a Chinese sentence.
  private static let ellipsis: UInt32 = 0x2026

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  /// Whether a scalar is its own folding, whatever scalar that passes here too comes before or after it.
  private static func isFolded(_ scalar: UInt32) -> Bool {
    switch scalar {
    // Ideographs, Hangul syllables, hiragana, katakana and its long sound mark.
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xAC00...0xD7A3, 0x3041...0x3096, 0x30A1...0x30FA, 0x30FC: true
    // 、。 and brackets 〈 to 】; the dash and the curly quotes; emoji.
    case 0x3001...0x3002, 0x3008...0x3011, 0x2014, 0x2018...0x201D, 0x1F300...0x1FAFF: true
    default: false
    }
  }

  /// The ASCII character of which a scalar is the full-width form.
  private static func narrowed(_ scalar: UInt32) -> UInt8? {
    switch scalar {
    case 0xFF01...0xFF5E: UInt8(scalar - 0xFEE0)
    case 0x3000: UInt8(ascii: " ")
    default: nil
    }
  }

  // MARK: - Tables

  private static func foldedByTables(_ text: String) -> [UInt8] {
    var folded = ""
    let normalised = text.precomposedStringWithCompatibilityMapping
    for scalar in normalised.unicodeScalars { fold(scalar, into: &folded) }
    // Folding can leave what composes: ǰ becomes j and a caron.
    return Array(folded.precomposedStringWithCompatibilityMapping.utf8)
  }

  /// Lower case of upper case is Unicode's full case folding up to equality of the results, but for two scalars.
  private static func fold(_ scalar: Unicode.Scalar, into folded: inout String) {
    switch scalar {
    // Dotless: its upper case is I, whose folding has a dot.
    case "\u{131}": folded.unicodeScalars.append(scalar)
    // The capital ẞ, which is its own upper case.
    case "\u{1E9E}": folded += "ss"
    default: folded += scalar.properties.uppercaseMapping.lowercased()
    }
  }
}
