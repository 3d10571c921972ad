/// One rule of `rules` (routing, section 2): it matches when every part that it gives matches.
///
/// In every list, empty means that the part is not given; a file cannot give an empty list.
public struct RuleConfiguration: Sendable, Equatable {
  /// Its name, unique within the shop, at most 128 bytes; it appears in records and is hashed for `sample`.
  public var name: String
  /// The customer.
  public var who: Who
  /// What it is about.
  public var what: What
  /// The clock; nil where not given.
  public var when: ScheduleCondition?
  /// Where the customer is.
  public var location: Location
  /// By which way the customer came.
  public var how: How
  /// The share of customers that it applies to; nil is all.
  public var sample: Share?
  /// Whether the search goes on after a match (`continue`); then only `route.level` and `route.tags` count.
  public var continues: Bool
  /// What follows from a match.
  public var route: Route

  /// Makes a rule.
  public init(
    name: String, who: Who = Who(), what: What = What(), when: ScheduleCondition? = nil,
    location: Location = Location(), how: How = How(), sample: Share? = nil, continues: Bool = false,
    route: Route = Route()
  ) {
    self.name = name
    self.who = who
    self.what = what
    self.when = when
    self.location = location
    self.how = how
    self.sample = sample
    self.continues = continues
    self.route = route
  }

  /// The part `who`.
  public struct Who: Sendable, Equatable {
    /// A condition on the customer's level.
    public var level: NumberCondition?
    /// Whether the customer is to be VIP or not to be.
    public var vip: Bool?
    /// Any of these tags.
    public var tags: [String]
    /// Any of these customers.
    public var ids: [CustomerID]
    /// For each attribute named, any of these.
    public var attributes: [String: [AttributeCondition]]

    /// Makes the part.
    public init(
      level: NumberCondition? = nil, vip: Bool? = nil, tags: [String] = [], ids: [CustomerID] = [],
      attributes: [String: [AttributeCondition]] = [:]
    ) {
      self.level = level
      self.vip = vip
      self.tags = tags
      self.ids = ids
      self.attributes = attributes
    }
  }

  /// A condition on the value of one attribute.
  public enum AttributeCondition: Sendable, Equatable {
    /// The very value: `gold`, `20`, `true`. Quoted, a number or flag is a text.
    case equals(Event.AttributeValue)
    /// A comparison: `">=20"`, `"2..4"`.
    case compares(NumberCondition)
  }

  /// The part `what`.
  public struct What: Sendable, Equatable {
    /// Any of these within the customer's texts, as written in the file: not yet normalised or folded.
    public var keywords: [String]
    /// Any of these chosen in a menu.
    public var category: [String]

    /// Makes the part.
    public init(keywords: [String] = [], category: [String] = []) {
      self.keywords = keywords
      self.category = category
    }
  }

  /// The part `where`, from the customer's attributes.
  public struct Location: Sendable, Equatable {
    /// Any of these provinces.
    public var province: [String]
    /// Any of these cities.
    public var city: [String]
    /// Any of these countries.
    public var country: [String]

    /// Makes the part.
    public init(province: [String] = [], city: [String] = [], country: [String] = []) {
      self.province = province
      self.city = city
      self.country = country
    }
  }

  /// The part `how`.
  public struct How: Sendable, Equatable {
    /// Any of these channels.
    public var channel: [String]
    /// For each URL parameter named, any of these values.
    public var params: [String: [String]]

    /// Makes the part.
    public init(channel: [String] = [], params: [String: [String]] = [:]) {
      self.channel = channel
      self.params = params
    }
  }

  /// The part `route`: what follows from a match.
  public struct Route: Sendable, Equatable {
    /// The group; nil leaves the default.
    public var group: GroupID?
    /// What becomes of the customer's level.
    public var level: LevelChange?
    /// The mode; nil leaves the default.
    public var mode: Mode?
    /// Tags to add.
    public var tags: [String]
    /// Groups that take over when the first is full or disabled.
    public var overflow: [GroupID]
    /// Which agents come first, whatever the group's strategy.
    public var prefer: Preference?
    /// The least proficiency that is asked of the agent, by skill, 1…10.
    public var skills: [SkillID: Int]
    /// How much of an agent's capacity such a conversation takes, 1…10,000.
    public var weight: Int

    /// Makes the part.
    public init(
      group: GroupID? = nil, level: LevelChange? = nil, mode: Mode? = nil, tags: [String] = [],
      overflow: [GroupID] = [], prefer: Preference? = nil, skills: [SkillID: Int] = [:], weight: Int = 1
    ) {
      self.group = group
      self.level = level
      self.mode = mode
      self.tags = tags
      self.overflow = overflow
      self.prefer = prefer
      self.skills = skills
      self.weight = weight
    }
  }

  /// Which agents come first, whatever the group's strategy.
  public enum Preference: String, Sendable, CaseIterable {
    /// Those with the highest skill in the group.
    case mostSkilled = "most-skilled"
  }
}
