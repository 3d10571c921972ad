/// Whether one condition follows from another, for finding rules that can never be reached. All of these are on the
/// safe side: a yes is certain, a no only means that it was not seen.
extension RuleCondition {
  /// Whether `other` holds whenever this one does. Keywords are left out: they are looked up for all rules at once.
  func implies(_ other: RuleCondition) -> Bool {
    switch (self, other) {
    case (.level(let mine), .level(let others)):
      Self.levels.allSatisfy { !mine.holds(for: $0) || others.holds(for: $0) }
    case (.vip(let mine), .vip(let others)): mine == others
    case (.tags(let mine), .tags(let others)): mine.isSubset(of: others)
    case (.ids(let mine), .ids(let others)): mine.isSubset(of: others)
    case (.attribute(let name, let mine), .attribute(let other, let others)):
      name == other && mine.allSatisfy { one in others.contains { one.implies($0) } }
    case (.category(let mine), .category(let others)): mine.isSubset(of: others)
    case (.schedule(let mine), .schedule(let others)): mine == others
    case (.location(let name, let mine), .location(let other, let others)):
      name == other && mine.isSubset(of: others)
    case (.channel(let mine), .channel(let others)): mine.isSubset(of: others)
    case (.param(let name, let mine), .param(let other, let others)):
      name == other && mine.isSubset(of: others)
    default: false
    }
  }

  /// Whether it holds for everybody, as `level: ">=0"` does.
  var alwaysHolds: Bool {
    if case .level(let condition) = self { Self.levels.allSatisfy(condition.holds) } else { false }
  }

  private static let levels = (0...10).map(Double.init)
}

extension RuleConfiguration.AttributeCondition {
  /// Whether every value that meets this condition meets `other` too.
  func implies(_ other: Self) -> Bool {
    switch (self, other) {
    case (.equals(let value), _): other.holds(for: value)
    case (.compares(let mine), .compares(let others)): mine.implies(others)
    case (.compares(let mine), .equals(.number(let number))): mine.implies(.equal(number))
    case (.compares, .equals): false
    }
  }
}

extension NumberCondition {
  /// Whether every number that meets this condition meets `other` too.
  func implies(_ other: NumberCondition) -> Bool {
    let (mine, others) = (range, other.range)
    let isLowWithin =
      mine.low > others.low || mine.low == others.low && (mine.takesLow ? others.takesLow : true)
    let isHighWithin =
      mine.high < others.high || mine.high == others.high && (mine.takesHigh ? others.takesHigh : true)
    return isLowWithin && isHighWithin
  }

  private var range: (low: Double, takesLow: Bool, high: Double, takesHigh: Bool) {
    switch self {
    case .equal(let bound): (bound, true, bound, true)
    case .atLeast(let bound): (bound, true, .infinity, true)
    case .above(let bound): (bound, false, .infinity, true)
    case .atMost(let bound): (-.infinity, true, bound, true)
    case .below(let bound): (-.infinity, true, bound, false)
    case .between(let low, let high): (low, true, high, true)
    }
  }
}
