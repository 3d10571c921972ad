import Routing
import TestSupport

/// Rules of a random shop: mostly narrow, so that several of them count.
extension RandomShop {
  func rules(_ groups: [String], _ random: inout SeededGenerator) -> [Yaml] {
    guard random.percent(80) else { return [] }
    return (0..<1 + random.below(6)).map { rule(random.pick(["", "规则"]) + "r\($0)", groups, &random) }
  }

  private func rule(_ name: String, _ groups: [String], _ random: inout SeededGenerator) -> Yaml {
    var rule: [(String, Yaml)] = [("name", .plain(name))]
    switch random.below(6) {
    case 0: rule.append(("who", who(&random)))
    case 1, 2: rule.append(("what", what(&random)))
    case 3: rule.append(("how", how(&random)))
    case 4:
      rule.append(("who", who(&random)))
      rule.append(("what", what(&random)))
    default:
      let place = random.pick([("province", "江苏"), ("city", "南京"), ("country", "中国")])
      rule.append(("where", .map([(place.0, .words([place.1]))])))
    }
    if random.percent(15) {
      let schedule = random.pick(Self.schedules)
      rule.append(("when", .plain(random.percent(50) ? schedule : "not " + schedule)))
    }
    if random.percent(30) { rule.append(("sample", .plain(random.pick(["30%", "50%", "100%"])))) }
    let continues = random.percent(25)
    if continues { rule.append(("continue", .plain("true"))) }
    rule.append(("route", route(groups, continues: continues, &random)))
    return .map(rule)
  }

  private func who(_ random: inout SeededGenerator) -> Yaml {
    switch random.below(5) {
    case 0: .map([("level", .plain(random.pick(["\">=5\"", "\"3\"", "\"2..6\"", "\"<4\""])))])
    case 1: .map([("vip", .plain(random.pick(["true", "false"])))])
    case 2: .map([("tags", .words([random.pick(["new", "gold"]), "old"]))])
    case 3: .map([("ids", .words([random.pick(customers), random.pick(["nobody", "u1", "u2"])]))])
    default:
      .map([
        (
          "attributes",
          .map([
            random.pick([
              ("orders", .plain("\">=20\"")), ("plan", .words(["gold", "7"])), ("app", .plain("true")),
            ])
          ])
        )
      ])
    }
  }

  private func what(_ random: inout SeededGenerator) -> Yaml {
    if random.percent(25) { return .map([("category", .words(["refund", "shipping"]))]) }
    let words = Self.keywords.shuffled(using: &random).prefix(1 + random.below(2))
    var entries: [(String, Yaml)] = [("keywords", .words(Array(words)))]
    if random.percent(10) { entries.append(("category", .words(["refund"]))) }
    return .map(entries)
  }

  private func how(_ random: inout SeededGenerator) -> Yaml {
    if random.percent(50) { return .map([("channel", .words([random.pick(["app", "web"]), "wechat"]))]) }
    return .map([("params", .map([("source", .words(["spring", random.pick(["autumn", "winter"])]))]))])
  }

  private func route(_ groups: [String], continues: Bool, _ random: inout SeededGenerator) -> Yaml {
    var route: [(String, Yaml)] = []
    if random.percent(60) { route.append(("level", .plain(random.pick(["9", "0", "\"+2\"", "\"-1\""])))) }
    if random.percent(30) { route.append(("tags", .words([random.pick(["big", "loud"])]))) }
    if continues { return .map(route.isEmpty ? [("tags", .words(["big"]))] : route) }
    if random.percent(75) { route.append(("group", .plain(random.pick(groups)))) }
    if random.percent(25) { route.append(("mode", .plain(random.pick(Mode.allCases.map(\.rawValue))))) }
    if random.percent(30) {
      route.append(("overflow", .words(Array(groups.shuffled(using: &random).prefix(1 + random.below(2))))))
    }
    if random.percent(20) { route.append(("prefer", .plain("most-skilled"))) }
    if random.percent(30) {
      let skills = Self.skills.shuffled(using: &random).prefix(1 + random.below(2))
      route.append(("skills", .map(skills.map { ($0, .number(1 + random.below(4))) })))
    }
    if random.percent(30) || route.isEmpty { route.append(("weight", .number(random.pick([1, 2, 3, 5])))) }
    return .map(route)
  }
}
