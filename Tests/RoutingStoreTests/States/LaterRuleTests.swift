import Routing
import TestSupport
import Testing

/// Rules again, over what the customer said later (routing.md, "Rules again").
@Suite(.redis) struct LaterRuleTests {
  private static let yaml = """
    shop: s
    default: {group: g, mode: bot-first}
    groups: {g: {}, h: {}, i: {}}
    agents:
      a: {groups: [g], capacity: 1}
      b: {groups: [h], capacity: 1, skills: {goods: 4}}
      c: {groups: [i], capacity: 1}
    assistant: {max_misses: 100}
    rules:
      - {name: both, what: {keywords: [退货]}, who: {vip: true}, route: {group: i}}
      - name: goods
        what: {keywords: [退货]}
        route: {group: h, level: 4, tags: [goods], skills: {goods: 2}, weight: 3, overflow: [i]}
      - {name: vague, what: {keywords: [价格]}, route: {level: 2}}
    """

  /// Where nothing will look at them again they are not kept: a rule has matched, and no queue leads to the assistant.
  @Test func firstWordsAreKeptOnlyWhereSomethingMayLookAtThemAgain() async throws {
    let shop = """
      shop: s
      groups: {g: {QUEUE}}
      agents: {a: {groups: [g]}}
      rules: [{name: r, what: {keywords: [退货]}, route: {group: g}}]
      """
    for (name, queue, kept) in [
      ("plain", "", "- -"), ("bot", "queue: {overflow: [{after: 1m, mode: bot}]}", "我要退货 -"),
    ] {
      try await TestShop.run(yaml: shop.replacing("QUEUE", with: queue), name) { shop, _ in
        try shop.arrive("matched", text: "我要退货")
        #expect(try shop.fields("conv:matched", "said", "heard") == kept)
        try shop.arrive("unmatched", text: "你好")
        #expect(try shop.fields("conv:unmatched", "said", "heard") == "你好 -")
        // A longer one would take the record apart.
        try shop.arrive("long", text: String(repeating: "好", count: 22))
        #expect(try shop.fields("conv:long", "said", "heard") == "- 1")
      }
    }
  }

  @Test func atTheHandoffTheRulesHearAllThatWasSaid() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("c", text: "你好")
      try shop.say("c", text: "我要退")
      try shop.say("c", text: "我要退货")
      try shop.say("c", text: "在吗")
      #expect(try shop.fields("conv:c", "group", "said", "heard", "rule") == "g 你好 3 -")
      try shop.handOff("c")
      #expect(
        try shop.fields("conv:c", "state", "group", "level", "first_level", "rule", "mode")
          == "waiting h 4 4 goods human-first")
      #expect(try shop.fields("conv:c", "tags", "skills", "weight", "overflow") == #"["goods"] goods:2 3 i"#)
      #expect(try shop.counted("rule", "", "goods") == 1)
      #expect(try shop.counted("group", "h", "handed_off") == 1)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func theWordThatAsksForAPersonIsHeardToo() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("b")
      try shop.arrive("c")
      try shop.say("c", text: "转人工,退货")
      #expect(try shop.places == ["c b"])
      // It weighs 3, but never more than fits an idle agent; and what was gathered is gone.
      #expect(try shop.fields("conv:c", "reason", "weight", "units", "heard") == "group 3 - -")
      #expect(try shop.timeToLive("conv:c:texts") == -2)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whatTheFirstRulesGaveIsReplacedAtTheHandoff() async throws {
    let yaml = """
      shop: s
      default: {group: g, mode: bot-first}
      groups: {g: {}, h: {}}
      agents: {a: {groups: [g, h]}}
      rules:
        - {name: late, what: {keywords: [退货]}, route: {group: h, level: 1}}
        - {name: early, how: {channel: app}, route: {level: 6, tags: [app], skills: {x: 1}, weight: 2, prefer: most-skilled}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("c", channel: "app")
      try shop.arrive("d", channel: "app")
      #expect(try shop.fields("conv:c", "rule", "level", "weight", "prefer") == "early 6 2 most-skilled")
      try shop.say("c", text: "退货")
      try shop.handOff("c")
      try shop.handOff("d")
      #expect(
        try shop.fields("conv:c", "rule", "level", "tags", "skills", "weight", "prefer") == "late 1 - - - -")
      // The channel and all else that the opening told is still known.
      #expect(try shop.fields("conv:d", "rule", "level", "weight") == "early 6 2")
      // A rule is counted once for a reception that it decided twice.
      #expect(try ["early", "late"].map { try shop.counted("rule", "", $0) } == [2, 1])
    }
  }

  @Test func onlyTheLastTwentyTextsCount() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      for (name, others) in [("kept", 19), ("gone", 20)] {
        try shop.arrive(name, text: "退货")
        for number in 1...others { try shop.say(name, text: "第\(number)") }
        try shop.handOff(name)
      }
      #expect(try shop.field("conv:kept", "group") == "h")
      #expect(try shop.field("conv:gone", "group") == "g")
    }
  }

  @Test func onlyFourKibibytesOfTextCount() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      // 6 bytes of the keyword and 4,090 others are kept, one more is not.
      for (name, others) in [("kept", 4_090), ("gone", 4_091)] {
        try shop.arrive(name, text: "退货")
        try shop.say(name, text: String(repeating: "x", count: others))
        try shop.handOff(name)
      }
      #expect(try shop.field("conv:kept", "group") == "h")
      #expect(try shop.field("conv:gone", "group") == "g")
    }
  }

  @Test func whoWaitsWithoutARuleMovesAtItsOldPlaceWhenALaterTextMatches() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("c")
      try shop.handOff("c")
      let queued = try shop.field("conv:c", "queued_at")
      try shop.pass(30_000)
      // Others come to the other group meanwhile.
      try shop.arrive("later", text: "退货")
      try shop.handOff("later")
      try shop.pass(30_000)
      try shop.say("c", text: "是的")
      #expect(try shop.fields("conv:c", "group", "rule") == "g -")
      _ = try shop.take()
      try shop.say("c", text: "我想退货")
      #expect(try shop.fields("conv:c", "state", "group", "level", "rule") == "waiting h 4 goods")
      #expect(try shop.field("conv:c", "queued_at") == queued)
      #expect(try shop.commands() == ["conversation.queued c to=customer group=h hidden=true"])
      #expect(try shop.line("wait g") == nil)
      // Moving is not queueing again.
      #expect(try shop.counted("shop", "", "queued") == 2)
      try shop.online("b")
      #expect(try shop.places == ["c b", "later waiting h"])
      #expect(try shop.field("conv:c", "waited_ms") == "60000")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whoWaitsWithoutARuleGoesToAnAgentWhoIsFreeThere() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("b", "c")
      try shop.arrive("c")
      try shop.handOff("c")
      try shop.say("c", text: "退货")
      #expect(try shop.places == ["c b"])
      #expect(try shop.field("conv:c", "reason") == "queue")
      #expect(try shop.counted("rule", "", "goods") == 1)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aRuleThatNamesNoGroupMovesNobody() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("c")
      try shop.handOff("c")
      try shop.say("c", text: "价格")
      #expect(try shop.fields("conv:c", "group", "level", "rule") == "g 0 -")
      // Several words make a match that none of them makes alone, and who is on record as a VIP is known as one.
      try shop.update("u-c", vip: true)
      try shop.arrive("d", customer: "u-c")
      try shop.handOff("d")
      try shop.say("d", text: "退货")
      #expect(try shop.fields("conv:d", "group", "rule") == "i both")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whoMatchedARuleStaysWhateverItSaysLater() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("c", text: "退货")
      try shop.handOff("c")
      try shop.update("u-c", vip: true)
      try shop.say("c", text: "退货")
      #expect(try shop.fields("conv:c", "group", "rule") == "h goods")
    }
  }

  @Test func whatTheOpeningToldIsStillKnownWhileSomebodyWaits() async throws {
    let yaml = """
      shop: s
      groups: {g: {}, h: {}, i: {}}
      agents: {a: {groups: [g, h, i]}}
      rules:
        - {name: app, how: {channel: app}, continue: true, route: {level: "+3", tags: [app]}}
        - name: goods
          what: {keywords: [退货], category: order}
          how: {channel: app, params: {source: spring}}
          route: {group: h}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("c", category: "order", channel: "app", params: ["source": "spring"])
      try shop.arrive("other", category: "order", channel: "web", params: ["source": "spring"])
      #expect(try shop.fields("conv:c", "group", "level", "rule", "tags") == #"g 3 - ["app"]"#)
      for name in ["c", "other"] { try shop.say(name, text: "退货") }
      // Its level and tags are not added twice, and neither is the rule counted twice.
      #expect(try shop.fields("conv:c", "group", "level", "rule", "tags") == #"h 3 goods ["app"]"#)
      #expect(try shop.fields("conv:other", "group", "rule") == "g -")
      #expect(try ["app", "goods"].map { try shop.counted("rule", "", $0) } == [1, 1])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func theGroupThatTheGatewayAskedForHoldsAtTheHandoffToo() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("c", group: "i")
      try shop.handOff("c")
      #expect(try shop.fields("conv:c", "state", "group") == "waiting i")
    }
  }

  @Test func whoWaitedTooLongIsStillKnownByAllItSaid() async throws {
    let yaml = """
      shop: s
      groups: {g: {queue: {overflow: [{after: 1m, mode: bot}]}}, h: {}}
      agents: {a: {groups: [g, h]}}
      rules:
        - {name: goods, what: {keywords: [退货], category: order}, how: {params: {source: spring}}, route: {group: h}}
        - {name: first, how: {channel: app}, route: {group: g, tags: [app]}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("c", category: "order", channel: "app", params: ["source": "spring"])
      #expect(try shop.fields("conv:c", "state", "rule") == "waiting first")
      try shop.pass(60_000)
      #expect(try shop.places == ["c bot"])
      try shop.say("c", text: "退货")
      try shop.handOff("c")
      #expect(try shop.fields("conv:c", "state", "group", "rule") == "waiting h goods")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
