import Testing

@testable import Routing

/// For each part of a rule, which customers it fits and which not.
@Suite struct RulePartTests {
  private typealias Change = (inout RoutingRequest) -> Void

  /// Whether a rule with these parts decides about a request, and that `explain` agrees and names the part.
  private func matches(
    _ parts: String, _ part: RulePart, isNight: Bool = false, level: Int = 0, _ change: Change
  ) throws -> Bool {
    let plan = try RuleFixture.plan("- {name: r, \(parts), route: {group: sales}}")
    let request = RuleFixture.request(level: level, change: change)
    let isOpen = { (schedule: ScheduleID) in schedule == RuleFixture.night && isNight }
    let routed = plan.route(request, isOpen: isOpen)
    let isMatch = routed.rule == "r"
    #expect(routed.group == (isMatch ? RuleFixture.sales : RuleFixture.plain))
    let outcome: RuleStep.Outcome = isMatch ? .matched : .missed(part)
    #expect(plan.trace(request, isOpen: isOpen) == [RuleStep(rule: "r", outcome: outcome)])
    return isMatch
  }

  @Test(
    "who: level",
    arguments: [
      ("\">=5\"", [5, 6, 10], [0, 4]), ("3", [3], [2, 4]), ("2..4", [2, 3, 4], [1, 5]),
      ("<1", [0], [1, 10]), ("0", [0], [1]),
    ])
  func level(condition: String, fitting: [Int], others: [Int]) throws {
    for level in fitting { #expect(try matches("who: {level: \(condition)}", .who, level: level) { _ in }) }
    for level in others { #expect(try !matches("who: {level: \(condition)}", .who, level: level) { _ in }) }
  }

  @Test("who: vip; somebody of whom nobody knows is none")
  func vip() throws {
    for (wanted, known, fits) in [
      (true, true, true), (true, false, false), (true, nil, false), (false, true, false),
      (false, false, true), (false, nil, true),
    ] as [(Bool, Bool?, Bool)] {
      #expect(try matches("who: {vip: \(wanted)}", .who) { $0.customer.vip = known } == fits)
    }
  }

  @Test("who: any of the tags")
  func tags() throws {
    let rule = "who: {tags: [new, 新客]}"
    #expect(try matches(rule, .who) { $0.customer.tags = ["old", "新客"] })
    #expect(try !matches(rule, .who) { $0.customer.tags = ["NEW", "new "] })
    #expect(try !matches(rule, .who) { _ in })
  }

  @Test("who: any of the ids")
  func ids() throws {
    #expect(try matches("who: {ids: [u-1, u-2]}", .who) { _ in })
    #expect(try !matches("who: {ids: [u-1, u-2]}", .who) { $0.customer.id = CustomerID(unchecked: "u-3") })
  }

  @Test(
    "who: attributes, as text, number, flag, list or comparison",
    arguments: [
      ("gold", .text("gold"), true), ("gold", .text("Gold"), false), ("gold", .flag(true), false),
      ("20", .number(20), true), ("20", .text("20"), true), ("20", .number(21), false),
      ("\"20\"", .text("20"), true), ("\"20\"", .number(20), false), ("0571", .text("0571"), true),
      ("0571", .number(571), false), ("true", .flag(true), true), ("true", .flag(false), false),
      ("true", .text("true"), false), ("\">=20\"", .number(20), true), ("\">=20\"", .number(19.5), false),
      ("\">=20\"", .text("20.5"), true), ("\">=20\"", .text("twenty"), false),
      ("\">=20\"", .text("0571"), false), ("\">=0\"", .flag(true), false), ("2..4", .number(4), true),
      ("2..4", .text("4.01"), false), ("[gold, \">=20\"]", .text("gold"), true),
      ("[gold, \">=20\"]", .number(30), true), ("[gold, \">=20\"]", .number(3), false),
    ] as [(String, Event.AttributeValue, Bool)])
  func attributes(condition: String, value: Event.AttributeValue, fits: Bool) throws {
    let rule = "who: {attributes: {x: \(condition)}}"
    #expect(try matches(rule, .who) { $0.customer.attributes = ["x": value] } == fits)
    #expect(try !matches(rule, .who) { $0.customer.attributes = ["y": value] })
  }

  @Test("who: each attribute that is named has to fit, and each key")
  func everyKey() throws {
    let rule = "who: {vip: true, attributes: {a: 1, b: 2}}"
    #expect(
      try matches(rule, .who) {
        $0.customer.attributes = ["a": .number(1), "b": .number(2)]
        $0.customer.vip = true
      })
    #expect(try !matches(rule, .who) { $0.customer.attributes = ["a": .number(1), "b": .number(2)] })
    #expect(
      try !matches(rule, .who) {
        $0.customer.attributes = ["a": .number(1)]
        $0.customer.vip = true
      })
  }

  @Test(
    "what: any of the keywords in any of the texts",
    arguments: [
      (["我想退款"], true), (["你好", "在吗", "ＲＥＦＵＮＤ!"], true), (["refunded"], true), (["ref", "und"], false),
      (["退", "款"], false), ([], false), ([""], false),
    ])
  func keywords(texts: [String], fits: Bool) throws {
    #expect(try matches("what: {keywords: [退款, Refund]}", .what) { $0.texts = texts } == fits)
  }

  @Test("what: the category, and with keywords both")
  func category() throws {
    let rule = "what: {category: [after, 售后]}"
    #expect(try matches(rule, .what) { $0.category = "售后" })
    #expect(try !matches(rule, .what) { $0.category = "After" })
    #expect(try !matches(rule, .what) { _ in })
    let both = "what: {keywords: 退款, category: after}"
    for (text, category, fits) in [("退款", "after", true), ("退款", "pre", false), ("你好", "after", false)] {
      let isMatch = try matches(both, .what) {
        $0.texts = [text]
        $0.category = category
      }
      #expect(isMatch == fits)
    }
  }

  @Test("when: while the schedule is open, or not")
  func when() throws {
    #expect(try matches("when: night", .when, isNight: true) { _ in })
    #expect(try !matches("when: night", .when, isNight: false) { _ in })
    #expect(try matches("when: not night", .when, isNight: false) { _ in })
    #expect(try !matches("when: not night", .when, isNight: true) { _ in })
  }

  @Test("where: any of the provinces, and any of the cities")
  func location() throws {
    let rule = "where: {province: [江苏, 浙江], city: 南京, country: 中国}"
    let nanjing: [String: Event.AttributeValue] = [
      "province": .text("江苏"), "city": .text("南京"), "country": .text("中国"),
    ]
    #expect(try matches(rule, .location) { $0.customer.attributes = nanjing })
    for key in nanjing.keys {
      #expect(try !matches(rule, .location) { $0.customer.attributes = nanjing.filter { $0.key != key } })
      #expect(
        try !matches(rule, .location) {
          $0.customer.attributes = nanjing.merging([key: .text("上海")]) { $1 }
        })
    }
    #expect(try !matches("where: {city: \"1\"}", .location) { $0.customer.attributes = ["city": .number(1)] })
  }

  @Test("how: any of the channels, and each parameter")
  func how() throws {
    let rule = "how: {channel: [app, wechat], params: {source: [spring, fall], page: 3}}"
    #expect(
      try matches(rule, .how) {
        $0.channel = "wechat"
        $0.params = ["source": "fall", "page": "3", "more": "x"]
      })
    for (channel, params) in [
      ("web", ["source": "fall", "page": "3"]), (nil, ["source": "fall", "page": "3"]),
      ("app", ["source": "summer", "page": "3"]), ("app", ["source": "fall"]),
      ("app", ["source": "fall", "page": "03"]),
    ] as [(String?, [String: String])] {
      let isMatch = try matches(rule, .how) {
        $0.channel = channel
        $0.params = params
      }
      #expect(!isMatch)
    }
  }

  @Test("sample: some customers and not others, always the same")
  func sample() throws {
    let plan = try RuleFixture.plan("- {name: trial, sample: 30%, route: {group: sales}}")
    var inSample = 0
    for number in 0..<2_000 {
      let id = CustomerID(unchecked: "u-\(number)")
      let request = RuleFixture.request { $0.customer.id = id }
      let routed = plan.route(request)
      let belongs = SampleHash.contains(id, of: "trial", share: .percent(30))
      #expect(routed.rule == (belongs ? "trial" : nil))
      #expect(routed.arms == [SampleArm(rule: "trial", isInSample: belongs)])
      #expect(plan.trace(request) { _ in false }.last?.outcome == (belongs ? .matched : .missed(.sample)))
      inSample += belongs ? 1 : 0
    }
    #expect((500...700).contains(inSample))
  }
}
