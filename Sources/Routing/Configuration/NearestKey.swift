/// Finds what somebody probably meant to write.
enum NearestKey {
  /// The candidate nearest to `text`, if one is near: at most one slip in three characters, and three in all.
  /// Of several equally near ones the first counts.
  static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
    let wanted = folded(text)
    guard !wanted.isEmpty, wanted.count <= longest else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != text {
      let other = folded(candidate)
      guard other.count <= longest else { continue }
      let limit = min(3, max(wanted.count, other.count) / 3)
      guard abs(wanted.count - other.count) <= limit else { continue }
      let distance = distance(wanted, other)
      if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
      if distance == 0 { break }
    }
    return best?.candidate
  }

  /// How many insertions, deletions, replacements and swaps of neighbours turn one into the other.
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    if left.isEmpty || right.isEmpty { return left.count + right.count }
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      current.reserveCapacity(right.count + 1)
      for column in 1...right.count {
        let same = left[row - 1] == right[column - 1]
        var least = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
          least = min(least, beforeLast[column - 2] + 1)
        }
        current.append(least)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }

  private static let longest = 64

  /// Without what differs by habit rather than by meaning: `idleTimeout`, `idle-timeout`, `idle_timeout`.
  private static func folded(_ text: String) -> [Unicode.Scalar] {
    text.lowercased().unicodeScalars.filter { $0 != "_" && $0 != "-" && $0 != " " }
  }
}
