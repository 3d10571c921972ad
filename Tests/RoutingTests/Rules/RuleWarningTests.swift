import TestSupport
import Testing

@testable import Routing

/// What `fenliu check` says of rules that can never decide.
@Suite struct RuleWarningTests {
  private func warnings(_ rules: String) throws -> [String] {
    try RuleFixture.shop(rules).ruleWarnings().map(\.description)
  }

  @Test("a poor file is told all that is wrong with its rules, by line, and nothing else")
  func poorFile() throws {
    let found = try warnings(
      """
      - {name: refund, what: {keywords: [退款, refund]}, route: {group: help}}
      - {name: refund slip, what: {keywords: [退款单, 发票]}, route: {group: sales}}
      - name: refund again
        what: {keywords: [Ｒefunds, 退款单号]}
        route: {group: sales}
      - {name: gold, who: {level: ">=3", tags: [gold, vip]}, route: {group: sales}}
      - {name: big gold, who: {level: ">=5", tags: [gold], vip: true}, route: {group: help}}
      - {name: nobody, sample: 0%, route: {group: help}}
      - {name: rest, who: {level: ">=0"}, route: {group: help}}
      - {name: late, when: night, route: {group: sales}}
      - {name: latest, when: day, route: {group: sales}}
      """)
    #expect(
      found == [
        "rules[1].what.keywords (line 8) has '退款单', which never decides: "
          + "whoever says it is taken by 'refund' (line 7)",
        "rules[2] (line 9) is never reached: 'refund' (line 7) matches whenever it would",
        "rules[4] (line 13) is never reached: 'gold' (line 12) matches whenever it would",
        "rules[5].sample (line 14) is 0%, so the rule never matches",
        "rules[7] (line 16) is never reached, nor is the one after it: 'rest' (line 15) matches everything",
      ])
  }

  @Test("`fenliu check` tells it with everything else, in file order")
  func amongAllWarnings() throws {
    let shop = try RuleFixture.shop("- {name: a, route: {mode: bot-only}}\n- {name: b, route: {level: 3}}")
    let all = shop.warnings()
    #expect(all.contains { $0.keyPath == "rules[1]" && $0.line == 8 })
    #expect(all.compactMap(\.line) == all.compactMap(\.line).sorted())
  }

  @Test(
    "a rule whose every part follows from an earlier one is never reached",
    arguments: [
      ("who: {vip: true}", "who: {vip: true}"), ("who: {vip: false}", "who: {vip: false}, when: night"),
      ("who: {tags: [a, b]}", "who: {tags: [b]}"), ("who: {ids: [u-1, u-2]}", "who: {ids: [u-2], tags: [a]}"),
      ("who: {level: \">=5\"}", "who: {level: \"7..9\"}"), ("who: {level: \">4\"}", "who: {level: \">=5\"}"),
      ("who: {attributes: {n: \">=5\"}}", "who: {attributes: {n: \">5\"}}"),
      ("who: {attributes: {n: \">=5\"}}", "who: {attributes: {n: [5, \"6..7\", \"8\"]}}"),
      ("who: {attributes: {n: [gold, 3]}}", "who: {attributes: {n: gold, m: 4}}"),
      ("who: {attributes: {n: \"3..3\"}}", "who: {attributes: {n: 3}}"),
      ("who: {attributes: {n: 3}}", "who: {attributes: {n: \"3..3\"}}"),
      ("what: {category: [a, b]}", "what: {category: [b, a]}"), ("when: not night", "when: not night"),
      ("where: {province: [江苏, 浙江]}", "where: {province: 江苏, city: 南京}"),
      ("how: {channel: [app, web]}", "how: {channel: [app]}"),
      ("how: {params: {a: [1, 2]}}", "how: {params: {a: 2, b: 3}}"),
      ("how: {channel: app}", "how: {channel: app}, what: {keywords: [退款]}"),
      ("what: {keywords: [退款]}", "what: {keywords: [退款]}"),
      ("what: {keywords: [退款, fund]}", "what: {keywords: [我要退款, ＲＥＦＵＮＤ]}, who: {vip: true}"),
      ("what: {keywords: [退款]}, who: {vip: true}", "what: {keywords: [退款单]}, who: {vip: true, tags: [a]}"),
      ("who: {vip: true}, sample: 100%", "who: {vip: true}"),
      ("who: {vip: true}", "who: {vip: true}, sample: 30%"),
      ("who: {vip: true}", "who: {vip: true}, continue: true"),
    ])
  func neverReached(early: String, late: String) throws {
    // A rule with continue may only give level and tags.
    let found = try RuleFixture.shop(
      """
      - {name: early, \(early), route: {level: 3}}
      - {name: late, \(late), route: {level: 4}}
      """
    ).ruleWarnings().map { "\($0.keyPath) \($0.message)" }
    #expect(found == ["rules[1] is never reached: 'early' (line 7) matches whenever it would"])
  }

  @Test(
    "a rule that can still be reached is not complained of",
    arguments: [
      ("who: {vip: true}", "who: {vip: false}"), ("who: {vip: true}, when: night", "who: {vip: true}"),
      ("who: {tags: [a, b]}", "who: {tags: [b, c]}"), ("who: {tags: [a]}", "how: {channel: a}"),
      ("who: {level: \">=5\"}", "who: {level: \">=4\"}"), ("who: {level: \">=5\"}", ""),
      ("who: {attributes: {n: \">5\"}}", "who: {attributes: {n: \">=5\"}}"),
      ("who: {attributes: {n: \">=5\"}}", "who: {attributes: {m: \">=5\"}}"),
      ("who: {attributes: {n: \"3\"}}", "who: {attributes: {n: 3}}"),
      ("who: {attributes: {n: \"<9\"}}", "who: {attributes: {n: \">5\"}}"),
      ("when: night", "when: not night"), ("when: night", "when: day"),
      ("where: {city: 江苏}", "where: {province: 江苏}"), ("how: {params: {a: 1}}", "how: {params: {b: 1}}"),
      ("what: {keywords: [退款单]}", "what: {keywords: [退款]}"),
      ("what: {keywords: [退款]}, who: {vip: true}", "what: {keywords: [退款单]}"),
      ("what: {keywords: [退款]}", "who: {vip: true}"),
      ("who: {vip: true}, sample: 99%", "who: {vip: true}"),
      ("who: {vip: true}, continue: true", "who: {vip: true}"),
    ])
  func stillReached(early: String, late: String) throws {
    let found = try RuleFixture.shop(
      """
      - {name: early, \(early), route: {level: 3}}
      - {name: late, \(late.isEmpty ? "" : late + ", ")route: {level: 4}}
      """
    ).ruleWarnings()
    #expect(found.map(\.description) == [])
  }

  @Test("several earlier rules together can leave a rule with keywords nothing to decide")
  func coveredTogether() throws {
    let found = try warnings(
      """
      - {name: one, what: {keywords: [退款]}, route: {group: sales}}
      - {name: two, what: {keywords: [发票]}, route: {group: help}}
      - {name: three, what: {keywords: [退款单, 电子发票]}, route: {group: sales}}
      - {name: four, what: {keywords: [退款单, 开发票, 物流]}, route: {group: help}}
      """)
    #expect(
      found == [
        "rules[2] (line 9) is never reached: 'one' (line 7), 'two' (line 8) match whenever it would",
        "rules[3].what.keywords (line 10) has '退款单', which never decides: "
          + "whoever says it is taken by 'one' (line 7), and so for 1 more of its keywords",
      ])
  }

  @Test("a level that was raised in between is another level")
  func levelChangedBetween() throws {
    func found(_ between: String) throws -> Int {
      try warnings(
        """
        - {name: high, who: {level: ">=5"}, route: {group: sales}}
        - {name: high refund, who: {level: ">=5"}, what: {keywords: [退款]}, route: {group: sales}}
        - {name: between, who: {vip: true}, \(between)}
        - {name: higher, who: {level: ">=6"}, route: {group: help}}
        """
      ).count
    }
    #expect(try found("continue: true, route: {tags: [a]}") == 2)
    #expect(try found("continue: true, route: {level: \"+3\"}") == 1)
    #expect(try found("route: {level: \"+3\"}") == 2)
  }

  @Test("nobody is given twenty thousand warnings")
  func bounded() throws {
    var shop = try RuleFixture.shop()
    let words = RuleConfiguration.What(keywords: ["退款"])
    shop.rules = (0..<100).map { RuleConfiguration(name: "r\($0)", what: words) }
    let found = shop.ruleWarnings()
    #expect(found.count == 21)
    #expect(found.first?.description == "rules[1] is never reached: 'r0' matches whenever it would")
    #expect(found.last?.description == "rules has 79 more that are never reached")
  }

  @Test("whatever is called unreachable never decides, in random rules and requests")
  func certain() throws {
    var random = SeededGenerator(seed: 31)
    var unreachable = 0
    var shadowed = 0
    for _ in 0..<500 {
      var shop = try RuleFixture.shop()
      shop.rules = (0..<(2 + random.below(14))).map { RuleFixture.random("r\($0)", &random) }
      let named = shop.ruleWarnings()
      let dead = shop.rules.indices.filter { index in named.contains { $0.keyPath == "rules[\(index)]" } }
      unreachable += dead.count
      shadowed += named.count { $0.keyPath.hasSuffix(".keywords") }
      let names = Set(dead.map { "r\($0)" })
      let plan = RulePlan(shop)
      for _ in 0..<20 {
        let isNight = random.percent(50)
        let routed = plan.route(RuleFixture.randomRequest(&random)) { _ in isNight }
        #expect(names.isDisjoint(with: routed.continued + [routed.rule ?? ""]))
      }
    }
    #expect(unreachable > 300)
    #expect(shadowed > 50)
  }

  @Test("twenty thousand rules are checked, and the one that is covered is found")
  func twentyThousand() throws {
    var shop = try RuleFixture.shop()
    shop.rules = (0..<20_000).map { number in
      var rule = RuleConfiguration(name: "r\(number)", how: .init(channel: ["app"]))
      if number % 2 == 0 {
        rule.what.keywords = ["商品\(number)号"]
      } else {
        rule.who.ids = [CustomerID(unchecked: "u-\(number)")]
      }
      return rule
    }
    shop.rules.append(
      RuleConfiguration(name: "word", what: .init(keywords: ["退商品8号吧"]), how: .init(channel: ["app"])))
    shop.rules.append(
      RuleConfiguration(
        name: "id", who: .init(tags: ["x"], ids: [CustomerID(unchecked: "u-777")]),
        how: .init(channel: ["app"])))
    #expect(
      shop.ruleWarnings().map(\.description) == [
        "rules[20000] is never reached: 'r8' matches whenever it would",
        "rules[20001] is never reached: 'r777' matches whenever it would",
      ])
  }
}
