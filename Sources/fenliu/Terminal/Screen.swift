import Foundation

/// The whole terminal, taken over for a while: alternate screen, no cursor, keys as they are pressed.
///
/// Frames replace each other line by line and leave in one piece, so that nothing flickers.
struct Screen {
  private let original: termios?

  /// Remembers how the terminal is set; keys are read only if standard input is a terminal too.
  init() {
    var settings = termios()
    original = tcgetattr(STDIN_FILENO, &settings) == 0 ? settings : nil
  }

  /// Whether keys can be read.
  var hasKeys: Bool { original != nil }

  /// Takes the terminal over.
  func enter() {
    if var settings = original {
      // Also no signals: Ctrl-C and Ctrl-Z come as keys, so that the screen is given back first.
      settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
      tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
    try? Output.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J")
  }

  /// Gives the terminal back as it was.
  func leave() {
    try? Output.write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
    if var settings = original { tcsetattr(STDIN_FILENO, TCSANOW, &settings) }
  }

  /// Shows these lines in place of what is shown.
  func show(_ lines: [StyledLine], in size: Terminal.Size, colour: Bool) throws {
    // Terminals that know mode 2026 show what stands between its marks at once; others ignore the marks.
    var frame = "\u{1B}[?2026h\u{1B}[H"
    for (index, line) in lines.prefix(size.rows).enumerated() {
      if index > 0 { frame += "\r\n" }
      frame += line.rendered(columns: size.columns, colour: colour)
      // Behind a full line the cursor stands on its last character, which would be cleared.
      if line.width < size.columns { frame += "\u{1B}[K" }
    }
    if lines.count < size.rows { frame += "\r\n\u{1B}[J" }
    try Output.write(frame + "\u{1B}[?2026l")
  }
}
