/// A part of a frame that can be cut: a heading and rows of about equal worth.
struct FrameBlock {
  /// Stands above the rows and is shown whole.
  var heading: [StyledLine]
  /// Of these, some may be left out.
  var rows: [StyledLine]
  /// When room is short, blocks with a higher number go first.
  var importance: Int
}

/// Fits blocks into a number of lines.
enum LineBudget {
  /// The lines of the blocks in their order, at most `lines` of them; all if that is nil. A list that is cut
  /// ends with how many more there are; left-out blocks are told by `summary`.
  static func lay(
    _ blocks: [FrameBlock], into lines: Int?, summary: (Int) -> StyledLine
  ) -> [StyledLine] {
    guard let lines else { return blocks.flatMap { $0.heading + $0.rows } }
    let kept = keep(blocks, lines)
    var counts = kept.map { min(2, blocks[$0].rows.count) }
    var left = lines - zip(kept, counts).reduce(0) { $0 + blocks[$1.0].heading.count + $1.1 }
    let isCut = kept.count < blocks.count
    if isCut { left -= 1 }
    // A line for each list in turn, so that a long one does not starve the others.
    var hasGrown = true
    while left > 0, hasGrown {
      hasGrown = false
      for (index, block) in kept.enumerated() where left > 0 && counts[index] < blocks[block].rows.count {
        counts[index] += 1
        left -= 1
        hasGrown = true
      }
    }
    var laid = zip(kept, counts).flatMap { shown(blocks[$0], $1) }
    if isCut { laid.append(summary(blocks.count - kept.count)) }
    return Array(laid.prefix(max(0, lines)))
  }

  /// The blocks that fit with their heading and two lines each, in their order.
  private static func keep(_ blocks: [FrameBlock], _ lines: Int) -> [Int] {
    var left = lines
    var kept: [Int] = []
    for index in blocks.indices.sorted(by: { blocks[$0].importance < blocks[$1].importance }) {
      let block = blocks[index]
      let isLast = kept.count == blocks.count - 1
      // A line is kept for the summary, unless nothing will be left out.
      left -= block.heading.count + min(2, block.rows.count)
      guard left >= (isLast ? 0 : 1) else { break }
      kept.append(index)
    }
    return kept.sorted()
  }

  private static func shown(_ block: FrameBlock, _ count: Int) -> [StyledLine] {
    guard count < block.rows.count else { return block.heading + block.rows }
    let more = StyledLine("  … and \(block.rows.count - max(0, count - 1)) more", .dim)
    return block.heading + block.rows.prefix(max(0, count - 1)) + [more]
  }
}
