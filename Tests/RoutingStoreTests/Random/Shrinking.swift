/// Makes a list that fails shorter, as long as it still fails (Zeller's delta debugging).
struct Shrinking<Element> {
  /// How often `fails` may be asked.
  var budget: Int

  /// A part of `elements` that still fails. `fails` holds for the whole; it tells how far the failing part
  /// was played, so that what comes behind falls away too.
  mutating func shrunk(_ elements: [Element], _ fails: ([Element]) throws -> Int?) rethrows -> [Element] {
    var kept = elements
    var parts = 2
    while kept.count > 1, budget > 0 {
      let size = (kept.count + parts - 1) / parts
      var isShorter = false
      // From the end: what happened last matters least for what led there, except the last step itself.
      var start = (kept.count - 1) / size * size
      while start >= 0, budget > 0 {
        guard start < kept.count else {
          start -= size
          continue
        }
        let rest = Array(kept[..<start] + kept[min(start + size, kept.count)...])
        budget -= 1
        if !rest.isEmpty, let last = try fails(rest) {
          kept = Array(rest[...last])
          isShorter = true
        }
        start -= size
      }
      if isShorter {
        parts = max(2, parts - 1)
      } else if size == 1 {
        break
      } else {
        parts = min(kept.count, parts * 2)
      }
    }
    return kept
  }
}
