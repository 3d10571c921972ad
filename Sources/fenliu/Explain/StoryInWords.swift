import Routing
import RoutingStore

/// A conversation's record in words: where it is, each decision, and, while it waits, what keeps it waiting.
struct StoryInWords {
  private let story: ConversationStory
  private let fields: [String: String]

  init(_ story: ConversationStory) {
    self.story = story
    fields = story.fields
  }

  var lines: [String] {
    var lines = [headline]
    let decisions = DecisionRecord.read(fields)
    if decisions.isEmpty { lines.append("  no decision is recorded") }
    for decision in decisions { lines += DecisionInWords(decision).lines }
    return lines + waiting
  }

  private var headline: String {
    let name = "conversation \(story.conversation) of shop \(story.shop)"
    let group = fields["group"] ?? "?"
    let level = "level \(fields["level"] ?? "?")"
    switch fields["state"] {
    case "waiting":
      let time = fields["waiting_since"] ?? fields["opened_at"]
      let since = time.map { " since " + DecisionInWords.time($0) } ?? ""
      let place = story.place.map { ", place \($0.rank) of \($0.waiting) in the order of service" } ?? ""
      let parked =
        fields["parked_at"].map { "; parked since \(DecisionInWords.time($0)), for nothing was heard" } ?? ""
      return "\(name): waits in \(group)\(since), \(level)\(place)\(parked)"
    case "active":
      return
        "\(name): with agent \(fields["agent"] ?? "?") of \(group), \(level), reason \(fields["reason"] ?? "?")"
    case "bot": return "\(name): with the assistant, group \(group), \(level)"
    case "closed":
      return
        "\(name): closed by \(fields["closed_by"] ?? "?") (\(fields["close_reason"] ?? fields["closed_by"] ?? "?")), group \(group)"
    default: return "\(name): in no known state"
    }
  }

  /// What keeps it waiting right now.
  private var waiting: [String] {
    guard fields["state"] == "waiting" else { return [] }
    var lines = ["  right now:"]
    if let agent = fields["only"] {
      lines.append(
        "    it waits for agent \(agent) (\(fields["only_reason"] ?? "?")) until \(time("only_until"))")
    }
    if fields["manual"] != nil {
      lines.append("    it is left to agents and supervisors (manual distribution)")
    }
    if let agent = fields["excluded"] {
      lines.append("    agent \(agent) gave it away and does not get it back until \(time("excluded_until"))")
    }
    if let groups = fields["offered"] { lines.append("    it is offered to \(groups) too") }
    if let skills = fields["skills"] { lines.append("    it asks for \(skills)") }
    let reasons = story.agents.map { (agent: $0, reason: hindrance($0)) }
    for (reason, agents) in Dictionary(grouping: reasons, by: \.reason).sorted(by: { $0.key < $1.key }) {
      let names = agents.prefix(8).map(\.agent.id.rawValue).joined(separator: ", ")
      lines.append("    \(agents.count) \(reason): \(names)\(agents.count > 8 ? " …" : "")")
    }
    if story.agents.isEmpty { lines.append("    no agent of the group has ever come online") }
    return lines
  }

  private func time(_ name: String) -> String { fields[name].map(DecisionInWords.time) ?? "?" }

  /// What keeps an agent from having it.
  private func hindrance(_ agent: ConversationStory.Agent) -> String {
    if agent.status != "online" { return agent.status }
    for (skill, minimum) in ConversationStory.skills(fields["skills"] ?? "")
    where agent.skills[skill] ?? 0 < minimum {
      return "lacking the skill \(skill)"
    }
    let avoided = (fields["avoid"] ?? "").split(separator: " ")
    if avoided.contains(Substring(agent.id.rawValue)) {
      return "passed over (rated badly, or did not answer)"
    }
    let weight = fields["weight"].flatMap { Int($0) } ?? 1
    if agent.used + min(weight, agent.capacity) > agent.capacity { return "full" }
    if fields["manual"] != nil || fields["only"] != nil { return "with room" }
    return "bound by the group's capacity or by its ramp"
  }
}
