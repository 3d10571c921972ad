/// Finds which of many keywords occur in a text, in one walk over the text however many keywords there are
/// (Aho and Corasick, 1975). Independent of rules: assistants' answers and handoff words are found by it too.
///
/// The keywords form a tree by their bytes. Each state of the search is a node: the longest beginning of any keyword
/// with which the text read so far ends. Nodes are numbered level by level, so the children of a node have consecutive
/// numbers, and a node costs 17 bytes: its byte, its first child, where to go on when no child fits, and the nearest
/// keyword with which it ends.
public struct KeywordAutomaton: Sendable {
  /// The byte that leads to each node; of the root, 0.
  var labels: [UInt8] = []
  /// For each node its first child; the children end where the next node's begin.
  var firstChild: [UInt32] = []
  /// For each node the node of its longest proper end that is in the tree.
  var fallback: [UInt32] = []
  /// For each node the nearest one along the fallbacks, itself first, where a keyword ends; 0 for none.
  var nearestEnd: [UInt32] = []
  /// For each node where a keyword ends, which keyword, from 1; else 0.
  var keyword: [UInt32] = []
  /// Where the ids of each keyword begin in `ids`; one more at the end.
  var firstID: [UInt32] = [0]
  /// The ids of all keywords.
  var ids: [UInt32] = []
  /// The root's child for each byte, or 0; most steps of a search begin at the root.
  var rootChildren = [UInt32](repeating: 0, count: 256)

  /// Whether there is no keyword at all.
  public var isEmpty: Bool { ids.isEmpty }

  /// The ids of the keywords that occur in a text, each once.
  public func matches(in text: FoldedText) -> Set<Int> { matches(in: CollectionOfOne(text)) }

  /// The ids of the keywords that occur in any of the texts, each once. No keyword spans two texts.
  ///
  /// Costs a few nanoseconds for each byte, and what the result holds; nothing is allocated when nothing is found.
  ///
  /// - Parameter limit: the search ends when it has found so many.
  public func matches(in texts: some Sequence<FoldedText>, limit: Int = .max) -> Set<Int> {
    var found: Set<Int> = []
    guard !isEmpty else { return found }
    var seen: Set<UInt32> = []
    for text in texts { search(text.bytes, limit, &seen, &found) }
    return found
  }

  private func search(
    _ bytes: [UInt8], _ limit: Int, _ seen: inout Set<UInt32>, _ found: inout Set<Int>
  ) {
    var node: UInt32 = 0
    for byte in bytes {
      node = step(from: node, by: byte)
      var end = nearestEnd[Int(node)]
      // Where one was seen before, all its own ends were too. So no text makes this walk long.
      while end != 0, seen.insert(end).inserted {
        let word = Int(keyword[Int(end)])
        for id in ids[Int(firstID[word - 1])..<Int(firstID[word])] {
          if found.count >= limit { return }
          found.insert(Int(id))
        }
        end = nearestEnd[Int(fallback[Int(end)])]
      }
    }
  }

  /// The state after one more byte.
  func step(from node: UInt32, by byte: UInt8) -> UInt32 {
    var node = node
    while node != 0 {
      if let child = child(of: node, by: byte) { return child }
      node = fallback[Int(node)]
    }
    return rootChildren[Int(byte)]
  }

  private func child(of node: UInt32, by byte: UInt8) -> UInt32? {
    var low = firstChild[Int(node)]
    var high = firstChild[Int(node) + 1]
    while low < high {
      let middle = (low + high) / 2
      let label = labels[Int(middle)]
      if label == byte { return middle }
      if label < byte { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}
