extension ConfigurationReader {
  private static let groupKeys = [
    "name", "hours", "strategy", "capacity", "distribution", "idle_timeout", "response_alert",
    "answer_within",
    "wrap_up", "service_level", "queue",
  ]

  private static let queueKeys = [
    "enabled", "limit", "when_empty", "handle_time", "hide", "notify", "promote_after", "order", "credit",
    "overflow", "relax", "silent_after", "parked_for",
  ]

  private static let queueKeysInGroup = Dictionary(
    uniqueKeysWithValues: queueKeys.map { ($0, "queue.\($0)") })

  /// The most conversations at a time that anything may be given.
  static let capacities = 1...10_000

  /// A group: `base` with what the field says over it.
  func group(
    _ field: Field, base: GroupConfiguration, groups: [GroupID: Field], schedules: [ScheduleID: Schedule]
  ) -> GroupConfiguration {
    var group = base
    guard
      let fields = fields(
        field, known: Self.groupKeys, texts: ["name"], elsewhere: Self.queueKeysInGroup,
        expected: "a mapping such as {name: 售前, capacity: 5}")
    else { return group }
    group.name = nonemptyText(fields["name"]) ?? base.name
    group.hours = reference(fields["hours"], to: schedules, what: "schedule") ?? base.hours
    group.strategy = choice(fields["strategy"]) ?? base.strategy
    let capacity = integer(fields["capacity"], Self.capacities)
    group.capacity = capacity ?? base.capacity
    group.capacityIsGiven = capacity != nil || base.capacityIsGiven
    group.distribution = distribution(fields["distribution"], schedules) ?? base.distribution
    group.idleTimeout = duration(fields["idle_timeout"]) ?? base.idleTimeout
    group.responseAlert = duration(fields["response_alert"]) ?? base.responseAlert
    group.answerWithin = duration(fields["answer_within"]) ?? base.answerWithin
    group.wrapUp = duration(fields["wrap_up"]) ?? base.wrapUp
    group.serviceLevel = duration(fields["service_level"]) ?? base.serviceLevel
    group.queue = queue(fields["queue"], base: base, groups: groups)
    return group
  }

  private func queue(
    _ field: Field?, base: GroupConfiguration, groups: [GroupID: Field]
  ) -> QueueConfiguration {
    var queue = base.queue
    // What a group inherits from group_defaults may name the group itself; there it says nothing.
    queue.overflow = queue.overflow.compactMap { step in
      var step = step
      step.to.removeAll { $0 == base.id }
      return step.to.isEmpty && step.level == nil && !step.alert && !step.handToBot ? nil : step
    }
    guard
      let fields = fields(field, known: Self.queueKeys, expected: "a mapping such as {limit: 500}")
    else { return queue }
    queue.enabled = flag(fields["enabled"]) ?? queue.enabled
    queue.limit = integer(fields["limit"], 0...1_000_000) ?? queue.limit
    queue.whenEmpty = choice(fields["when_empty"]) ?? queue.whenEmpty
    queue.handleTime = handleTime(fields["handle_time"]) ?? queue.handleTime
    if let hide = self.fields(
      fields["hide"], known: ["waiting", "wait"], expected: "a mapping such as {waiting: 50, wait: 30m}")
    {
      queue.hide.waiting = integer(hide["waiting"], 0...1_000_000) ?? queue.hide.waiting
      queue.hide.wait = duration(hide["wait"]) ?? queue.hide.wait
    }
    queue.notify = duration(fields["notify"]) ?? queue.notify
    queue.promoteAfter = duration(fields["promote_after"]) ?? queue.promoteAfter
    queue.order = choice(fields["order"]) ?? queue.order
    queue.credit = duration(fields["credit"], zero: false) ?? queue.credit
    queue.overflow = overflow(fields["overflow"], of: base.id, groups) ?? queue.overflow
    queue.relax = relax(fields["relax"]) ?? queue.relax
    queue.silentAfter = duration(fields["silent_after"]) ?? queue.silentAfter
    queue.parkedFor = duration(fields["parked_for"], zero: false) ?? queue.parkedFor
    return queue
  }

  private func handleTime(_ field: Field?) -> QueueConfiguration.HandleTime? {
    if case .scalar("measured", isPlain: _)? = field?.node.content { return .measured }
    // Whoever writes a word means `measured`; whoever begins with a digit means a duration.
    if let field, case .scalar(let text, isPlain: _) = field.node.content, text.first?.isLetter == true {
      report(
        field, "expected measured or a duration such as 10m, found \(field.node.inWords)",
        suggestion: nearest(to: text, among: ["measured"]))
      return nil
    }
    return duration(field, zero: false).map { .fixed($0) }
  }

  private func overflow(
    _ field: Field?, of group: GroupID, _ groups: [GroupID: Field]
  ) -> [QueueConfiguration.OverflowStep]? {
    var last = Milliseconds.zero
    return elements(field, expected: "a list of steps such as {after: 60s, to: [allround]}")?.compactMap {
      field in
      guard
        let fields = fields(
          field, known: ["after", "to", "level", "alert", "mode"],
          expected: "a step such as {after: 60s, to: [allround]}")
      else { return nil }
      let after = stepTime(fields, after: &last)
      let to = groupList(fields["to"], groups, expected: "a list of groups")
      if let own = fields["to"], to.contains(group) {
        report(own, "a group cannot overflow into itself")
      }
      let handToBot: HandTo? = choice(fields["mode"])
      let alert = flag(fields["alert"])
      let level = levelChange(fields["level"])
      if ["to", "level", "alert", "mode"].allSatisfy({ fields[$0] == nil }) {
        report(field, "the step does nothing; give any of to, level, alert, mode")
      }
      guard let after else { return nil }
      return QueueConfiguration.OverflowStep(
        after: after, to: to, level: level, alert: alert ?? false, handToBot: handToBot != nil)
    }
  }

  /// What `mode` can be in a step.
  private enum HandTo: String, CaseIterable {
    case bot
  }

  private func relax(_ field: Field?) -> [QueueConfiguration.RelaxStep]? {
    var last = Milliseconds.zero
    return elements(field, expected: "a list of steps such as {after: 60s, skills: {english: 0}}")?.compactMap
    {
      field in
      guard
        let fields = fields(
          field, known: ["after", "skills"], expected: "a step such as {after: 60s, skills: {english: 0}}")
      else { return nil }
      let after = stepTime(fields, after: &last)
      let skills = skills(fields["skills"], 0...10)
      if fields["skills"] == nil { report(field, "the step does nothing; give skills") }
      return after.map { QueueConfiguration.RelaxStep(after: $0, skills: skills) }
    }
  }

  /// A step's `after`, which grows from step to step.
  private func stepTime(_ fields: Fields, after last: inout Milliseconds) -> Milliseconds? {
    guard let field = fields["after"] else {
      report(fields.whole, "the step has no 'after'; give a duration such as 60s")
      return nil
    }
    guard let after = duration(field, zero: false) else { return nil }
    if after < last { report(field, "the steps go by growing 'after'; this one comes before the last") }
    last = max(last, after)
    return after
  }

  /// A level to set, `7`, or to move by, `"+2"`.
  func levelChange(_ field: Field?) -> LevelChange? {
    let expected = "a level from 0 to 10, or a change such as \"+2\""
    guard let field, let text = scalar(field, expected: expected)?.text else { return nil }
    if let change = LevelChange(text: text) { return change }
    report(field, "expected \(expected), found \(field.node.inWords)")
    return nil
  }

  /// One group or more, each once.
  func groupList(_ field: Field?, _ groups: [GroupID: Field], expected: String) -> [GroupID] {
    var list: [GroupID] = []
    for element in oneOrMore(field, expected: expected) {
      guard let group = reference(element, to: groups, what: "group") else { continue }
      if list.contains(group) {
        report(element, "\(element.node.inWords) is in the list twice")
      } else {
        list.append(group)
      }
    }
    return list
  }
}
