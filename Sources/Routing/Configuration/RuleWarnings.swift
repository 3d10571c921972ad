extension ShopConfiguration {
  /// Rules and keywords that can never decide anything (routing, "Why": what `fenliu check` warns of). What is found
  /// is certain; not everything is found.
  func ruleWarnings() -> [ConfigurationWarning] {
    guard !rules.isEmpty else { return [] }
    var search = RuleWarningSearch(self)
    search.visitAll()
    return search.warnings
  }
}

private struct RuleWarningSearch {
  /// A file has up to 20,000 rules; nobody reads more than so many warnings of one kind.
  private static let mostOfOneKind = 20

  private(set) var warnings: [ConfigurationWarning] = []
  private let configuration: ShopConfiguration
  private let plan: RulePlan
  private var covers: RuleCovers
  private var counts: [Kind: Int] = [:]
  private var firstUntold: [Kind: Int] = [:]

  /// What is wrong, in the words that follow "has 7 more".
  private enum Kind: String, CaseIterable {
    case unreachable = "that are never reached"
    case shadowed = "with keywords that never decide"
    case emptySample = "with a sample of nobody"
  }

  init(_ configuration: ShopConfiguration) {
    self.configuration = configuration
    plan = RulePlan(configuration)
    covers = RuleCovers(plan)
  }

  mutating func visitAll() {
    for index in plan.rules.indices {
      if plan.rules[index].sample == Share.none {
        note(.emptySample, index, ".sample", "is 0%, so the rule never matches")
        continue
      }
      if !warn(of: index) { covers.file(index) }
      if plan.rules[index].takesAll, index + 1 < plan.rules.count {
        let others = plan.rules.count - index - 2
        let more =
          others == 0 ? "" : others == 1 ? ", nor is the one after it" : ", nor are the \(others) after it"
        note(.unreachable, index + 1, "", "is never reached\(more): \(named(index)) matches everything")
        break
      }
    }
    for kind in Kind.allCases {
      guard let count = counts[kind], let first = firstUntold[kind] else { continue }
      warnings.append(
        ConfigurationWarning(
          line: line(first), keyPath: "rules",
          message: "has \(count - Self.mostOfOneKind) more \(kind.rawValue)"))
    }
  }

  /// Warns of one rule; gives whether it is never reached.
  private mutating func warn(of index: Int) -> Bool {
    if let cover = covers.coverWithoutKeywords(of: index) {
      note(.unreachable, index, "", "is never reached: \(named(cover)) matches whenever it would")
      return true
    }
    let words = configuration.rules[index].what.keywords
    let shadows = words.map { covers.cover(of: index, for: FoldedText($0)) }
    let others = Set(shadows.compactMap(\.self)).sorted()
    if others.isEmpty { return false }
    if !shadows.contains(nil) {
      let first = others.prefix(3).map(named).joined(separator: ", ")
      let names = others.count > 3 ? "\(first) and \(others.count - 3) more" : first
      let verb = others.count == 1 ? "matches" : "match"
      note(.unreachable, index, "", "is never reached: \(names) \(verb) whenever it would")
      return true
    }
    guard let position = shadows.firstIndex(where: { $0 != nil }), let other = shadows[position] else {
      return false
    }
    let more = shadows.count { $0 != nil } - 1
    note(
      .shadowed, index, ".what.keywords",
      "has '\(words[position])', which never decides: whoever says it is taken by \(named(other))"
        + (more == 0 ? "" : ", and so for \(more) more of its keywords"))
    return false
  }

  private func named(_ index: Int) -> String {
    "'\(plan.rules[index].name)'" + (line(index).map { " (line \($0))" } ?? "")
  }

  private func line(_ index: Int) -> Int? {
    let lines = configuration.notes.ruleLines
    return lines.indices.contains(index) ? lines[index] : nil
  }

  private mutating func note(_ kind: Kind, _ index: Int, _ key: String, _ message: String) {
    let before = counts[kind, default: 0]
    counts[kind] = before + 1
    if before < Self.mostOfOneKind {
      warnings.append(
        ConfigurationWarning(line: line(index), keyPath: "rules[\(index)]\(key)", message: message))
    } else if before == Self.mostOfOneKind {
      firstUntold[kind] = index
    }
  }
}
