/// How a piece of text is to look.
enum TextStyle: String {
  case plain = ""
  case bold = "1"
  case dim = "2"
  case good = "32"
  case warning = "33"
  case bad = "1;31"
}

/// One line of a frame: pieces of text, each in its style.
struct StyledLine {
  private(set) var pieces: [(text: String, style: TextStyle)] = []

  /// An empty line.
  init() {}

  /// A line in one style.
  init(_ text: String, _ style: TextStyle = .plain) { add(text, style) }

  /// Adds a piece. Whatever its text is, it stays one line and moves nothing.
  mutating func add(_ text: String, _ style: TextStyle = .plain) {
    if !text.isEmpty { pieces.append((Cells.harmless(text), style)) }
  }

  /// How many cells it takes where there is room.
  var width: Int { pieces.reduce(0) { $0 + Cells.width(of: $1.text) } }

  /// The line for a terminal, cut where it is wider than `columns`.
  func rendered(columns: Int, colour: Bool) -> String {
    var line = ""
    var left = columns
    let isTooWide = width > columns
    for (text, style) in pieces where left > 0 {
      let cells = Cells.width(of: text)
      // The piece that reaches the edge ends with the ellipsis, also if it would just fit itself.
      let shown = isTooWide && cells >= left ? Cells.fit(text + " ", into: left) : text
      line += colour && style != .plain ? "\u{1B}[\(style.rawValue)m\(shown)\u{1B}[0m" : shown
      left -= Cells.width(of: shown)
    }
    guard !colour else { return line }
    // Blanks at the end of a column are of no use in a file.
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
