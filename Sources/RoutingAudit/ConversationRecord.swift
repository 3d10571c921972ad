/// A conversation as `conversation.lua` reads it.
struct ConversationRecord {
  let id: String
  let state: String
  let group: String
  let agent: String?
  let level: Int
  let queuedAt: Double
  let credit: Double?
  let isParked: Bool
  let isManual: Bool
  let only: String?
  let onlyReason: String?
  let excluded: String?
  let excludedUntil: Int64
  let avoid: [String]
  let offered: [String]
  let skills: [String: Int]
  let weight: Int
  let units: Int
  let prefer: String?
  let reason: String?

  init(id: String, _ fields: [String: String]) {
    self.id = id
    state = fields["state"] ?? "?"
    group = fields["group"] ?? ""
    agent = fields["agent"]
    level = Int(fields["level"] ?? "") ?? 0
    queuedAt = Double(fields["queued_at"] ?? fields["opened_at"] ?? "") ?? 0
    credit = fields["credit"].flatMap { Double($0) }
    isParked = fields["parked_at"] != nil
    isManual = fields["manual"] != nil
    only = fields["only"]
    onlyReason = fields["only_reason"]
    excluded = fields["excluded"]
    excludedUntil = Int64(fields["excluded_until"] ?? "") ?? 0
    avoid = names(in: fields["avoid"])
    offered = names(in: fields["offered"])
    skills = numbers(in: fields["skills"])
    weight = Int(fields["weight"] ?? "") ?? 1
    units = Int(fields["units"] ?? "") ?? 1
    prefer = fields["prefer"]
    reason = fields["reason"]
  }

  /// The agent who has it; nil unless it is active.
  var holder: String? { state == "active" ? agent : nil }

  /// Its score in the lists of its group: level before time, or with `credit` a level worth so much of waiting.
  var score: Double {
    if let credit { return queuedAt - Double(level) * credit }
    return Double(10 - level) * Band.width + queuedAt
  }

  /// Whether an agent is out of the question for it, whatever its room. Who was passed over counts as out of the question
  /// though time alone may change that.
  func rulesOut(_ agent: AgentRecord) -> Bool {
    excluded == agent.id || avoid.contains(agent.id)
      || skills.contains { (agent.skills[$0.key] ?? 0) < $0.value }
  }
}
