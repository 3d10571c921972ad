import Routing
import Testing

/// Whether the histories that are played touch everything there is, so that nothing drops out of the
/// comparison without a word. The model alone plays them here.
@Suite struct CoverageTests {
  /// Configurations are looked at in so many histories; the first of them, which the standard run plays on the functions
  /// too, are played here.
  private static let histories: UInt64 = 40
  private static let played: UInt64 = 12

  @Test func everyKeyEventAndCommandOccurs() throws {
    var keys: Set<String> = []
    var seen: Set<String> = []
    for seed in RandomTests.firstSeed..<RandomTests.firstSeed + Self.histories {
      let history = try History(seed: seed, events: RandomTests.events)
      keys.formUnion(history.paths)
      if seed < RandomTests.firstSeed + Self.played { seen.formUnion(Self.occurrences(in: history)) }
    }
    #expect(Self.keys.subtracting(keys).sorted() == [], "keys that no configuration gives")
    // A map may be empty.
    let maps: Set = ["group_defaults", "group_defaults.queue"]
    let unknown = keys.subtracting(Self.keys).subtracting(maps)
      .filter { !$0.hasPrefix("group_defaults.distribution") }
    #expect(unknown.sorted() == [], "keys that this list does not know")
    #expect(Self.occurrences.subtracting(seen).sorted() == [])
  }

  /// What happens in a history: `event TYPE`, `command TYPE WORD`, `timer KIND`, `fact NAME`.
  private static func occurrences(in history: History) -> Set<String> {
    var model = ReferenceModel(history.configuration, version: 1)
    model.now = StoreHarness.start
    model.settleAll()
    var found: Set<String> = []
    for step in history.steps {
      if case .event(let event) = step { found.insert("event \(event.typeName)") }
      model.perform(step)
      for command in model.outboxes.values.joined() {
        found.insert(
          ["command", command.type.name, command.reason ?? command.kind].compactMap(\.self).joined(
            separator: " "))
      }
      model.outboxes = [:]
      found.formUnion(model.due.keys.map { "timer \($0.prefix { $0 != ":" })" })
    }
    for key in model.statistics where key.key.hasPrefix("shop:") {
      found.formUnion(key.value.keys.filter { !$0.contains(":") }.map { "fact \($0)" })
    }
    return found
  }

  private static let occurrences: Set<String> = {
    var all: Set<String> = [
      "command conversation.queued", "command conversation.bot", "command event.rejected",
    ]
    let reasons = "requested dedicated returning group queue overflow transfer manual requeue unanswered"
    all.formUnion(reasons.split(separator: " ").map { "command conversation.assigned \($0)" })
    let kinds = "greeting faq busy off_hours idle overdue emergency survey message"
    all.formUnion(kinds.split(separator: " ").map { "command conversation.reply \($0)" })
    let ends = "agent customer idle abandoned supervisor bot rejected"
    all.formUnion(ends.split(separator: " ").map { "command conversation.closed \($0)" })
    all.formUnion(["offline", "unanswered"].map { "command conversation.requeued \($0)" })
    let alerts = "waiting_too_long slow_response queue_full no_agents bad_rating"
    all.formUnion(alerts.split(separator: " ").map { "command alert \($0)" })
    let timers = "idle grace heartbeat capacity wait notify hours answer response wrap ramp"
    all.formUnion(timers.split(separator: " ").map { "timer \($0)" })
    let facts = """
      opened repeat queued assigned estimated estimate_error overflowed requeued unanswered transferred answered in_time \
      faq missed handed_off abandoned rejected closed handled rated slow
      """
    all.formUnion(facts.split(separator: " ").map { "fact \($0)" })
    let events = """
      conversation.open conversation.message conversation.handoff conversation.status conversation.close \
      conversation.transfer conversation.accept conversation.rate agent.online agent.pause agent.offline agent.heartbeat \
      customer.update customer.forget shop.emergency
      """
    all.formUnion(events.split(separator: " ").map { "event \($0)" })
    return all
  }()

  /// Every key of a configuration (the design's table), ids as `*`.
  private static let keys: Set<String> = {
    let group = """
      name hours strategy capacity distribution distribution.auto distribution.day distribution.rush distribution.otherwise \
      distribution.day.auto distribution.rush.auto distribution.otherwise.auto \
      idle_timeout response_alert answer_within wrap_up service_level queue.enabled queue.limit queue.when_empty \
      queue.handle_time queue.hide.waiting queue.hide.wait queue.notify queue.promote_after queue.order queue.credit \
      queue.overflow[].after queue.overflow[].to[] queue.overflow[].level queue.overflow[].alert queue.overflow[].mode \
      queue.relax[].after queue.relax[].skills.english queue.relax[].skills.returns queue.silent_after queue.parked_for
      """.split(separator: " ")
    let others = """
      shop timezone schedules.*.weekly.mon-sun[] schedules.*.except.2026-09-21 schedules.*.except.2026-09-22 \
      schedules.*.except.2026-09-21[] schedules.*.except.2026-09-22[] levels.source levels.param levels.vip default.group \
      default.mode return.window return.over_capacity dedicated.wait bad_rating capacity_scope offline_grace heartbeat \
      survey.window supervisor.gateway emergency.notice emergency.mode emergency.group texts.greeting texts.busy \
      texts.busy_hidden texts.off_hours texts.idle texts.emergency texts.survey texts.no_agent assistant.greeting \
      assistant.handoff[] assistant.max_misses assistant.gateway assistant.answers.shipping[].keywords[] \
      assistant.answers.shipping[].text assistant.answers.refund[].keywords[] assistant.answers.refund[].text \
      retention.conversations retention.customers retention.statistics \
      agents.*.name agents.*.groups[] agents.*.groups[].group agents.*.groups[].skill agents.*.groups[].capacity \
      agents.*.capacity agents.*.weight agents.*.skills.english agents.*.skills.returns agents.*.ramp \
      rules[].name rules[].who.level rules[].who.vip rules[].who.tags[] rules[].who.ids[] rules[].who.attributes.orders \
      rules[].who.attributes.plan[] rules[].who.attributes.app rules[].what.keywords[] rules[].what.category[] \
      rules[].when rules[].where.province[] rules[].where.city[] rules[].where.country[] rules[].how.channel[] \
      rules[].how.params.source[] rules[].sample rules[].continue rules[].route.group rules[].route.level \
      rules[].route.mode rules[].route.tags[] rules[].route.overflow[] rules[].route.prefer rules[].route.skills.english \
      rules[].route.skills.returns rules[].route.weight
      """.split(separator: " ")
    let defaults = group.filter { !$0.hasPrefix("distribution") }
    return Set(
      others.map(String.init) + group.map { "groups.*.\($0)" } + defaults.map { "group_defaults.\($0)" })
  }()
}

extension ReferenceModel {
  /// Plays a step of a history.
  mutating func perform(_ step: History.Step) {
    switch step {
    case .configure(_, let configuration): apply(configuration, version: version + 1)
    case .settle: settleAll()
    case .pass(let span, let firing):
      let target = now + span
      for _ in 0..<10_000 where firing {
        guard let next = due.values.min(), next <= target else { break }
        now = max(next, now)
        tick()
      }
      now = target
    case .tick: tick()
    case .event(let event): apply(event)
    }
  }
}
