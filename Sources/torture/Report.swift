import Foundation

/// What is printed: a line for each fault, and what went wrong beneath.
struct Report {
  let outcomes: [Outcome]
  let seed: UInt64

  /// The table in Markdown, so that it can go into the report as it is.
  var text: String {
    var lines = [
      "", "| fault | trials | events | audited steps | violations | 95 % sure: below | worst drain | time |",
      "|---|---|---|---|---|---|---|---|",
    ]
    for outcome in outcomes {
      let drain = outcome.session.worstDrain == .zero ? "–" : Self.seconds(outcome.session.worstDrain)
      let trials = outcome.session.skipped == nil ? String(outcome.trials) : "not tried"
      lines.append(
        "| \(outcome.fault.name) | \(trials) | \(outcome.session.events) | \(outcome.session.audited) | \(outcome.violations.count) | \(Self.bound(outcome)) | "
          + "\(drain) | \(Self.seconds(outcome.time)) |")
    }
    for outcome in outcomes {
      if let reason = outcome.session.skipped { lines.append("NOT TRIED: \(outcome.fault.name): \(reason)") }
      lines += outcome.session.notes.map { "\(outcome.fault.name): \($0)" }
    }
    let count = outcomes.reduce(0) { $0 + $1.violations.count }
    let verdict = count == 0 ? "no violation" : "\(count) violations; again with --seed \(seed)"
    lines.append("\(outcomes.reduce(0) { $0 + $1.trials }) trials, \(verdict)")
    return lines.joined(separator: "\n")
  }

  /// The rule of three: after n trials without one, the rate is below 3/n with 95 % confidence.
  private static func bound(_ outcome: Outcome) -> String {
    guard outcome.violations.isEmpty, outcome.trials > 0 else { return "–" }
    return outcome.trials < 4 ? "–" : String(format: "%.2g %%", 300 / Double(outcome.trials))
  }

  /// A fault that has just been tried.
  static func progress(_ outcome: Outcome) -> String {
    let found = outcome.violations.isEmpty ? "no violation" : "\(outcome.violations.count) VIOLATIONS"
    let tried = outcome.session.skipped.map { "not tried: \($0)" } ?? "\(outcome.trials) trials, \(found)"
    let lines = ["  \(outcome.fault.name): \(tried), \(seconds(outcome.time))"]
    return (lines + outcome.violations.map { "    \($0)" }).joined(separator: "\n")
  }

  /// A line of `--list`.
  static func listed(_ fault: Fault) -> String {
    fault.name.padding(toLength: 22, withPad: " ", startingAt: 0) + fault.summary
  }

  private static func seconds(_ time: Duration) -> String { String(format: "%.1f s", time / .seconds(1)) }
}
