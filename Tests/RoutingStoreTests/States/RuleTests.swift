import Routing
import TestSupport
import Testing

/// Rules, as they come into force at an opening (routing.md, section 2).
@Suite(.redis) struct RuleTests {
  private static let shop = """
    shop: s
    default: {group: g, mode: human-first}
    schedules: {work: {weekly: {mon-sun: ["09:00-15:00"]}}}
    groups: {g: {}, h: {}, i: {}}
    agents:
      a: {groups: [g, h], capacity: 9}
      b: {groups: [{group: g, skill: 9}, {group: h, skill: 2}], capacity: 9, skills: {english: 5}}
      c: {groups: [i], capacity: 1}
    rules:

    """

  @Test(arguments: [
    ("who: {level: \">=5\"}", "level", "other"), ("who: {vip: true}", "vip", "other"),
    ("who: {tags: [gold]}", "tagged", "other"), ("who: {ids: [u-known]}", "known", "other"),
    ("who: {attributes: {orders: \">=20\"}}", "buyer", "other"),
    ("what: {keywords: [退款, REFUND]}", "word", "other"),
    ("what: {category: [refund]}", "chosen", "other"), ("where: {province: [江苏, 浙江]}", "near", "far"),
    ("where: {city: [南京]}", "near", "far"), ("where: {country: [中国]}", "near", "far"),
    ("how: {channel: [app, wechat]}", "app", "other"),
    ("how: {params: {source: [spring]}}", "campaign", "other"),
    ("who: {vip: true}, how: {channel: app}", "both", "vip"),
  ])
  func aRuleMatchesWhenEveryPartMatches(parts: String, matching: String, other: String) async throws {
    let yaml = Self.shop + "  - {name: r, \(parts), route: {group: h}}\n"
    let name = "rule\(matching)\(parts.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF })"
    try await TestShop.run(yaml: yaml, name) { shop, _ in
      for customer in [matching, other] { try arrive(customer, shop) }
      #expect(try shop.fields("conv:" + matching, "group", "rule") == "h r")
      #expect(try shop.fields("conv:" + other, "group", "rule") == "g -")
    }
  }

  private func arrive(_ customer: String, _ shop: TestShop) throws {
    let near: [String: Event.AttributeValue] = [
      "province": .text("江苏"), "city": .text("南京"), "country": .text("中国"),
    ]
    switch customer {
    case "level": try shop.arrive(customer, level: 5)
    case "vip": try shop.arrive(customer, vip: true)
    case "tagged": try shop.arrive(customer, tags: ["new", "gold"])
    case "buyer": try shop.arrive(customer, attributes: ["orders": .number(20)])
    case "word": try shop.arrive(customer, text: "我要ｒｅｆｕｎｄ")
    case "chosen": try shop.arrive(customer, category: "refund")
    case "near": try shop.arrive(customer, attributes: near)
    case "far": try shop.arrive(customer, attributes: ["province": .text("云南")])
    case "app": try shop.arrive(customer, channel: "app")
    case "campaign": try shop.arrive(customer, params: ["source": "spring"])
    case "both": try shop.arrive(customer, channel: "app", vip: true)
    default: try shop.arrive(customer, text: "你好", category: "order", channel: "web", level: 4)
    }
  }

  @Test func theFirstRuleInTheFileDecides() async throws {
    let yaml =
      Self.shop + """
          - {name: first, who: {level: ">=3"}, route: {group: h}}
          - {name: second, who: {level: ">=1"}, route: {group: i}}
        """
    try await TestShop.run(yaml: yaml) { shop, _ in
      for level in [0, 2, 3] { try shop.arrive("c\(level)", level: level) }
      let rules = try [0, 2, 3].map { try shop.fields("conv:c\($0)", "group", "rule") }
      #expect(rules == ["g -", "i second", "h first"])
      #expect(try shop.counted("rule", "", "first") == 1)
      #expect(try shop.counted("rule", "", "second") == 1)
    }
  }

  @Test func aRuleThatContinuesAddsLevelAndTagsAndTheSearchGoesOn() async throws {
    let yaml =
      Self.shop + """
          - {name: app, how: {channel: app}, continue: true, route: {level: "+2", tags: [mobile]}}
          - {name: high, who: {level: ">=2"}, route: {group: h, tags: [high, mobile]}}
          - {name: rest, route: {group: i}}
        """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("c", channel: "app")
      // The later rule saw the level that the earlier one gave.
      #expect(try shop.fields("conv:c", "group", "level", "rule") == "h 2 high")
      #expect(try shop.field("conv:c", "tags") == #"["mobile","high"]"#)
      try shop.arrive("d", channel: "web")
      #expect(try shop.fields("conv:d", "group", "level", "rule", "tags") == "i 0 rest -")
      // Matches of both kinds are counted.
      #expect(try ["app", "high", "rest"].map { try shop.counted("rule", "", $0) } == [1, 1, 1])
    }
  }

  @Test func theLevelIsSetOrRaisedAndStaysWithinItsBounds() async throws {
    let yaml =
      Self.shop + """
          - {name: set, what: {category: set}, route: {level: 7}}
          - {name: raise, what: {category: raise}, route: {level: "+2"}}
          - {name: lower, what: {category: lower}, route: {level: "-2"}}
        """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("set", category: "set", level: 9)
      try shop.arrive("raised", category: "raise", level: 3)
      try shop.arrive("top", category: "raise", level: 9)
      try shop.arrive("bottom", category: "lower", level: 1)
      let levels = try ["set", "raised", "top", "bottom"].map {
        try shop.fields("conv:" + $0, "level", "first_level")
      }
      #expect(levels == ["7 7", "5 5", "10 10", "0 0"])
    }
  }

  @Test func aRuleHoldsWithinItsScheduleAndAnotherOutsideIt() async throws {
    let yaml =
      Self.shop + """
          - {name: day, when: work, route: {group: h}}
          - {name: night, when: not work, route: {group: i}}
        """
    try await TestShop.run(yaml: yaml) { shop, _ in
      // 14:13:20 UTC; the schedule ends at 15:00.
      try shop.arrive("day")
      try shop.pass(46 * 60_000 + 40_000 - 1)
      try shop.arrive("last")
      try shop.pass(1)
      try shop.arrive("night")
      #expect(try ["day", "last", "night"].map { try shop.field("conv:" + $0, "group") } == ["h", "h", "i"])
    }
  }

  @Test func aRuleGivesTheMode() async throws {
    let yaml =
      Self.shop + """
          - {name: bot, what: {category: bot}, route: {mode: bot-first}}
          - {name: only, what: {category: only}, route: {mode: human-only, group: i}}
        """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("b", category: "bot")
      try shop.arrive("o", category: "only")
      #expect(try shop.places == ["b bot", "o waiting i"])
      #expect(try shop.field("conv:o", "mode") == "human-only")
    }
  }

  @Test func skillsAreAskedOfTheAgent() async throws {
    let yaml = Self.shop + "  - {name: en, how: {channel: en}, route: {skills: {english: 3}}}\n"
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("waits", channel: "en")
      try shop.arrive("served")
      #expect(try shop.places == ["served a", "waits waiting g"])
      #expect(try shop.field("conv:waits", "skills") == "english:3")
      try shop.online("b")
      #expect(try shop.places == ["served a", "waits b"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func theMostSkilledComesFirstWhereARulePrefersIt() async throws {
    let yaml = Self.shop + "  - {name: p, how: {channel: p}, route: {prefer: most-skilled}}\n"
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("b", "a")
      for number in 1...3 { try shop.arrive("p\(number)", channel: "p") }
      try shop.arrive("plain")
      #expect(try shop.places == ["p1 b", "p2 b", "p3 b", "plain a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aConversationWeighsWhatARuleSays() async throws {
    let yaml = Self.shop + "  - {name: heavy, how: {channel: heavy}, route: {group: g, weight: 5}}\n"
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("heavy", channel: "heavy")
      #expect(try shop.fields("agent:a", "used", "load", "spread") == "5 1 g:5")
      try shop.arrive("second", channel: "heavy")
      for number in 1...4 { try shop.arrive("light\(number)") }
      #expect(try shop.fields("agent:a", "used", "load") == "9 5")
      #expect(try shop.field("conv:second", "state") == "waiting")
      try shop.close("heavy")
      #expect(try shop.field("conv:second", "state") == "active")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func theOverflowGroupsOfARuleTakeOverWhenTheQueueIsFull() async throws {
    let yaml = """
      shop: s
      groups: {g: {queue: {limit: 1}}, h: {}, i: {}}
      agents: {a: {groups: [g]}, b: {groups: [h], capacity: 1}, c: {groups: [i], capacity: 1}}
      rules:
        - {name: o, route: {group: g, overflow: [h, i]}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("b", "c")
      for number in 1...4 { try shop.arrive("c\(number)") }
      // One waits in its own group, the next ones have an agent elsewhere, then the first such queue takes them.
      #expect(try shop.places == ["c1 waiting g", "c2 b", "c3 c", "c4 waiting h"])
      #expect(try shop.field("conv:c2", "reason") == "overflow")
      #expect(try shop.counted("group", "h", "overflowed") == 2)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func theGroupThatTheGatewayAsksForComesBeforeTheRules() async throws {
    let yaml = Self.shop + "  - {name: r, route: {group: h, level: 4}}\n"
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("c", group: "i")
      #expect(try shop.fields("conv:c", "group", "level", "rule") == "i 4 r")
    }
  }

  @Test func withoutAMatchTheDefaultHolds() async throws {
    let yaml = """
      shop: s
      default: {group: h, mode: bot-first}
      groups: {g: {}, h: {}}
      agents: {a: {groups: [g, h]}}
      rules: [{name: r, who: {vip: true}, route: {group: g, mode: human-first}}]
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("c")
      try shop.arrive("v", vip: true)
      #expect(try shop.fields("conv:c", "group", "state", "rule") == "h bot -")
      #expect(try shop.fields("conv:v", "group", "state", "rule") == "g waiting r")
    }
    // The first group and a person first, unless the shop says otherwise.
    try await TestShop.run(
      yaml: yaml.replacing("default: {group: h, mode: bot-first}", with: ""), "noDefault"
    ) { shop, _ in
      try shop.arrive("c")
      #expect(try shop.fields("conv:c", "group", "state", "mode") == "g waiting human-first")
    }
  }
}
