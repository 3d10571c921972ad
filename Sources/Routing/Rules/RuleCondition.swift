/// One condition of a rule, made ready for looking at many requests. A rule matches when all of its conditions hold
/// and the customer belongs to its sample (routing, section 2).
///
/// Texts are compared as Swift compares them, so `é` is the same in one scalar as in two.
enum RuleCondition: Sendable, Equatable {
  /// `who.level`
  case level(NumberCondition)
  /// `who.vip`
  case vip(Bool)
  /// `who.tags`
  case tags(Set<String>)
  /// `who.ids`
  case ids(Set<CustomerID>)
  /// `who.attributes`, one of them
  case attribute(String, [RuleConfiguration.AttributeCondition])
  /// `what.keywords`
  case keywords([FoldedText])
  /// `what.category`
  case category(Set<String>)
  /// `when`
  case schedule(ScheduleCondition)
  /// `where`, one key of it: a text among the customer's attributes
  case location(String, Set<String>)
  /// `how.channel`
  case channel(Set<String>)
  /// `how.params`, one of them
  case param(String, Set<String>)

  /// The conditions of a rule, in the order of ``RulePart``. What the rule does not give is no condition.
  static func all(of rule: RuleConfiguration) -> [RuleCondition] {
    var all: [RuleCondition] = []
    func add<Choice>(_ choices: [Choice], _ condition: (Set<Choice>) -> RuleCondition) {
      if !choices.isEmpty { all.append(condition(Set(choices))) }
    }
    if let level = rule.who.level { all.append(.level(level)) }
    if let vip = rule.who.vip { all.append(.vip(vip)) }
    add(rule.who.tags) { .tags($0) }
    add(rule.who.ids) { .ids($0) }
    // Sorted, so that the same file always gives the same conditions.
    for (name, conditions) in rule.who.attributes.sorted(by: { $0.key < $1.key }) where !conditions.isEmpty {
      all.append(.attribute(name, conditions))
    }
    if !rule.what.keywords.isEmpty { all.append(.keywords(rule.what.keywords.map(FoldedText.init))) }
    add(rule.what.category) { .category($0) }
    if let when = rule.when { all.append(.schedule(when)) }
    add(rule.location.province) { .location("province", $0) }
    add(rule.location.city) { .location("city", $0) }
    add(rule.location.country) { .location("country", $0) }
    add(rule.how.channel) { .channel($0) }
    for (name, values) in rule.how.params.sorted(by: { $0.key < $1.key }) {
      add(values) { .param(name, $0) }
    }
    return all
  }

  /// The part of the rule that it belongs to.
  var part: RulePart {
    switch self {
    case .level, .vip, .tags, .ids, .attribute: .who
    case .keywords, .category: .what
    case .schedule: .when
    case .location: .location
    case .channel, .param: .how
    }
  }

  /// The folded keywords, where it is the condition on them.
  var keywords: [FoldedText]? {
    if case .keywords(let keywords) = self { keywords } else { nil }
  }

  /// Whether it holds.
  ///
  /// - Parameters:
  ///   - level: the level so far: of the request, as changed by rules with `continue` above.
  ///   - hasKeyword: whether one of the rule's keywords was found; the automaton looks for those of all rules at once.
  func holds(
    for request: RoutingRequest, level: Level, hasKeyword: Bool, isOpen: (ScheduleID) -> Bool
  ) -> Bool {
    switch self {
    case .level(let condition): condition.holds(for: Double(level.rawValue))
    case .vip(let wanted): (request.customer.vip ?? false) == wanted
    case .tags(let any): request.customer.tags.contains(where: any.contains)
    case .ids(let any): any.contains(request.customer.id)
    case .attribute(let name, let any):
      request.customer.attributes[name].map { value in any.contains { $0.holds(for: value) } } ?? false
    case .keywords: hasKeyword
    case .category(let any): request.category.map(any.contains) ?? false
    case .schedule(let condition): isOpen(condition.schedule) == condition.open
    case .location(let name, let any):
      if case .text(let place) = request.customer.attributes[name] { any.contains(place) } else { false }
    case .channel(let any): request.channel.map(any.contains) ?? false
    case .param(let name, let any): request.params[name].map(any.contains) ?? false
    }
  }
}

extension RuleConfiguration.AttributeCondition {
  /// Whether an attribute meets the condition. A number is met by a text that reads as that number too, since not
  /// every gateway keeps the two apart; a text, which a number in quotes is as well, only by that text.
  func holds(for value: Event.AttributeValue) -> Bool {
    switch (self, value) {
    case (.equals(.text(let wanted)), .text(let text)): text == wanted
    case (.equals(.flag(let wanted)), .flag(let flag)): flag == wanted
    case (.equals(.number(let wanted)), _): value.decimal == wanted
    case (.compares(let condition), _): value.decimal.map(condition.holds) ?? false
    case (.equals, _): false
    }
  }
}

extension Event.AttributeValue {
  /// The number that it is or reads as: `20`, `-3`, `99.50`, but not `0571`, which is an area code.
  var decimal: Double? {
    switch self {
    case .number(let number): number
    case .text(let text): DecimalText.decimal(text)
    case .flag: nil
    }
  }
}
