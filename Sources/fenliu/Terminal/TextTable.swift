/// A table with a heading, whose columns are as wide as what stands in them.
struct TextTable {
  /// A column's name and side.
  struct Column {
    var title: String
    var isNumber = false
    /// The most cells it takes.
    var most = 32
  }

  /// A row: one text and style for each column.
  typealias Row = [(text: String, style: TextStyle)]

  let columns: [Column]
  var rows: [Row] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// The heading and the rows, indented.
  func lines() -> (heading: StyledLine, rows: [StyledLine]) {
    let widths = columns.indices.map { index in
      let longest = rows.lazy.map { Cells.width(of: $0[index].text) }.max() ?? 0
      return min(columns[index].most, max(longest, Cells.width(of: columns[index].title)))
    }
    let heading = line(columns.map { ($0.title, .dim) }, widths)
    return (heading, rows.map { line($0, widths) })
  }

  private func line(_ row: Row, _ widths: [Int]) -> StyledLine {
    var line = StyledLine("  ")
    for (index, cell) in row.enumerated() {
      if index > 0 { line.add("  ") }
      let text =
        columns[index].isNumber ? Cells.right(cell.text, widths[index]) : Cells.left(cell.text, widths[index])
      line.add(text, cell.style)
    }
    return line
  }
}
