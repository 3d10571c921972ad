/// A person who serves conversations: the keys `agents.ID`.
public struct AgentConfiguration: Sendable, Equatable {
  /// The agent.
  public var id: AgentID
  /// A name for people; nil where none is given.
  public var name: String?
  /// The groups that the agent serves, in file order, each once; at most 64.
  public var groups: [Membership]
  /// Conversations at a time over all groups, 1…10,000 (routing, section 5). Where the file gives none: the
  /// largest over its groups of the membership's capacity or else the group's; without groups, that of
  /// `group_defaults`.
  public var capacity: Int
  /// Whether the file gives `capacity` itself.
  public var capacityIsGiven: Bool
  /// For the strategy `weighted`; 1…10,000.
  public var weight: Int
  /// Proficiency by skill, 1…10.
  public var skills: [SkillID: Int]
  /// How many conversations a minute come at most just after coming online; 0 is no bound.
  public var ramp: Int

  /// Makes an agent.
  public init(
    id: AgentID, name: String? = nil, groups: [Membership] = [], capacity: Int = 10,
    capacityIsGiven: Bool = false, weight: Int = 1, skills: [SkillID: Int] = [:], ramp: Int = 0
  ) {
    self.id = id
    self.name = name
    self.groups = groups
    self.capacity = capacity
    self.capacityIsGiven = capacityIsGiven
    self.weight = weight
    self.skills = skills
    self.ramp = ramp
  }

  /// What an agent is in one of its groups.
  public struct Membership: Sendable, Equatable {
    /// The group.
    public var group: GroupID
    /// Skill in this group, 1…10.
    public var skill: Int
    /// Conversations of this group at a time, 1…10,000; nil leaves it to the group.
    public var capacity: Int?

    /// Makes a membership.
    public init(group: GroupID, skill: Int = 5, capacity: Int? = nil) {
      self.group = group
      self.skill = skill
      self.capacity = capacity
    }
  }
}
