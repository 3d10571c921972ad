/// How text lies in the cells of a terminal, where Chinese characters take two.
enum Cells {
  /// How many cells a text takes.
  static func width(of text: some StringProtocol) -> Int {
    // Nearly every text here is ASCII without control characters, one cell for each byte.
    text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.reduce(0) { $0 + width(of: $1) }
  }

  /// A text that fits into `cells`, cut with an ellipsis if it is longer.
  static func fit(_ text: String, into cells: Int) -> String {
    guard width(of: text) > cells else { return text }
    guard cells > 0 else { return "" }
    var used = 1
    let kept = text.prefix { character in
      used += width(of: character)
      return used <= cells
    }
    return kept + "…"
  }

  /// A text in exactly so many cells, blanks behind it.
  static func left(_ text: String, _ cells: Int) -> String {
    let text = fit(text, into: cells)
    return text + String(repeating: " ", count: max(0, cells - width(of: text)))
  }

  /// A text in exactly so many cells, blanks before it.
  static func right(_ text: String, _ cells: Int) -> String {
    let text = fit(text, into: cells)
    return String(repeating: " ", count: max(0, cells - width(of: text))) + text
  }

  /// A text in one line that cannot move the cursor or colour the terminal, whoever wrote it.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(isHarmful(scalar) ? "\u{FFFD}" : scalar) }
    return String(scalars)
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    // Marks that turn the direction of writing around for what follows.
    case .format: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    default: false
    }
  }

  /// The cells of a character: those of its widest scalar, so that an emoji joined of several counts once.
  private static func width(of character: Character) -> Int {
    if character.unicodeScalars.contains("\u{FE0F}") { return 2 }
    return character.unicodeScalars.lazy.map(width(of:)).max() ?? 0
  }

  private static func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x20..<0x7F: return 1
    // East Asian Wide and Fullwidth (Unicode, UAX 11), and the pictures that terminals draw as wide.
    case 0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x25FD...0x25FE,
      0x2614...0x2615, 0x2648...0x2653, 0x26A1, 0x26C4...0x26C5, 0x26D4, 0x26EA, 0x26F2...0x26F3, 0x26F5,
      0x26FA, 0x26FD, 0x2705, 0x270A...0x270B, 0x2728, 0x274C, 0x274E, 0x2753...0x2755, 0x2757,
      0x2795...0x2797, 0x27B0, 0x27BF, 0x2B1B...0x2B1C, 0x2B50, 0x2B55, 0x2E80...0x303E, 0x3041...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F004, 0x1F0CF, 0x1F18E, 0x1F191...0x1F19A, 0x1F1E6...0x1F320, 0x1F32D...0x1F335,
      0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3E0...0x1F3F0, 0x1F3F8...0x1F43E, 0x1F440,
      0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F550...0x1F567, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5,
      0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return 1
    }
  }
}
