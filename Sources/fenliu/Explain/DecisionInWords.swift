import Routing

/// One recorded decision in words.
struct DecisionInWords {
  private let decision: DecisionRecord

  init(_ decision: DecisionRecord) { self.decision = decision }

  var lines: [String] {
    let rule = decision.rule.map { "rule “\($0)”" } ?? "no rule"
    var lines = ["  \(LocalTime.text(decision.at)) configuration \(decision.version), \(rule): \(outcome)"]
    for (step, what) in decision.found { lines.append("    \(Self.step(step)): \(Self.found(what))") }
    if let staff = decision.staff {
      let skipped = staff.skipped > 0 ? ", \(staff.skipped) of them passed over" : ""
      lines.append(
        "    \(decision.group) had \(staff.online) online, \(staff.paused) paused, \(staff.offline) offline; "
          + "\(staff.ready) with room\(skipped), \(max(0, staff.online - staff.ready)) full")
    }
    return lines
  }

  private var outcome: String {
    let group = decision.group
    let agent = decision.agent.map { "agent \($0)" }
    switch decision.step {
    case "queue": return agent.map { "\($0) took it from the queue of \(group)" } ?? "it waits in \(group)"
    case "waits_for": return "it waits in \(group) for \(agent ?? "its agent")"
    case "manual":
      return agent.map { "\($0) of \(group) took it by hand" } ?? "it waits in \(group) to be taken by hand"
    case "bot", "assistant": return "the assistant has it (\(group))"
    case "off_hours": return "\(group) is closed at this hour"
    case "overdue": return "it waited too long in \(group); the assistant has it"
    case "rejected": return "nobody of \(group) could be had; rejected"
    case "rule": return agent.map { "it moved to \($0) of \(group)" } ?? "it moved to the queue of \(group)"
    case "group": return "\(agent ?? "an agent") of \(group), the first by the group's strategy"
    default: return "\(agent.map { "\($0) of \(group)" } ?? "the queue of \(group)") (\(decision.step))"
    }
  }

  private static func step(_ name: String) -> String {
    switch name {
    case "requested": "the agent asked for"
    case "dedicated": "the customer's own agent"
    default: "the agent of the last conversation"
    }
  }

  private static func found(_ word: String) -> String {
    switch word {
    case "unknown": "has never been online"
    case "full": "had no room"
    case "avoided": "passed over, rated badly by this customer"
    case "unskilled": "lacks a skill that is asked for"
    case "excluded": "gave it away"
    default: "was \(word)"
    }
  }

  /// A time in milliseconds, as a record keeps it, as people read it.
  static func time(_ milliseconds: String) -> String {
    Int64(milliseconds).map { LocalTime.text(Moment($0)) } ?? milliseconds
  }
}
