import TestSupport

@testable import Routing

extension RuleFixture {
  private static let words = ["ab", "abc", "b", "ca", "退", "退款"]

  /// A random rule out of few values, so that rules and requests often meet.
  static func random(_ name: String, _ random: inout SeededGenerator) -> RuleConfiguration {
    var rule = RuleConfiguration(name: name, route: .init(group: sales))
    func some(_ values: [String], _ random: inout SeededGenerator) -> [String] {
      values.filter { _ in random.percent(40) }
    }
    if random.percent(40) { rule.what.keywords = some(words, &random) }
    if random.percent(15) { rule.what.category = some(["x", "y"], &random) }
    if random.percent(15) { rule.who.vip = random.percent(50) }
    if random.percent(20) { rule.who.tags = some(["s", "t", "u"], &random) }
    if random.percent(20) {
      let bound = Double(random.below(5))
      rule.who.level = random.pick([.atLeast(bound), .below(bound), .between(bound, bound + 2)])
    }
    if random.percent(20) {
      let bound = Double(random.below(4))
      rule.who.attributes["n"] = [
        random.pick([
          .compares(.atLeast(bound)), .compares(.above(bound)), .compares(.atMost(bound)),
          .compares(.between(bound, bound + 1)), .equals(.number(bound)), .equals(.text("\(Int(bound))")),
        ])
      ]
    }
    if random.percent(10) { rule.when = ScheduleCondition(schedule: night, open: random.percent(50)) }
    if random.percent(15) { rule.how.channel = some(["app", "web"], &random) }
    if random.percent(15) { rule.how.params["p"] = some(["1", "2"], &random) }
    if random.percent(10) { rule.location.city = some(["南京", "上海"], &random) }
    if random.percent(10) { rule.sample = random.pick([Share.none, .percent(50), .whole]) }
    if random.percent(25) {
      rule.continues = true
      rule.route = .init(level: random.percent(50) ? .relative(1) : nil, tags: ["from-\(name)"])
    }
    return rule
  }

  /// A random request out of the same values.
  static func randomRequest(_ random: inout SeededGenerator) -> RoutingRequest {
    request(level: random.below(6)) {
      $0.customer.id = CustomerID(unchecked: "u-\(random.below(50))")
      $0.texts = (0..<random.below(3)).map { _ in random.pick(words) + random.pick(words + ["", " "]) }
      $0.category = random.pick(["x", "y", nil])
      $0.customer.vip = random.pick([true, false, nil])
      $0.customer.tags = ["s", "t", "u"].filter { _ in random.percent(40) }
      $0.channel = random.pick(["app", "web", nil])
      if random.percent(70) { $0.params["p"] = random.pick(["1", "2", "3"]) }
      if random.percent(70) {
        let number = random.below(5)
        $0.customer.attributes["n"] = random.percent(70) ? .number(Double(number)) : .text("\(number)")
      }
      if random.percent(50) { $0.customer.attributes["city"] = .text(random.pick(["南京", "上海"])) }
    }
  }
}
