/// The rules of one configuration, made ready for routing (routing, section 2). Made once for each configuration, used
/// for every request.
///
/// Rules are looked at in file order and the first that matches decides, except that a rule with `continue` only adds
/// its level and tags. The search skips every rule with keywords none of which was said: one walk over the texts finds
/// those that were, so ten thousand such rules cost what ten do.
public struct RulePlan: Sendable {
  struct Rule: Sendable {
    let name: String
    let conditions: [RuleCondition]
    let sample: Share?
    let continues: Bool
    let route: RuleConfiguration.Route
  }

  /// In file order.
  let rules: [Rule]
  /// The indices of the rules without keywords, in file order; these are looked at for every request.
  let rulesWithoutKeywords: [Int]
  /// The keywords of all others; its ids are indices of rules.
  let keywords: KeywordAutomaton
  private let defaultGroup: GroupID
  private let defaultMode: Mode

  /// Compiles the rules of a configuration.
  public init(_ configuration: ShopConfiguration) {
    rules = configuration.rules.map { rule in
      Rule(
        name: rule.name, conditions: RuleCondition.all(of: rule), sample: rule.sample,
        continues: rule.continues, route: rule.route)
    }
    rulesWithoutKeywords = configuration.rules.indices.filter {
      configuration.rules[$0].what.keywords.isEmpty
    }
    let words = rules.enumerated().lazy.flatMap { index, rule in
      rule.conditions.lazy.compactMap(\.keywords).joined().map { ($0, index) }
    }
    keywords = KeywordAutomaton(folded: words)
    defaultGroup = configuration.defaultGroup
    defaultMode = configuration.defaultMode
  }

  /// What the rules say of a request.
  ///
  /// A relative level of a rule applies to the level so far, and the result is kept within 0…10; a later rule's
  /// `who.level` looks at the level so far too. The tags that rules add belong to the conversation and are none of the
  /// customer's, so no rule's `who.tags` sees them.
  ///
  /// - Parameter isOpen: whether a schedule is open at the moment of routing; asked at most once for each schedule.
  public func route(_ request: RoutingRequest, isOpen: (ScheduleID) -> Bool) -> RoutedRequest {
    var search = RuleSearch(request)
    var decisive: Rule?
    for index in FileOrder(rulesWithoutKeywords, rulesSaid(in: request).sorted()) {
      guard search.visit(rules[index], hasKeyword: true, isOpen: isOpen) == .matched else { continue }
      decisive = rules[index]
      break
    }
    let group = request.group ?? decisive?.route.group ?? defaultGroup
    var result = RoutedRequest(
      group: group, level: search.level, mode: decisive?.route.mode ?? defaultMode, rule: decisive?.name)
    result.continued = search.continued
    result.tags = search.tags
    result.arms = search.arms
    if let route = decisive?.route {
      result.overflow = route.overflow.filter { $0 != group }
      result.prefer = route.prefer
      result.skills = route.skills
      result.weight = route.weight
    }
    return result
  }

  /// What becomes of each rule, from the first to the one that decides, or to the last where none does.
  ///
  /// - Parameter isOpen: as in ``route(_:isOpen:)``.
  public func trace(_ request: RoutingRequest, isOpen: (ScheduleID) -> Bool) -> [RuleStep] {
    var search = RuleSearch(request)
    let said = rulesSaid(in: request)
    var steps: [RuleStep] = []
    for (index, rule) in rules.enumerated() {
      let outcome = search.visit(rule, hasKeyword: said.contains(index), isOpen: isOpen)
      steps.append(RuleStep(rule: rule.name, outcome: outcome))
      if outcome == .matched { break }
    }
    return steps
  }

  /// The indices of the rules with keywords of which at least one is in a text.
  private func rulesSaid(in request: RoutingRequest) -> Set<Int> {
    keywords.isEmpty ? [] : keywords.matches(in: request.texts.lazy.map(FoldedText.init))
  }
}

/// Two lists of rules, each in file order and without a rule in common, as one.
private struct FileOrder: Sequence, IteratorProtocol {
  private var left: ArraySlice<Int>
  private var right: ArraySlice<Int>

  init(_ left: [Int], _ right: [Int]) {
    self.left = left[...]
    self.right = right[...]
  }

  mutating func next() -> Int? {
    guard let first = left.first else { return right.popFirst() }
    guard let other = right.first, other < first else { return left.popFirst() }
    return right.popFirst()
  }
}
