/// An agent as `agent.lua` reads it.
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
