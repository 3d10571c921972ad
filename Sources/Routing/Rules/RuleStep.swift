/// What became of one rule that was looked at, for `fenliu explain` (routing, "Why").
public struct RuleStep: Sendable, Equatable {
  /// The rule's name.
  public var rule: String
  /// What became of it.
  public var outcome: Outcome

  /// Makes a step.
  public init(rule: String, outcome: Outcome) {
    self.rule = rule
    self.outcome = outcome
  }

  /// What became of a rule.
  public enum Outcome: Sendable, Equatable {
    /// It decided.
    case matched
    /// It matched, and by `continue` the search went on.
    case continued
    /// This part did not match; the first such in the order of ``RulePart``.
    case missed(RulePart)
  }
}

/// The parts of a rule that can keep it from matching, in the order in which they are looked at.
public enum RulePart: String, Sendable, CaseIterable {
  /// The customer.
  case who
  /// What it is about.
  case what
  /// The clock.
  case when
  /// Where the customer is.
  case location = "where"
  /// By which way the customer came.
  case how
  /// The share of customers. Last, so that whoever stands in a trial's other arm is known to match otherwise.
  case sample
}
