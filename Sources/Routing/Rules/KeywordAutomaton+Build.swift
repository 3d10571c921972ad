extension KeywordAutomaton {
  /// Builds the automaton of keywords as written, which are folded here. Several keywords may have one id, and one
  /// keyword several ids. A keyword without any byte is passed over: it would be in every text.
  ///
  /// - Parameter keywords: each with its id; ids are from 0 up to 2^32 - 1.
  public init(_ keywords: some Sequence<(String, Int)>) {
    self.init(folded: keywords.lazy.map { (FoldedText($0), $1) })
  }

  /// Builds the automaton of folded keywords.
  init(folded keywords: some Sequence<(FoldedText, Int)>) {
    var idsByWord: [FoldedText: [UInt32]] = [:]
    for (word, id) in keywords where !word.bytes.isEmpty {
      guard let id = UInt32(exactly: id) else { continue }
      idsByWord[word, default: []].append(id)
    }
    let words = idsByWord.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
    for (_, ids) in words {
      self.ids += ids
      firstID.append(UInt32(self.ids.count))
    }
    growTree(of: words.map(\.key.bytes))
    linkNodes()
  }

  /// Numbers the nodes level by level. In sorted order the words below one node stand side by side.
  private mutating func growTree(of words: [[UInt8]]) {
    labels = [0]
    keyword = [0]
    // What is to be done for each node, in its order: the words below it.
    var below = [0..<words.count]
    var depths = [0]
    var node = 0
    while node < below.count {
      firstChild.append(UInt32(labels.count))
      var rest = below[node]
      let depth = depths[node]
      // A word that ends here is the first of those below, being a beginning of all others.
      if depth > 0, let first = rest.first, words[first].count == depth {
        keyword[node] = UInt32(first) + 1
        rest = rest.dropFirst()
      }
      while let first = rest.first {
        let byte = words[first][depth]
        let next = rest.first { words[$0][depth] != byte } ?? rest.endIndex
        labels.append(byte)
        keyword.append(0)
        below.append(first..<next)
        depths.append(depth + 1)
        rest = next..<rest.endIndex
      }
      node += 1
    }
    firstChild.append(UInt32(labels.count))
  }

  /// Level by level too: where a node goes on depends only on nodes above it.
  private mutating func linkNodes() {
    fallback = [UInt32](repeating: 0, count: labels.count)
    nearestEnd = [UInt32](repeating: 0, count: labels.count)
    for child in firstChild[0]..<firstChild[1] { rootChildren[Int(labels[Int(child)])] = child }
    for node in labels.indices {
      let next = Int(fallback[node])
      nearestEnd[node] = keyword[node] != 0 ? UInt32(node) : nearestEnd[next]
      guard node > 0 else { continue }
      for child in Int(firstChild[node])..<Int(firstChild[node + 1]) {
        fallback[child] = step(from: UInt32(next), by: labels[child])
      }
    }
  }
}
