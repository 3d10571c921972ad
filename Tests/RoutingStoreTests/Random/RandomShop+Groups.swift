import Routing
import TestSupport

/// Groups, agents and rules of a random shop.
extension RandomShop {
  func group(_ id: String, _ groups: [String], _ random: inout SeededGenerator) -> Yaml {
    groupSettings(id, groups, share: 45, &random)
  }

  /// The keys of a group, each given in so many of a hundred cases.
  func groupSettings(_ id: String, _ groups: [String], share: Int, _ random: inout SeededGenerator) -> Yaml {
    var entries: [(String, Yaml)] = []
    func one(_ key: String, _ values: [String], _ share: Int? = nil) {
      if random.percent(share ?? 45) { entries.append((key, .plain(random.pick(values)))) }
    }
    one("name", ["售前", "Desk"], share / 3)
    one("hours", Self.schedules, share / 2)
    one("strategy", GroupConfiguration.Strategy.allCases.map(\.rawValue), share * 2)
    one("capacity", ["1", "2", "3", "6"], share)
    one("idle_timeout", ["0", "5s", "1m"], share)
    one("response_alert", ["0", "3s", "30s"], share)
    one("answer_within", ["0", "4s", "1m"], share)
    one("wrap_up", ["0", "2s", "20s"], share)
    one("service_level", ["1s", "30s"], share)
    if random.percent(share * 2 / 3) { entries.append(("distribution", distribution(&random))) }
    if random.percent(share * 2) { entries.append(("queue", queue(id, groups, share, &random))) }
    return .map(entries)
  }

  private func distribution(_ random: inout SeededGenerator) -> Yaml {
    func manner() -> Yaml {
      switch random.below(3) {
      case 0: .plain("auto")
      case 1: .plain("manual")
      default: .map([("auto", .plain(random.pick(["50%", "12.5%", "100%"])))])
      }
    }
    if random.percent(50) { return manner() }
    let schedules = Self.schedules.shuffled(using: &random).prefix(1 + random.below(2))
    return .map(
      schedules.map { ($0, manner()) } + [("otherwise", random.percent(70) ? .plain("auto") : manner())])
  }

  private func queue(
    _ id: String, _ groups: [String], _ share: Int, _ random: inout SeededGenerator
  ) -> Yaml {
    var entries: [(String, Yaml)] = []
    func one(_ key: String, _ values: [String], _ percent: Int) {
      if random.percent(percent) { entries.append((key, .plain(random.pick(values)))) }
    }
    one("enabled", ["true", "true", "false"], share / 2)
    one("limit", ["0", "1", "3", "10", "1000"], share)
    one("when_empty", ["queue", "fallback"], share)
    one("handle_time", ["10m", "1ms", "7s", "measured", "measured"], share)
    if random.percent(share) {
      entries.append(
        (
          "hide",
          .map([
            ("waiting", .plain(random.pick(["0", "2", "5", "50"]))),
            ("wait", .plain(random.pick(["0", "999ms", "20s", "1h"]))),
          ])
        ))
    }
    one("notify", ["0", "2s", "20s"], share)
    one("promote_after", ["0", "7s", "1m"], share)
    one("order", ["strict", "credit", "credit"], share)
    one("credit", ["1ms", "30s", "90s"], share)
    one("silent_after", ["0", "4s", "30s"], share)
    one("parked_for", ["1s", "20s"], share)
    if random.percent(share) { entries.append(("overflow", overflow(id, groups, &random))) }
    if random.percent(share) { entries.append(("relax", relax(&random))) }
    return .map(entries)
  }

  private func overflow(_ id: String, _ groups: [String], _ random: inout SeededGenerator) -> Yaml {
    let others = groups.filter { $0 != id }
    var after = 0
    return .list(
      (0..<1 + random.below(3)).map { _ in
        after += random.pick([1, 3, 9, 30])
        var step: [(String, Yaml)] = [("after", .plain("\(after)s"))]
        if !others.isEmpty, !id.isEmpty || groups.count > 1, random.percent(60) {
          step.append(("to", .words(Array(others.shuffled(using: &random).prefix(1 + random.below(2))))))
        }
        if random.percent(30) { step.append(("level", .plain(random.pick(["7", "\"+2\"", "\"-1\""])))) }
        if random.percent(15) { step.append(("mode", .plain("bot"))) }
        if random.percent(40) || step.count == 1 { step.append(("alert", .plain("true"))) }
        return .map(step)
      })
  }

  private func relax(_ random: inout SeededGenerator) -> Yaml {
    var after = 0
    return .list(
      (0..<1 + random.below(2)).map { _ in
        after += random.pick([1, 5, 20])
        let skills = Self.skills.shuffled(using: &random).prefix(1 + random.below(2))
        return .map([
          ("after", .plain("\(after)s")), ("skills", .map(skills.map { ($0, .number(random.below(4))) })),
        ])
      })
  }

  func agent(_ groups: [String], _ random: inout SeededGenerator) -> Yaml {
    var entries: [(String, Yaml)] = []
    if random.percent(20) { entries.append(("name", .plain("小李"))) }
    let served = groups.filter { _ in random.percent(60) }
    let chosen = (served.isEmpty ? [random.pick(groups)] : served).shuffled(using: &random)
    entries.append(
      (
        "groups",
        .list(
          chosen.map { group in
            if random.percent(60) { return .plain(group) }
            var membership: [(String, Yaml)] = [("group", .plain(group))]
            if random.percent(60) { membership.append(("skill", .number(1 + random.below(10)))) }
            if random.percent(50) { membership.append(("capacity", .number(1 + random.below(4)))) }
            return .map(membership)
          })
      ))
    if random.percent(70) {
      entries.append(
        ("capacity", .number(random.pick(isLarge ? [1, 50, 101, 150, 250] : [1, 1, 2, 3, 5, 10]))))
    }
    if random.percent(40) { entries.append(("weight", .number(random.pick([1, 2, 3, 7])))) }
    if random.percent(60) {
      let skills = Self.skills.filter { _ in random.percent(70) }
      if !skills.isEmpty {
        entries.append(("skills", .map(skills.map { ($0, .number(1 + random.below(5))) })))
      }
    }
    if random.percent(20) { entries.append(("ramp", .number(random.below(4)))) }
    return .map(entries)
  }
}
