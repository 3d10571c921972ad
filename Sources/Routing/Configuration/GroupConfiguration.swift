/// A skill group of agents: the keys `groups.ID`, with `group_defaults` merged under them.
public struct GroupConfiguration: Sendable, Equatable {
  /// The group.
  public var id: GroupID
  /// A name for people; the id where none is given.
  public var name: String
  /// The hours in which the group takes new conversations; nil is always.
  public var hours: ScheduleID?
  /// How one of several agents with room is chosen (routing, section 4.4).
  public var strategy = Strategy.leastLoaded
  /// Conversations at a time for an agent who gives no capacity itself; 1…10,000 (routing, section 5).
  public var capacity = 10
  /// Whether the file gives `capacity` for the group, itself or by `group_defaults`; only then it also bounds agents
  /// whose own capacity is larger (routing, section 5).
  public var capacityIsGiven = false
  /// Whether conversations come to agents by themselves.
  public var distribution = Distribution()
  /// Close when the customer has been silent for so long after the agent spoke; 0 is never.
  public var idleTimeout = Milliseconds.minutes(10)
  /// Alert the supervisor when the agent has been silent for so long after the customer spoke; 0 is never.
  public var responseAlert = Milliseconds.zero
  /// Give it to another agent without a first answer within this; 0 is never.
  public var answerWithin = Milliseconds.zero
  /// How long a slot stays taken after a close.
  public var wrapUp = Milliseconds.zero
  /// An answer within this counts as in time, for the statistics only.
  public var serviceLevel = Milliseconds.seconds(30)
  /// How its conversations wait.
  public var queue = QueueConfiguration()

  /// A group with the defaults of every key.
  public init(id: GroupID) {
    self.id = id
    self.name = id.rawValue
  }

  /// How one of several agents with room is chosen (routing, section 4.4).
  public enum Strategy: String, Sendable, CaseIterable {
    /// The smallest share of capacity used; ties to the longest idle.
    case leastLoaded = "least-loaded"
    /// Whoever has been without a new conversation for longest.
    case longestIdle = "longest-idle"
    /// In turn.
    case roundRobin = "round-robin"
    /// The highest skill in the group, then the least loaded.
    case mostSkilled = "most-skilled"
    /// In proportion to the agents' weights.
    case weighted
  }
}

/// Whether conversations come to a group's agents by themselves, optionally by the clock.
public struct Distribution: Sendable, Equatable {
  /// What holds while a schedule is open; the first open one counts, in file order.
  public var bySchedule: [Scheduled]
  /// What holds otherwise.
  public var otherwise: Manner

  /// Makes a distribution; without arguments, everything comes by itself at all times.
  public init(bySchedule: [Scheduled] = [], otherwise: Manner = .auto) {
    self.bySchedule = bySchedule
    self.otherwise = otherwise
  }

  /// Whether conversations come by themselves.
  public enum Manner: Sendable, Hashable {
    /// They do.
    case auto
    /// Agents pull them, or supervisors assign them.
    case manual
    /// Such a share does, `{auto: 80%}`; the rest is pulled or assigned.
    case share(Share)
  }

  /// What holds while one schedule is open.
  public struct Scheduled: Sendable, Equatable {
    /// The schedule.
    public var schedule: ScheduleID
    /// What holds while it is open.
    public var manner: Manner

    /// Makes an entry.
    public init(schedule: ScheduleID, manner: Manner) {
      self.schedule = schedule
      self.manner = manner
    }
  }
}
