/// What the functions in Redis need to know of an agent's configuration.
public struct AgentSettings: Sendable, Equatable {
  /// How many units it may hold at once, over all groups (routing, section 5).
  public var capacity: Int
  /// The groups that it serves.
  public var groups: [Membership] = []
  /// Proficiency by skill, in order of name.
  public var skills: [(skill: SkillID, proficiency: Int)] = []
  /// For the strategy `weighted`.
  public var weight = 1
  /// How many a minute come at most just after coming online; 0 is no bound.
  public var ramp = 0

  /// What an agent is in one of its groups.
  public struct Membership: Sendable, Equatable {
    /// The group.
    public var group: GroupID
    /// The strategy that orders the group's ready list.
    public var strategy: GroupConfiguration.Strategy
    /// Skill in this group, 1…10.
    public var skill: Int
    /// How many units of this group at once; nil is as many as the agent has.
    public var capacity: Int?
  }

  /// The settings of an agent in a configuration; of one whom it does not know: no groups, no capacity.
  public init(of agent: AgentID, in configuration: ShopConfiguration) {
    guard let found = configuration.agents[agent] else {
      capacity = 0
      return
    }
    capacity = found.capacity
    let countsByGroup = configuration.capacityScope == .group
    groups = found.groups.compactMap { membership in
      configuration.groups[membership.group].map { group in
        let own: Int? =
          if countsByGroup {
            membership.capacity ?? (found.capacityIsGiven ? found.capacity : group.capacity)
          } else {
            membership.capacity ?? (group.capacityIsGiven ? group.capacity : nil)
          }
        return Membership(
          group: group.id, strategy: group.strategy, skill: membership.skill, capacity: own)
      }
    }
    if countsByGroup { capacity = groups.reduce(0) { $0 + ($1.capacity ?? 0) } }
    skills = found.skills.map { ($0.key, $0.value) }.sorted { $0.skill < $1.skill }
    weight = found.weight
    ramp = found.ramp
  }

  /// Equal when everything is, in order.
  public static func == (left: AgentSettings, right: AgentSettings) -> Bool {
    left.capacity == right.capacity && left.groups == right.groups && left.weight == right.weight
      && left.ramp == right.ramp && left.skills.elementsEqual(right.skills, by: ==)
  }
}
