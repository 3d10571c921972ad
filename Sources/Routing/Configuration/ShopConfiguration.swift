/// Everything that a shop's YAML file says, checked (routing, "Configuration keys").
///
/// A value of this type keeps every promise that its properties' comments make, and every name in it that
/// refers to something refers to something that exists, as long as it came from `parse(_:file:)`.
public struct ShopConfiguration: Sendable, Equatable {
  /// The tenant.
  public var shop: ShopID
  /// The IANA zone of all schedules.
  public var timezone = "UTC"
  /// Hours by name.
  public var schedules: [ScheduleID: Schedule] = [:]
  /// Where a customer's level comes from.
  public var levels = Levels()
  /// The group where no rule matched; the first in file order where the file names none.
  public var defaultGroup: GroupID
  /// The mode where no rule matched.
  public var defaultMode = Mode.humanFirst
  /// How returning customers find their agent again.
  public var returning = Returning()
  /// How long a conversation waits for the one agent that it is meant for.
  public var dedicatedWait = Milliseconds.seconds(60)
  /// An agent rated at or below this is passed over for that customer; 0…5, 0 is off.
  public var badRating = 2
  /// Whether capacity counts over all groups of an agent or in each.
  public var capacityScope = CapacityScope.agent
  /// How long an agent may vanish before its conversations go back to the queue.
  public var offlineGrace = Milliseconds.seconds(15)
  /// An agent silent for longer is offline; 0 is off.
  public var heartbeat = Milliseconds.zero
  /// How long after the end a rating may come; nil where there is no survey.
  public var surveyWindow: Milliseconds?
  /// Where alerts go.
  public var supervisorGateway: GatewayID?
  /// What `shop.emergency` switches on.
  public var emergency = Emergency()
  /// What customers are told.
  public var texts = ShopTexts()
  /// The assistant.
  public var assistant = AssistantConfiguration()
  /// The groups, at least one.
  public var groups: [GroupID: GroupConfiguration]
  /// The groups in file order.
  public var groupOrder: [GroupID]
  /// The agents, at most 200,000.
  public var agents: [AgentID: AgentConfiguration] = [:]
  /// The rules in file order, at most 20,000.
  public var rules: [RuleConfiguration] = []
  /// How long closed records are kept.
  public var retention = Retention()
  /// What the file said that `warnings()` has to mention.
  var notes = ConfigurationNotes()

  /// A shop with these groups, in this order, and otherwise the defaults. `defaultGroup` is among `groups`.
  public init(shop: ShopID, groups: [GroupConfiguration], defaultGroup: GroupID) {
    self.shop = shop
    self.groups = Dictionary(groups.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.groupOrder = groups.map(\.id)
    self.defaultGroup = defaultGroup
  }

  /// The keys `levels` (routing, section 1).
  public struct Levels: Sendable, Equatable {
    /// Where the level comes from.
    public var source = Source.attribute
    /// The URL parameter that gives it.
    public var param = "level"
    /// The level of a VIP that gives none.
    public var vip = Level(clamping: 5)

    /// The defaults.
    public init() {}

    /// Where a customer's level comes from.
    public enum Source: String, Sendable, CaseIterable {
      /// The customer's `level`, or `levels.vip` of a VIP.
      case attribute
      /// The URL parameter.
      case param
      /// The URL parameter where it is given and valid, else as `attribute`.
      case paramThenAttribute = "param-then-attribute"
    }
  }

  /// The keys `return` (routing, section 4.3).
  public struct Returning: Sendable, Equatable {
    /// So long after the last end a customer counts as returning; 0 is off.
    public var window = Milliseconds.minutes(30)
    /// Who may be given a returning customer above capacity.
    public var overCapacity = OverCapacity.group

    /// The defaults.
    public init() {}

    /// Who may be given a returning customer above capacity.
    public enum OverCapacity: String, Sendable, CaseIterable {
      /// The same agent and, failing that, others of its group.
      case group
      /// Only the same agent.
      case agent
      /// Nobody.
      case never
    }
  }

  /// Over what an agent's capacity counts (routing, section 5).
  public enum CapacityScope: String, Sendable, CaseIterable {
    /// One number over all groups.
    case agent
    /// The number in each group.
    case group
  }

  /// The keys `emergency`.
  public struct Emergency: Sendable, Equatable {
    /// What every new customer is told; nil leaves `texts.emergency`.
    public var notice: String?
    /// The mode meanwhile; nil leaves it as it is.
    public var mode: Mode?
    /// The group for everybody meanwhile; nil leaves it as it is.
    public var group: GroupID?

    /// Nothing given.
    public init() {}
  }

  /// The keys `retention`: how long closed records are kept in Redis.
  public struct Retention: Sendable, Equatable {
    /// Closed conversations.
    public var conversations = Milliseconds.days(1)
    /// Customers not seen again.
    public var customers = Milliseconds.days(90)
    /// Statistics by the hour.
    public var statistics = Milliseconds.days(400)

    /// The defaults.
    public init() {}
  }
}
