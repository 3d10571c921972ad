/// What is still to come, by time; at the same time in the order in which it was added.
struct Timeline<Cue> {
  private var heap: [(time: Int64, order: Int, cue: Cue)] = []
  private var added = 0

  /// The time of what comes first.
  var next: Int64? { heap.first?.time }

  mutating func add(_ cue: Cue, at time: Int64) {
    heap.append((time, added, cue))
    added += 1
    var child = heap.count - 1
    while child > 0, comes(child, before: (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes out what comes first, if its time has come.
  mutating func take(until time: Int64) -> (time: Int64, cue: Cue)? {
    guard let first = heap.first, first.time <= time else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && comes(child, before: least) { least = child }
      guard least != parent else { break }
      heap.swapAt(parent, least)
      parent = least
    }
    return (first.time, first.cue)
  }

  private func comes(_ left: Int, before right: Int) -> Bool {
    (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
  }
}

extension Timeline: Sendable where Cue: Sendable {}
