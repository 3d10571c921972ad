import Foundation

/// Text on a terminal: how wide it is, and how it is coloured.
struct StyledLine {
  enum Style: String {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  private var segments: [(text: String, style: Style)] = []

  init() {}

  init(_ text: String, _ style: Style = .plain) { add(text, style) }

  mutating func add(_ text: String, _ style: Style = .plain) { segments.append((text, style)) }

  /// Adds text with spaces up to a width of its own.
  mutating func add(_ text: String, _ style: Style = .plain, width: Int) {
    add(text + String(repeating: " ", count: max(0, width - TerminalText.width(of: text))), style)
  }

  /// The line with its colours, cut to a width.
  func rendered(width: Int) -> String {
    var left = width
    var result = ""
    for (text, style) in segments where left > 0 {
      let cut = TerminalText.cut(text, to: left)
      left -= TerminalText.width(of: cut)
      result += style == .plain ? cut : "\u{1B}[\(style.rawValue)m\(cut)\u{1B}[0m"
    }
    return result
  }
}

/// Measures of text on a terminal.
enum TerminalText {
  /// How many columns a text takes: Chinese characters take two.
  static func width(of text: String) -> Int { text.reduce(0) { $0 + width(of: $1) } }

  /// As much of a text as fits.
  static func cut(_ text: String, to width: Int) -> String {
    var left = width
    return String(
      text.prefix { character in
        left -= self.width(of: character)
        return left >= 0
      })
  }

  private static func width(of character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0..<0x1100: return 1
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// Whether standard output is a terminal on which a picture may be drawn over itself.
  static var isLive: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
      && environment["TERM"] != "dumb"
  }

  /// Rows and columns of the terminal.
  static var size: (rows: Int, columns: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
      return (24, 80)
    }
    return (Int(size.ws_row), Int(size.ws_col))
  }
}
