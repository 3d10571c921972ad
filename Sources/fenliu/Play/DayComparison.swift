/// A played day beside the file's own columns.
struct DayComparison {
  let file: ArrivalsFile
  let engine: PlayEngine

  /// One customer: the wait that the file says, and the one that was played, whether or not served in the end.
  private struct Pair {
    var expected: Int64
    var played: Int64
    var queued: Bool
    var expectedGone: Bool
    var gone: Bool
  }

  func lines() -> [String] {
    let pairs = zip(file.arrivals, engine.ledger.entries).compactMap { arrival, entry -> Pair? in
      guard let expected = arrival.wait, let played = entry.waited ?? entry.gaveUpAfter else { return nil }
      return Pair(
        expected: expected, played: played, queued: entry.queuedAt != nil, expectedGone: arrival.abandoned,
        gone: entry.gaveUpAfter != nil)
    }
    guard !pairs.isEmpty else { return ["  (the file has no wait_ms to compare with)"] }
    var lines = [
      "Beside the file, \(pairs.count) customers" + String(repeating: " ", count: 10) + "file      played"
    ]
    func row(_ name: String, _ expected: String, _ played: String) {
      lines.append("  " + pad(name, 28) + pad(expected, 10, left: true) + pad(played, 12, left: true))
    }
    row("had to wait", "\(pairs.count { $0.expected > 0 })", "\(pairs.count { $0.queued })")
    if pairs.contains(where: { $0.expectedGone || $0.gone }) {
      row("gave up", "\(pairs.count { $0.expectedGone })", "\(pairs.count { $0.gone })")
    }
    row("mean wait, of all", seconds(mean(pairs.map(\.expected))), seconds(mean(pairs.map(\.played))))
    row(
      "longest wait", seconds(Double(pairs.map(\.expected).max() ?? 0)),
      seconds(Double(pairs.map(\.played).max() ?? 0)))
    row(
      "waited by the one only", "\(pairs.count { $0.expected > 0 && !$0.queued })",
      "\(pairs.count { $0.expected == 0 && $0.queued })")
    let differences = pairs.map { abs($0.expected - $0.played) }.sorted()
    let apart = [5, 15, 60].map { bound in
      "\(differences.count { $0 > Int64(bound) * 1_000 }) by more than \(bound) s"
    }
    lines.append(
      "  waits differ: \(apart.joined(separator: ", ")); median \(seconds(Double(Quantile.of(differences, 0.5))))"
    )
    lines.append(
      "  (a millisecond of ours is \(seconds(engine.clock.speed)) of the day, so latency shows enlarged: play slower for less)"
    )
    return lines
  }

  private func mean(_ numbers: [Int64]) -> Double {
    numbers.isEmpty ? 0 : Double(numbers.reduce(0, +)) / Double(numbers.count)
  }

  private func seconds(_ milliseconds: Double) -> String {
    let tenths = Int((milliseconds / 100).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }

  private func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }
}
