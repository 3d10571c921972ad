import Routing

/// What routing means (the design's `routing.md` and `protocol.md`), as plainly as it can be said: dictionaries,
/// linear searches, nothing stored that can be counted. It knows one shop, and time only as it is told.
///
/// The random test drives it and the real functions with the same events and compares all that both hold.
struct ReferenceModel {
  struct Conversation {
    enum State: String {
      case bot, waiting, active, closed
    }
    var id: ConversationID
    var customer: CustomerID
    var gateway: GatewayID
    var group: GroupID
    var level: Int
    var mode: Mode
    var state = State.bot
    var openedAt: Int64
    var queuedAt: Int64
    var waitingSince: Int64?
    /// Who gave it away and shall not have it back yet.
    var excluded: AgentID?
    var agent: AgentID?
    var reason = ""
    var waitedMs: Int64 = 0
    var assignedAt: Int64 = 0
    var spoke: Event.Speaker?
    var spokeAt: Int64?
    /// Whether its idle timer is set. Timers are lazy: a word only moves `spokeAt`.
    var idleIsArmed = false
    var closedAt: Int64 = 0
    var closedBy = ""
    var closeReason = ""
    var score: Int?
    var ratedAt: Int64?
    var comment: String?
  }

  struct Agent {
    enum Status: String {
      case online, paused, offline
    }
    var id: AgentID
    var status = Status.offline
    var gateway: GatewayID
    /// The capacity in force; it grows to `target` in steps of 100.
    var capacity = 0
    var target = 0
    var groups: [(group: GroupID, strategy: GroupConfiguration.Strategy)] = []
    var version: Int64 = 0
    var idleSince: Int64
    var onlineAt: Int64 = 0
    var heartbeatAt: Int64 = 0
    var offlineAt: Int64 = 0
    var turns: [GroupID: Int64] = [:]

    func serves(_ group: GroupID) -> Bool { groups.contains { $0.group == group } }
  }

  struct Group {
    var version: Int64 = 0
    /// Not in the configuration any more; those who wait here move to the default group.
    var isRetired = false
    var settings: GroupConfiguration
  }

  struct Customer {
    var revision: Int64
    var name: String?
    var vip: Bool?
    var level: Int?
  }

  /// A record must be brought to the configuration in force before the event that touches it.
  enum Behind: Error {
    case group(GroupID)
    case agent(AgentID)
  }

  /// The event cannot be applied.
  struct Refused: Error {}

  var now: Int64 = 0
  var configuration: ShopConfiguration
  var version: Int64
  var conversations: [ConversationID: Conversation] = [:]
  var agents: [AgentID: Agent] = [:]
  var groups: [GroupID: Group] = [:]
  /// The last turn drawn in each group.
  var turnsDrawn: [GroupID: Int64] = [:]
  var customers: [CustomerID: Customer] = [:]
  /// Timers, `KIND:SHOP:ID`, by due time.
  var due: [String: Int64] = [:]
  /// The last `n` of each source.
  var sources: [SourceID: Int64] = [:]
  var position: Int64 = 0
  var dead = 0
  /// Commands since they were last taken, and the last number of each gateway's.
  var outboxes: [GatewayID: [Command]] = [:]
  var sequences: [GatewayID: Int64] = [:]

  init(_ configuration: ShopConfiguration, version: Int64) {
    self.configuration = configuration
    self.version = version
  }

  // MARK: Looking

  /// Service order: level, then time of queueing, then id.
  static func comesFirst(_ one: Conversation, _ other: Conversation) -> Bool {
    if one.level != other.level { return one.level > other.level }
    if one.queuedAt != other.queuedAt { return one.queuedAt < other.queuedAt }
    return one.id < other.id
  }

  func queue(_ group: GroupID) -> [Conversation] {
    conversations.values.filter { $0.state == .waiting && $0.group == group }.sorted(by: Self.comesFirst)
  }

  func held(by agent: AgentID) -> [Conversation] {
    conversations.values.filter { $0.state == .active && $0.agent == agent }.sorted(by: Self.comesFirst)
  }

  func load(_ agent: AgentID) -> Int {
    conversations.values.count { $0.state == .active && $0.agent == agent }
  }

  func hasRoom(_ agent: Agent) -> Bool { agent.status == .online && load(agent.id) < agent.capacity }

  /// Agents who can take one more of the group, best first under the group's strategy.
  func ready(_ group: GroupID) -> [AgentID] {
    var ranked: [(rank: Int64, tie: Int64, id: AgentID)] = []
    for agent in agents.values where hasRoom(agent) {
      guard let place = agent.groups.first(where: { $0.group == group }) else { continue }
      let load = Int64(load(agent.id))
      switch place.strategy {
      case .roundRobin: ranked.append((0, agent.turns[group] ?? 0, agent.id))
      case .longestIdle: ranked.append((load > 0 ? 1 : 0, agent.idleSince, agent.id))
      default: ranked.append((load * 2047 / Int64(agent.capacity), agent.idleSince, agent.id))
      }
    }
    return ranked.sorted { ($0.rank, $0.tie, $0.id) < ($1.rank, $1.tie, $1.id) }.map(\.id)
  }

  func online(_ group: GroupID) -> [Agent] {
    agents.values.filter { $0.status == .online && $0.serves(group) }
  }

  func slots(_ group: GroupID) -> Int { online(group).reduce(0) { $0 + $1.capacity } }

  func timer(_ kind: String, _ id: some Name) -> String { "\(kind):\(configuration.shop):\(id)" }

  // MARK: Before touching

  func touch(_ agent: AgentID) throws(Behind) {
    if agents[agent]?.version != version { throw .agent(agent) }
  }

  func touch(_ group: GroupID) throws(Behind) {
    if groups[group]?.version != version { throw .group(group) }
  }

  /// The group itself, or the default group in place of one that is gone.
  func home(_ group: GroupID) throws(Behind) -> GroupID {
    if let record = groups[group], !record.isRetired {
      try touch(group)
      // A group that has just turned out to be gone is looked at again.
      return group
    }
    try touch(configuration.defaultGroup)
    return configuration.defaultGroup
  }

  /// The best agent of the group with room.
  func best(_ group: GroupID, except: AgentID?) throws(Behind) -> AgentID? {
    guard let best = ready(group).first(where: { $0 != except }) else { return nil }
    try touch(best)
    return best
  }

  func takesMore(_ group: GroupID) -> Bool {
    guard let record = groups[group] else { return false }
    return record.settings.queue.enabled && queue(group).count < record.settings.queue.limit
  }
}
