/// What the rules say of a request (routing, section 2, `route`).
public struct RoutedRequest: Sendable, Equatable {
  /// The group that shall serve it: the one asked for, else the rule's, else the default.
  public var group: GroupID
  /// Its priority, after every rule that changes it.
  public var level: Level
  /// Person or assistant.
  public var mode: Mode
  /// The rule that decided, which is never one with `continue`; nil where none did and the default holds.
  public var rule: String?
  /// The rules with `continue` that matched before, in file order.
  public var continued: [String] = []
  /// The tags that rules add, each once, in order.
  public var tags: [String] = []
  /// Groups that take over when `group` is full or disabled; never `group` itself.
  public var overflow: [GroupID] = []
  /// Which agents come first, whatever the group's strategy.
  public var prefer: RuleConfiguration.Preference?
  /// The least proficiency that is asked of the agent, by skill, 1…10.
  public var skills: [SkillID: Int] = [:]
  /// How much of an agent's capacity it takes, 1…10,000.
  public var weight = 1
  /// On which side of which trials the customer is: for every rule with `sample` that was reached and whose other
  /// parts all match, in file order.
  public var arms: [SampleArm] = []

  /// Makes a result; what is not given here is as where no rule says anything.
  public init(group: GroupID, level: Level, mode: Mode, rule: String? = nil) {
    self.group = group
    self.level = level
    self.mode = mode
    self.rule = rule
  }
}

/// One side of a trial: a rule with `sample`, and whether the customer belongs to its share.
public struct SampleArm: Sendable, Hashable {
  /// The rule's name.
  public var rule: String
  /// Whether the rule applies to the customer.
  public var isInSample: Bool

  /// Makes a side.
  public init(rule: String, isInSample: Bool) {
    self.rule = rule
    self.isInSample = isInSample
  }
}
