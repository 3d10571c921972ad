import Routing

/// What routing means (`deploy/routing.md` and the design's `routing.md` and `protocol.md`), as plainly as it
/// can be said: dictionaries, linear searches, nothing stored that can be counted. It knows one shop, and
/// time only as it is told.
///
/// The random test drives it and the real functions with the same events and compares all that both hold.
struct ReferenceModel {
  var now: Int64 = 0
  private(set) var version: Int64
  private var plan: Plan
  var conversations: [ConversationID: Conversation] = [:]
  var agents: [AgentID: Agent] = [:]
  var groups: [GroupID: Group] = [:]
  var tallies: [GroupID: Tally] = [:]
  var customers: [CustomerID: Customer] = [:]
  /// The emergency that is on; what it means is said by the plan of the configuration in force.
  var emergency: Emergency?
  /// Timers, `KIND:SHOP:ID`, by due time.
  var due: [String: Int64] = [:]
  /// The last `n` of each source.
  var sources: [SourceID: Int64] = [:]
  var position: Int64 = 0
  var dead = 0
  /// What is counted: by key behind `stats:`, then by field.
  var statistics: [String: [String: Int64]] = [:]
  /// Commands since they were last taken, and the last number of each gateway's.
  var outboxes: [GatewayID: [Command]] = [:]
  var sequences: [GatewayID: Int64] = [:]

  struct Emergency: Equatable {
    /// The event's own notice.
    var notice: String?
  }

  /// The configuration in force, and what is made of it once. An object, so that a copy of the model costs
  /// little.
  private final class Plan {
    let configuration: ShopConfiguration
    let rules: RulePlan
    let clock: ScheduleClock

    init(_ configuration: ShopConfiguration) {
      self.configuration = configuration
      rules = RulePlan(configuration)
      clock = ScheduleClock(timezone: configuration.timezone, schedules: configuration.schedules)
    }
  }

  init(_ configuration: ShopConfiguration, version: Int64) {
    plan = Plan(configuration)
    self.version = version
  }

  var configuration: ShopConfiguration { _read { yield plan.configuration } }
  var rules: RulePlan { plan.rules }
  var clock: ScheduleClock { plan.clock }

  /// Puts a configuration in force; records follow.
  mutating func apply(_ configuration: ShopConfiguration, version: Int64) {
    plan = Plan(configuration)
    self.version = version
    // Each group's record is set aside until it is touched, those that did not change too.
    for group in groups.keys {
      groups[group]?.version = 0
      groups[group]?.isRetired = false
    }
    for (id, settings) in configuration.groups where groups[id] == nil {
      let clock = GroupClock(isOpen: true, manner: .auto, until: nil)
      groups[id] = Group(isNew: true, settings: settings, clock: clock)
    }
  }

  func timer(_ kind: String, _ id: some Name) -> String { "\(kind):\(configuration.shop):\(id)" }

  // MARK: Before touching

  func touch(_ agent: AgentID) throws(Behind) {
    if agents[agent]?.version != version { throw .agent(agent) }
  }

  /// The group, under the configuration and the clock that hold now; nil if the configuration has none such.
  @discardableResult
  func look(_ id: GroupID) throws(Behind) -> Group? {
    guard let group = groups[id] else {
      if configuration.groups[id] != nil { throw .group(id) }
      return nil
    }
    if group.version != version { throw .group(id) }
    if group.isRetired { return nil }
    if let until = group.clock.until, until.rawValue <= now { throw .group(id) }
    return group
  }

  /// Whether a group has a record, settled or not.
  func exists(_ id: GroupID) -> Bool { groups[id].map { !$0.isRetired } ?? false }

  /// The group's settings as its record has them, also one that is gone from the configuration.
  func recorded(_ id: GroupID) -> GroupConfiguration? { groups[id].flatMap { $0.isNew ? nil : $0.settings } }

  /// The group's settings as its record has them, for what happens beside.
  func settings(_ id: GroupID) -> GroupConfiguration? {
    guard let group = groups[id], !group.isRetired, !group.isNew else { return nil }
    return group.settings
  }

  /// The group itself, or the default group in place of one that is gone.
  func home(_ id: GroupID) throws(Behind) -> GroupID {
    if try look(id) != nil { return id }
    try look(configuration.defaultGroup)
    return configuration.defaultGroup
  }
}
