import Foundation

/// What is printed: tables in Markdown that can go into a report as they are, and what went wrong beneath.
struct Report {
  let outcomes: [Outcome]
  let seed: UInt64
  /// The sentence above the table: what was run, on what.
  let heading: String

  /// All of it.
  var text: String {
    var lines = ["", heading, ""] + table + mutants + [""]
    for outcome in outcomes {
      if let reason = outcome.session.skipped { lines.append("NOT TRIED: \(outcome.fault.name): \(reason)") }
      if outcome.missing > 0 {
        lines.append(
          "TOO FEW TRIALS: \(outcome.fault.name): \(outcome.trials) of \(outcome.session.owed), the time was up"
        )
      }
      lines += outcome.session.notes.map { "\(outcome.fault.name): \($0)" }
    }
    let count = outcomes.reduce(0) { $0 + $1.violations.count }
    let verdict = count == 0 ? "no violation" : "\(count) violations; again with --seed \(seed)"
    lines.append("\(outcomes.reduce(0) { $0 + $1.trials }) trials, \(verdict)")
    return lines.joined(separator: "\n")
  }

  private var table: [String] {
    let head = [
      "| fault | trials | owed | met nothing | events | audited steps | violations | 95 % sure: below "
        + "| worst drain | time |",
      "|---|---|---|---|---|---|---|---|---|---|",
    ]
    return head
      + outcomes.map { outcome in
        let session = outcome.session
        let trials = session.skipped == nil ? "\(outcome.trials)" : "not tried"
        let cells: [String] = [
          outcome.fault.name, trials, "\(session.owed)", "\(session.misses)", "\(session.events)",
          "\(session.audited)", "\(outcome.violations.count)", Self.bound(outcome),
          session.worstDrain == .zero ? "–" : Self.seconds(session.worstDrain), Self.seconds(outcome.time),
        ]
        return "| \(cells.joined(separator: " | ")) |"
      }
  }

  /// What became of the mutants, if they were tried.
  private var mutants: [String] {
    let catches = outcomes.flatMap(\.session.catches)
    guard !catches.isEmpty else { return [] }
    let rows = catches.map { caught in
      // Without the number of the world, and a line at most.
      let line = caught.evidence.split(separator: "\n").first.map { String($0) } ?? ""
      let evidence = line.hasPrefix("world ") ? line.drop { $0 != ":" }.dropFirst(2) : line[...]
      return "| \(caught.mutant) | `\(caught.fault)` | \(evidence.replacing("|", with: "/").prefix(110)) |"
    }
    return ["", "| mutant | caught by | by what |", "|---|---|---|"] + rows
  }

  /// The rule of three: after n trials without one, the rate is below 3/n with 95 % confidence.
  private static func bound(_ outcome: Outcome) -> String {
    guard outcome.violations.isEmpty, outcome.trials > 0 else { return "–" }
    return outcome.trials < 4 ? "–" : String(format: "%.2g %%", 300 / Double(outcome.trials))
  }

  /// A fault that has just been tried.
  static func progress(_ outcome: Outcome) -> String {
    let found = outcome.violations.isEmpty ? "no violation" : "\(outcome.violations.count) VIOLATIONS"
    let tried =
      outcome.session.skipped.map { "not tried: \($0)" }
      ?? "\(outcome.trials) trials (owed: \(outcome.session.owed)), \(found)"
    let lines = ["  \(outcome.fault.name): \(tried), \(seconds(outcome.time))"]
    return (lines + outcome.violations.map { "    \($0)" }).joined(separator: "\n")
  }

  /// A line of `--list`.
  static func listed(_ fault: Fault) -> String {
    let owed =
      switch fault.owed {
      case .one: "1"
      case .trials(let short, _): "\(short)"
      case .everyPoint: "all"
      }
    return fault.name.padding(toLength: 22, withPad: " ", startingAt: 0)
      + String(repeating: " ", count: max(0, 4 - owed.count)) + owed + "  " + fault.summary
  }

  private static func seconds(_ time: Duration) -> String { String(format: "%.1f s", time / .seconds(1)) }
}
