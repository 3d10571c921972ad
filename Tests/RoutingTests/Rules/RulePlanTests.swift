import TestSupport
import Testing

@testable import Routing

/// Which rule decides, and what follows.
@Suite struct RulePlanTests {
  @Test("the first rule that matches decides, whether by keyword or by anything else")
  func fileOrder() throws {
    let plan = try RuleFixture.plan(
      """
      - {name: refund, what: {keywords: [退款]}, route: {group: help}}
      - {name: vip, who: {vip: true}, route: {group: sales, mode: human-only}}
      - {name: parcel, what: {keywords: [快递, 退款]}, route: {group: plain}}
      - {name: rest, route: {group: sales}}
      """)
    let isVip = { (request: inout RoutingRequest) in request.customer.vip = true }
    #expect(plan.route(RuleFixture.request("退款")).rule == "refund")
    #expect(plan.route(RuleFixture.request("退款", change: isVip)).rule == "refund")
    #expect(plan.route(RuleFixture.request("快递", change: isVip)).rule == "vip")
    #expect(plan.route(RuleFixture.request("快递")).rule == "parcel")
    #expect(plan.route(RuleFixture.request("你好")).rule == "rest")
    #expect(plan.route(RuleFixture.request()).rule == "rest")
    #expect(
      plan.trace(RuleFixture.request("快递")) { _ in false } == [
        RuleStep(rule: "refund", outcome: .missed(.what)), RuleStep(rule: "vip", outcome: .missed(.who)),
        RuleStep(rule: "parcel", outcome: .matched),
      ])
  }

  @Test("where no rule matches, and where there is none, the default group and mode hold")
  func noMatch() throws {
    let rules = "- {name: vip, who: {vip: true}, route: {group: sales, level: 9, tags: [x], weight: 3}}"
    let expected = RoutedRequest(group: RuleFixture.plain, level: Level(clamping: 4), mode: .botFirst)
    #expect(try RuleFixture.plan(rules).route(RuleFixture.request("退款", level: 4)) == expected)
    #expect(try RuleFixture.plan().route(RuleFixture.request("退款", level: 4)) == expected)
    #expect(try RuleFixture.plan().trace(RuleFixture.request()) { _ in true } == [])
  }

  @Test("everything that a route gives follows from its match")
  func wholeRoute() throws {
    let plan = try RuleFixture.plan(
      """
      - name: big
        route: {group: sales, level: "+3", mode: human-only, tags: [a, b], overflow: [help, plain],
                prefer: most-skilled, skills: {english: 3, return: 1}, weight: 2}
      """)
    var expected = RoutedRequest(
      group: RuleFixture.sales, level: Level(clamping: 5), mode: .humanOnly, rule: "big")
    expected.tags = ["a", "b"]
    expected.overflow = [RuleFixture.help, RuleFixture.plain]
    expected.prefer = .mostSkilled
    expected.skills = [SkillID(unchecked: "english"): 3, SkillID(unchecked: "return"): 1]
    expected.weight = 2
    #expect(plan.route(RuleFixture.request(level: 2)) == expected)
  }

  @Test("the group that the gateway asks for wins; all else of the rule stays")
  func groupAskedFor() throws {
    let plan = try RuleFixture.plan(
      "- {name: big, who: {vip: true}, route: {group: sales, level: 7, overflow: [help, plain]}}")
    let asked = RuleFixture.request {
      $0.group = RuleFixture.help
      $0.customer.vip = true
    }
    #expect(plan.route(asked).group == RuleFixture.help)
    #expect(plan.route(asked).level == Level(clamping: 7))
    #expect(plan.route(asked).rule == "big")
    // It does not overflow into itself.
    #expect(plan.route(asked).overflow == [RuleFixture.plain])
    #expect(plan.route(RuleFixture.request { $0.group = RuleFixture.help }).group == RuleFixture.help)
  }

  @Test("a rule with continue adds its level and tags and leaves the rest to those after it")
  func continues() throws {
    let plan = try RuleFixture.plan(
      """
      - {name: vip, who: {vip: true}, continue: true, route: {level: "+4", tags: [vip, seen]}}
      - {name: angry, what: {keywords: [投诉]}, continue: true, route: {level: "+4", tags: [angry, seen]}}
      - {name: new, who: {tags: [new]}, continue: true, route: {tags: [new]}}
      - {name: refund, what: {keywords: [退款, 投诉]}, route: {group: help, level: "+4", tags: [refund, vip]}}
      """)
    let vip = RuleFixture.request("我要投诉", level: 1) { $0.customer.vip = true }
    var expected = RoutedRequest(
      group: RuleFixture.help, level: Level(clamping: 10), mode: .botFirst, rule: "refund")
    expected.continued = ["vip", "angry"]
    expected.tags = ["vip", "seen", "angry", "refund"]
    #expect(plan.route(vip) == expected)
    #expect(
      plan.trace(vip) { _ in false }.map(\.outcome) == [.continued, .continued, .missed(.who), .matched])
    var unmatched = RoutedRequest(group: RuleFixture.plain, level: Level(clamping: 5), mode: .botFirst)
    unmatched.continued = ["vip"]
    unmatched.tags = ["vip", "seen"]
    #expect(plan.route(RuleFixture.request(level: 1) { $0.customer.vip = true }) == unmatched)
  }

  @Test(
    "levels move step by step and stay within 0 and 10",
    arguments: [
      ("\"+2\"", "\"+3\"", 1, 6), ("\"+9\"", "\"-5\"", 8, 5), ("\"-9\"", "\"+2\"", 3, 2),
      ("7", "\"+1\"", 0, 8),
      ("\"+1\"", "2", 9, 2), ("0", "\"-1\"", 5, 0), ("10", "\"+10\"", 0, 10),
    ])
  func levels(first: String, second: String, start: Int, end: Int) throws {
    let plan = try RuleFixture.plan(
      """
      - {name: one, continue: true, route: {level: \(first)}}
      - {name: two, route: {level: \(second)}}
      """)
    #expect(plan.route(RuleFixture.request(level: start)).level == Level(clamping: end))
  }

  @Test("a later rule sees the level so far, and only the customer's own tags")
  func levelSoFar() throws {
    let plan = try RuleFixture.plan(
      """
      - {name: lift, who: {vip: true}, continue: true, route: {level: "+3", tags: [lifted]}}
      - {name: tagged, who: {tags: [lifted]}, route: {group: help}}
      - {name: high, who: {level: ">=5"}, route: {group: sales}}
      """)
    #expect(plan.route(RuleFixture.request(level: 2) { $0.customer.vip = true }).rule == "high")
    #expect(plan.route(RuleFixture.request(level: 2)).rule == nil)
  }

  @Test("a trial is told only where it was reached and all else matches")
  func arms() throws {
    let plan = try RuleFixture.plan(
      """
      - {name: other, who: {vip: true}, sample: 50%, continue: true, route: {tags: [x]}}
      - {name: first, sample: 0%, continue: true, route: {tags: [y]}}
      - {name: second, sample: 100%, route: {group: sales}}
      - {name: third, sample: 100%, route: {group: help}}
      """)
    let routed = plan.route(RuleFixture.request())
    #expect(routed.arms.map(\.rule) == ["first", "second"])
    #expect(routed.arms.map(\.isInSample) == [false, true])
    #expect(routed.tags == [])
    #expect(routed.continued == [])
    #expect(routed.rule == "second")
  }

  @Test("each schedule is asked at most once, however many rules name it")
  func schedulesAskedOnce() throws {
    let rules = (0..<50).map { "- {name: r\($0), when: night, route: {group: sales}}" }
    let plan = try RuleFixture.plan(rules.joined(separator: "\n"))
    var asked: [ScheduleID] = []
    let routed = plan.route(RuleFixture.request()) { schedule in
      asked.append(schedule)
      return false
    }
    #expect(asked == [RuleFixture.night])
    #expect(routed.rule == nil)
  }

  @Test("of ten thousand rules with keywords, only those are looked at whose keyword was said")
  func tenThousandRules() throws {
    // Every rule has a trial of nobody, and so leaves a trace where it was looked at.
    var shop = try RuleFixture.shop()
    shop.rules = (0..<10_000).map { number in
      RuleConfiguration(
        name: "r\(number)", what: .init(keywords: ["商品\(number)号", "别名\(number % 100)"]),
        sample: Share.none, route: .init(group: RuleFixture.sales))
    }
    let last = RuleConfiguration(
      name: "last", what: .init(keywords: ["谢谢"]), route: .init(group: RuleFixture.help))
    shop.rules.append(last)
    let plan = RulePlan(shop)
    #expect(plan.rulesWithoutKeywords.isEmpty)
    let routed = plan.route(RuleFixture.request("商品9876号 和 商品12号,谢谢"))
    #expect(routed.arms.map(\.rule) == ["r12", "r9876"])
    #expect(routed.rule == "last")
    #expect(plan.route(RuleFixture.request("别名7。谢谢")).arms.count == 100)
    #expect(plan.route(RuleFixture.request("你好")).arms == [])
    #expect(plan.trace(RuleFixture.request("谢谢")) { _ in false }.count == 10_001)
  }

  @Test("routing and explaining agree on random rules and requests")
  func routeAgreesWithTrace() throws {
    var random = SeededGenerator(seed: 23)
    var matched = 0
    for _ in 0..<400 {
      var shop = try RuleFixture.shop()
      shop.rules = (0..<random.below(12)).map { RuleFixture.random("r\($0)", &random) }
      let plan = RulePlan(shop)
      for _ in 0..<10 {
        let request = RuleFixture.randomRequest(&random)
        let isNight = random.percent(50)
        let routed = plan.route(request) { _ in isNight }
        let steps = plan.trace(request) { _ in isNight }
        #expect(routed.rule == steps.first { $0.outcome == .matched }?.rule)
        #expect(routed.continued == steps.filter { $0.outcome == .continued }.map(\.rule))
        // Once more without the automaton and in the plainest way: rule by rule.
        var search = RuleSearch(request)
        let decisive = plan.rules.first { rule in
          let words = rule.conditions.compactMap(\.keywords).joined()
          let hasKeyword = words.contains { word in
            request.texts.contains { $0.contains(String(decoding: word.bytes, as: UTF8.self)) }
          }
          return search.visit(rule, hasKeyword: hasKeyword) { _ in isNight } == .matched
        }
        #expect(routed.rule == decisive?.name)
        #expect(routed.level == search.level)
        #expect(routed.arms == search.arms)
        matched += routed.rule == nil ? 0 : 1
      }
    }
    #expect(matched > 1_000)
  }
}
