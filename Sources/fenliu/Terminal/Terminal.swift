import Foundation

/// What is known of the terminal on a descriptor.
enum Terminal {
  /// Columns and rows.
  struct Size: Equatable {
    var columns: Int
    var rows: Int
  }

  /// Whether a terminal is there.
  static func isThere(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Whether standard output is to be coloured: a terminal, and nobody objects (no-color.org).
  static var wantsColour: Bool {
    let variables = ProcessInfo.processInfo.environment
    return isThere(STDOUT_FILENO) && variables["NO_COLOR", default: ""].isEmpty && variables["TERM"] != "dumb"
  }

  /// The size of the terminal on standard output; nil if there is none. One that does not know its size is
  /// taken for the smallest usual one.
  static var size: Size? {
    guard isThere(STDOUT_FILENO) else { return nil }
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
      return Size(columns: 80, rows: 24)
    }
    return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
  }
}
