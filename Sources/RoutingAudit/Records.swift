/// Records of a shard as `agent.lua`, `conversation.lua` and `group.lua` read them.

/// "NAME:NUMBER NAME:NUMBER …"
func numbers(in text: String?) -> [String: Int] {
  var found: [String: Int] = [:]
  for part in (text ?? "").split(separator: " ") {
    let pair = part.split(separator: ":")
    if pair.count == 2, let number = Int(pair[1]) { found[String(pair[0])] = number }
  }
  return found
}

/// "NAME NAME …"
func names(in text: String?) -> [String] { (text ?? "").split(separator: " ").map(String.init) }

/// An agent.
struct AgentRecord {
  /// A group that it serves.
  struct Membership {
    var group: String
    var strategy: String
    var skill: Int
    /// How many units it takes of this group; nil when only its own capacity counts.
    var capacity: Int?
  }

  let id: String
  let isOnline: Bool
  let isRamped: Bool
  let isWanted: Bool
  let load: Int
  var used: Int
  let capacity: Int
  let idleSince: Double
  let version: String?
  let groups: [Membership]
  /// Units by group.
  var spread: [String: Int]
  let skills: [String: Int]
  let status: String
  private let fields: [String: String]

  init(id: String, _ fields: [String: String]) {
    self.id = id
    self.fields = fields
    status = fields["status"] ?? "offline"
    isOnline = status == "online"
    isRamped = fields["ramped"] != nil
    isWanted = fields["wanted"] != nil
    load = Int(fields["load"] ?? "") ?? 0
    used = Int(fields["used"] ?? "") ?? 0
    capacity = Int(fields["capacity"] ?? "") ?? 0
    idleSince = Double(fields["idle_since"] ?? "") ?? 0
    version = fields["version"]
    groups = (fields["groups"] ?? "").split(separator: " ").compactMap { text in
      let parts = text.split(separator: ":")
      guard parts.count == 4, let skill = Int(parts[2]) else { return nil }
      return Membership(
        group: String(parts[0]), strategy: String(parts[1]), skill: skill, capacity: Int(parts[3]))
    }
    spread = numbers(in: fields["spread"])
    skills = numbers(in: fields["skills"])
  }

  func membership(_ group: String) -> Membership? { groups.first { $0.group == group } }

  /// What a conversation takes of it: never more than would fit it when idle.
  func units(of conversation: ConversationRecord, in group: String) -> Int {
    var units = min(conversation.weight, capacity)
    if let own = membership(group)?.capacity { units = min(units, own) }
    return conversation.weight == 1 ? 1 : max(1, units)
  }

  /// Whether so many units more are within its capacities, whatever its status.
  func fits(_ units: Int, in group: String) -> Bool {
    guard used + units <= capacity else { return false }
    guard let own = membership(group)?.capacity else { return true }
    return (spread[group] ?? 0) + units <= own
  }

  private func share(in steps: Int) -> Double { Double(min(used, capacity) * steps / max(1, capacity)) }

  /// The order `least-loaded`: the share of capacity used, then the longest idle.
  var loadScore: Double { share(in: 2_047) * Band.width + idleSince }

  /// Its score in the list of those who can take one more, by the group's strategy.
  func readyScore(in membership: Membership) -> Double {
    switch membership.strategy {
    case "round-robin", "weighted": fields["turn:" + membership.group].flatMap { Double($0) } ?? 0
    case "longest-idle": (load > 0 ? Band.width : 0) + idleSince
    case "most-skilled": (Double(10 - membership.skill) * 128 + share(in: 127)) * Band.width + idleSince
    default: loadScore
    }
  }
}

/// One level of a waiting list is worth so much of its score: 2^42 ms, level before time.
enum Band {
  static let width = 4_398_046_511_104.0
}

/// A conversation.
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
    queuedAt = Double(fields["queued_at"] ?? "") ?? 0
    credit = fields["credit"].flatMap { Double($0) }
    isParked = fields["parked_at"] != nil
    isManual = fields["manual"] != nil
    only = fields["only"]
    onlyReason = fields["only_reason"]
    excluded = fields["excluded"]
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

/// A group.
struct GroupRecord {
  let isRetired: Bool
  let isOpen: Bool
  let version: String?
  /// How it distributes: nil automatically; `manual`; or the share that is automatic, in hundredths of a percent.
  let manner: String?
  let isSweepingOffers: Bool
  let online: Int
  let slots: Int
  let paused: Int

  init(_ fields: [String: String]) {
    isRetired = fields["retired"] != nil
    isOpen = fields["open"] != "0"
    version = fields["version"]
    manner = fields["manner"] == "auto" ? nil : fields["manner"]
    isSweepingOffers = fields["sweep_offers"] != nil
    online = Int(fields["online"] ?? "") ?? 0
    slots = Int(fields["slots"] ?? "") ?? 0
    paused = Int(fields["paused"] ?? "") ?? 0
  }

  /// Whether a conversation is left to agents and supervisors here: all are, or it is outside the share. The lot is the one
  /// of `held_back` in `group.lua`.
  func holdsBack(_ conversation: String) -> Bool {
    guard let manner else { return false }
    guard let share = Int(manner) else { return true }
    var lot = 0
    for byte in conversation.utf8 { lot = (lot * 31 + Int(byte)) % 1_000_003 }
    return (lot * 7_919 % 1_000_003) % 10_000 >= share
  }
}
