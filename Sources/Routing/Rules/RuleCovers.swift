/// Finds, for a rule, an earlier one that decides whenever it would: one without `continue` and without a sample whose
/// every condition follows from the later rule's (routing, section 2, first match).
///
/// Comparing 20,000 rules in pairs is 200 million comparisons. So an earlier rule is filed under the values of one of
/// its conditions, and a later one looks only there: where it asks for `channel: app`, whatever covers it by the
/// channel is filed under `app`. Keywords are filed in an automaton, since a keyword is covered by any that it contains.
struct RuleCovers {
  /// An earlier rule, which may cover others.
  private struct Cover {
    let index: Int
    /// Apart from keywords, and those that always hold.
    let conditions: [RuleCondition]
  }

  /// Under one value no more are filed: a warning that is missed costs less than a check that takes minutes.
  private static let mostInOnePlace = 32
  /// Of one keyword no more earlier ones are looked at, for the same reason.
  private static let mostWithin = 256

  private let plan: RulePlan
  /// For each rule how many rules with `continue` change the level before it. A condition on the level means the same
  /// to two rules only where none stands between them.
  private let levelChanges: [Int]
  private let keywords: KeywordAutomaton
  private let coversWithKeywords: [Int: Cover]
  private var filed: [Place: [Cover]] = [:]

  init(_ plan: RulePlan) {
    self.plan = plan
    var changes = 0
    let levelChanges = plan.rules.map { rule in
      defer { changes += rule.continues && rule.route.level != nil ? 1 : 0 }
      return changes
    }
    self.levelChanges = levelChanges
    var byWord: [FoldedText: [Cover]] = [:]
    var covers: [Int: Cover] = [:]
    for (index, rule) in plan.rules.enumerated() where rule.canCover {
      let cover = Cover(index: index, conditions: rule.conditionsToImply)
      for word in rule.conditions.compactMap(\.keywords).joined() {
        let before = byWord[word, default: []]
        // Whatever this one covers by that word, an equal one before it covers already.
        guard before.count < Self.mostInOnePlace,
          !before.contains(where: {
            $0.conditions == cover.conditions && levelChanges[$0.index] == levelChanges[index]
          })
        else { continue }
        byWord[word, default: []].append(cover)
        covers[index] = cover
      }
    }
    coversWithKeywords = covers
    keywords = KeywordAutomaton(
      folded: byWord.lazy.flatMap { word, covers in covers.lazy.map { (word, $0.index) } })
  }

  /// The first rule without keywords that was filed and covers this one.
  func coverWithoutKeywords(of index: Int) -> Int? {
    let conditions = plan.rules[index].conditions
    let places = conditions.compactMap { Place.toLook(for: $0) }.joined()
    return places.lazy.compactMap { place in
      filed[place]?.first { covers($0, index, conditions) }?.index
    }.min()
  }

  /// The first rule before this one that covers it as far as this keyword of it is concerned.
  func cover(of index: Int, for keyword: FoldedText) -> Int? {
    let conditions = plan.rules[index].conditions
    let within = keywords.matches(in: CollectionOfOne(keyword), limit: Self.mostWithin)
    return within.filter { $0 < index }.sorted().first { earlier in
      coversWithKeywords[earlier].map { covers($0, index, conditions) } ?? false
    }
  }

  /// Files a rule, so that rules after it find it. One that is covered itself need not be filed.
  mutating func file(_ index: Int) {
    let rule = plan.rules[index]
    guard rule.canCover, !rule.hasKeywords else { return }
    let cover = Cover(index: index, conditions: rule.conditionsToImply)
    func fullest(_ places: [Place]) -> Int { places.map { filed[$0]?.count ?? 0 }.max() ?? 0 }
    let choices = cover.conditions.map(Place.toFile).map { ($0, fullest($0)) }
    guard let (places, count) = choices.min(by: { $0.1 < $1.1 }), count < Self.mostInOnePlace else { return }
    for place in places { filed[place, default: []].append(cover) }
  }

  private func covers(_ cover: Cover, _ index: Int, _ conditions: [RuleCondition]) -> Bool {
    cover.conditions.allSatisfy { wanted in
      if case .level = wanted, levelChanges[cover.index] != levelChanges[index] { return false }
      return conditions.contains { $0.implies(wanted) }
    }
  }
}

extension RulePlan.Rule {
  var hasKeywords: Bool { conditions.contains { $0.keywords != nil } }

  /// Whether it decides whenever its conditions hold.
  var canCover: Bool { !continues && (sample ?? .whole) == .whole }

  /// What has to follow from a later rule's conditions, apart from keywords.
  var conditionsToImply: [RuleCondition] { conditions.filter { $0.keywords == nil && !$0.alwaysHolds } }

  /// Whether it decides about everybody who comes so far.
  var takesAll: Bool { canCover && !hasKeywords && conditionsToImply.isEmpty }
}

/// Where a rule is filed: a key of a condition, and one value of it where it has any.
private struct Place: Hashable {
  let key: String
  let value: String?

  /// The places of a condition of a rule that may cover others: one for each value that it accepts.
  static func toFile(_ condition: RuleCondition) -> [Place] {
    let (key, values) = parts(of: condition)
    return values?.map { Place(key: key, value: $0) } ?? [Place(key: key, value: nil)]
  }

  /// Where rules are filed that this condition may imply. Such a rule accepts every value that this one does, so it is
  /// under any of them; or it has no single values.
  static func toLook(for condition: RuleCondition) -> [Place] {
    let (key, values) = parts(of: condition)
    let any = Place(key: key, value: nil)
    // The least value, so that the same file always gives the same warnings.
    return values?.min().map { [Place(key: key, value: $0), any] } ?? [any]
  }

  /// The key of a condition and the values that it accepts, or nil where these are not single ones.
  private static func parts(of condition: RuleCondition) -> (key: String, values: [String]?) {
    switch condition {
    case .level: ("level", nil)
    case .vip(let wanted): ("vip", [String(wanted)])
    case .tags(let any): ("tags", Array(any))
    case .ids(let any): ("ids", any.map(\.rawValue))
    // Values of attributes imply comparisons with other values, so these are filed by name alone.
    case .attribute(let name, _): ("attributes." + name, nil)
    case .keywords: ("keywords", nil)
    case .category(let any): ("category", Array(any))
    case .schedule(let condition): ("when", ["\(condition.open) \(condition.schedule)"])
    case .location(let name, let any): ("where." + name, Array(any))
    case .channel(let any): ("channel", Array(any))
    case .param(let name, let any): ("params." + name, Array(any))
    }
  }
}
