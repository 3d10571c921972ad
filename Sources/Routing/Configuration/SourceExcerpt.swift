/// The part of a line around a column, and a caret to print under it.
struct SourceExcerpt {
  /// The line, cut where it is long; empty if there is nothing to show.
  let text: String
  /// Blanks and a caret, as wide as a terminal shows the text before the column.
  let caret: String

  /// `column` counts Unicode scalars from 1.
  init(line: String, column: Int) {
    let scalars = Array(line.unicodeScalars)
    guard !scalars.allSatisfy({ $0 == " " || $0 == "\t" }) else {
      text = ""
      caret = ""
      return
    }
    let place = min(max(0, column - 1), scalars.count)
    // A JSON file is often one long line: show what is near.
    let start = place > Self.before ? place - Self.before : 0
    let end = min(scalars.count, place + Self.after)
    var shown = String.UnicodeScalarView()
    var pad = ""
    if start > 0 {
      shown.append(contentsOf: "… ".unicodeScalars)
      pad += "  "
    }
    for (offset, scalar) in scalars[start..<end].enumerated() {
      // Control characters would move the cursor or worse; the tab stays a tab in both lines.
      let visible = scalar == "\t" || scalar.properties.generalCategory != .control
      shown.append(visible ? scalar : "\u{FFFD}")
      guard start + offset < place else { continue }
      pad += scalar == "\t" ? "\t" : String(repeating: " ", count: Self.cells(scalar))
    }
    if end < scalars.count { shown.append(contentsOf: " …".unicodeScalars) }
    text = String(shown)
    caret = pad + "^"
  }

  private static let before = 100
  private static let after = 60

  /// How many cells of a terminal a scalar takes, closely enough for Chinese text.
  private static func cells(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      2
    default: scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
    }
  }
}
