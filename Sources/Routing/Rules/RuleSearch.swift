/// One request on its way through the rules, and what they have said of it so far.
struct RuleSearch {
  /// The level so far.
  private(set) var level: Level
  /// The rules with `continue` that matched.
  private(set) var continued: [String] = []
  /// The tags added, each once.
  private(set) var tags: [String] = []
  /// The sides of the trials met.
  private(set) var arms: [SampleArm] = []

  private let request: RoutingRequest
  // Many rules ask for the same few schedules, and each answer is a matter of calendars.
  private var openSchedules: [ScheduleID: Bool] = [:]

  init(_ request: RoutingRequest) {
    self.request = request
    level = request.level
  }

  /// Looks at the next rule, and takes over its level and tags if it matches.
  mutating func visit(
    _ rule: RulePlan.Rule, hasKeyword: Bool, isOpen: (ScheduleID) -> Bool
  ) -> RuleStep.Outcome {
    let missed = rule.conditions.first { condition in
      !condition.holds(for: request, level: level, hasKeyword: hasKeyword) { schedule in
        if let known = openSchedules[schedule] { return known }
        let answer = isOpen(schedule)
        openSchedules[schedule] = answer
        return answer
      }
    }
    if let missed { return .missed(missed.part) }
    if let sample = rule.sample {
      let isInSample = SampleHash.contains(request.customer.id, of: rule.name, share: sample)
      arms.append(SampleArm(rule: rule.name, isInSample: isInSample))
      guard isInSample else { return .missed(.sample) }
    }
    level = rule.route.level?.applied(to: level) ?? level
    for tag in rule.route.tags where !tags.contains(tag) { tags.append(tag) }
    guard rule.continues else { return .matched }
    continued.append(rule.name)
    return .continued
  }
}
