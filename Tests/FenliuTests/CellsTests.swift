import Testing

@testable import fenliu

/// How text is laid into a terminal's cells and lines.
@Suite struct CellsTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("售前", 4), ("ＡＢ", 4), ("é", 1), ("e\u{301}", 1), ("한글", 4), ("█░…–", 4), ("😀", 2),
    ("👨‍👩‍👧", 2), ("🇨🇳", 2), ("❤️", 2), ("a\u{200B}b", 2), ("カ゛", 4), ("ｶ", 1),
  ])
  func widths(_ text: String, _ cells: Int) { #expect(Cells.width(of: text) == cells) }

  @Test(arguments: [
    ("售前客服", 8, "售前客服"), ("售前客服", 7, "售前客…"), ("售前客服", 6, "售前…"), ("abc", 2, "a…"), ("abc", 1, "…"),
    ("abc", 0, ""), ("售", 1, "…"),
  ])
  func cutting(_ text: String, _ cells: Int, _ expected: String) {
    #expect(Cells.fit(text, into: cells) == expected)
    #expect(Cells.width(of: Cells.left(text, cells)) == cells)
    #expect(Cells.width(of: Cells.right(text, cells)) == cells)
  }

  @Test func nothingMovesTheCursor() {
    #expect(Cells.harmless("a\u{1B}[2Jb\nc\u{7}\u{9B}1m\u{202E}d") == "a�[2Jb�c��1m�d")
    #expect(Cells.harmless("售前 é") == "售前 é")
  }

  @Test(arguments: 0...12)
  func aLineIsCutAtItsWidth(_ columns: Int) {
    var line = StyledLine("售前", .bold)
    line.add("abc", .warning)
    line.add("客")
    let plain = line.rendered(columns: columns, colour: false)
    #expect(Cells.width(of: plain) <= columns)
    #expect(plain.hasSuffix("…") == (1..<9).contains(columns))
    if columns >= 9 { #expect(plain == "售前abc客") }
  }

  // MARK: Lines

  private func block(_ name: String, _ rows: Int, importance: Int) -> FrameBlock {
    FrameBlock(
      heading: [StyledLine(name)], rows: (0..<rows).map { StyledLine("\(name)\($0)") }, importance: importance
    )
  }

  private func lay(_ blocks: [FrameBlock], _ lines: Int?) -> [String] {
    LineBudget.lay(blocks, into: lines) { StyledLine("and \($0) blocks") }
      .map { $0.rendered(columns: 80, colour: false) }
  }

  @Test func listsAreCutFairly() {
    let blocks = [block("a", 3, importance: 1), block("b", 9, importance: 0)]
    #expect(lay(blocks, nil).count == 14)
    #expect(lay(blocks, 14).count == 14)
    #expect(lay(blocks, 9) == ["a", "a0", "a1", "a2", "b", "b0", "b1", "b2", "  … and 6 more"])
    #expect(lay(blocks, 6) == ["a", "a0", "  … and 2 more", "b", "b0", "  … and 8 more"])
  }

  @Test func whatMattersLeastIsLeftOut() {
    let blocks = [block("a", 3, importance: 1), block("b", 9, importance: 0), block("c", 1, importance: 2)]
    #expect(lay(blocks, 5) == ["b", "b0", "b1", "  … and 7 more", "and 2 blocks"])
    #expect(lay(blocks, 1) == ["and 3 blocks"])
    #expect(lay(blocks, 0).isEmpty)
    for lines in 0...20 { #expect(lay(blocks, lines).count <= lines) }
  }
}
