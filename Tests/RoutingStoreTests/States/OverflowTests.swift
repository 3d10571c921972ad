import Routing
import TestSupport
import Testing

/// Waiting too long (routing.md, section 7: `queue.overflow`).
@Suite(.redis) struct OverflowTests {
  private static func shop(_ steps: String, more: String = "", agents: String = "") -> String {
    """
    shop: s
    supervisor: {gateway: desk}
    return: {window: 0}
    \(more)
    groups: {g: {queue: {overflow: [\(steps)]}}, h: {}, k: {}}
    agents:
      a: {groups: [g], capacity: 1}
      y: {groups: [h], capacity: 1}
      z: {groups: [k], capacity: 1}
    \(agents)
    """
  }

  @Test func afterATimeAConversationIsOfferedToOtherGroups() async throws {
    try await TestShop.run(yaml: Self.shop("{after: 60s, to: [h, k]}")) { shop, _ in
      try shop.online("a", "y", "z")
      for id in ["held", "c1", "c2", "c3"] { try shop.arrive(id) }
      try shop.pass(59_999)
      #expect(try shop.places == ["c1 waiting g", "c2 waiting g", "c3 waiting g", "held a"])
      try shop.pass(1)
      #expect(try shop.places == ["c1 y", "c2 z", "c3 waiting g", "held a"])
      #expect(try shop.field("conv:c1", "reason") == "overflow")
      #expect(try shop.field("conv:c1", "group") == "h")
      #expect(try shop.field("conv:c2", "group") == "k")
      #expect(try shop.counted("group", "h", "overflowed") == 1)
      #expect(try shop.leftovers + shop.violations == [])
      // c3 keeps its place in its first queue and is in reach of the others' free slots.
      #expect(try shop.list("wait:g") == ["c3"])
      try shop.close("c2")
      #expect(try shop.field("conv:c3", "agent") == "z")
      #expect(try shop.field("conv:c3", "reason") == "overflow")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aGroupThatAConfigurationHasJustAddedIsOfferedToo() async throws {
    let before = "shop: s\ngroups: {g: {}}\nagents: {a: {groups: [g]}}"
    let after = """
      shop: s
      groups: {g: {queue: {overflow: [{after: 10s, to: [h]}]}}, h: {}}
      agents: {a: {groups: [g]}, z: {groups: [h]}}
      """
    try await TestShop.run(yaml: before) { shop, _ in
      // In force for the next event, though no record has been touched since.
      try shop.apply(ShopConfiguration.parse(after, file: "after.yaml"), settled: false)
      try shop.arrive("c")
      try shop.pass(10_000)
      #expect(try shop.fields("conv:c", "state", "offered") == "waiting h")
      try shop.online("z")
      #expect(try shop.places == ["c z"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aGroupThatComesBackBeforeItIsGoneKeepsWhoWaitsInIt() async throws {
    let with = "shop: s\ndefault: {group: g}\ngroups: {g: {}, h: {}}\nagents: {a: {groups: [g, h]}}"
    let without = "shop: s\ndefault: {group: g}\ngroups: {g: {}}\nagents: {a: {groups: [g]}}"
    try await TestShop.run(yaml: with) { shop, _ in
      try shop.arrive("c", group: "h")
      try shop.apply(ShopConfiguration.parse(without, file: "without.yaml"), settled: false)
      try shop.apply(ShopConfiguration.parse(with, file: "with.yaml"), settled: false)
      try shop.online("a")
      #expect(try shop.fields("conv:c", "agent", "group") == "a h")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func anOfferedConversationIsStillServedByItsFirstGroup() async throws {
    try await TestShop.run(yaml: Self.shop("{after: 60s, to: [h]}")) { shop, _ in
      try shop.online("a", "y")
      try shop.arrive("busy", group: "h")
      for id in ["held", "c"] { try shop.arrive(id) }
      try shop.pass(60_000)
      #expect(try shop.field("conv:c", "offered") == "h")
      try shop.close("held")
      #expect(try shop.places == ["busy y", "c a"])
      #expect(try shop.field("conv:c", "reason") == "queue")
      #expect(try shop.field("conv:c", "group") == "g")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func betweenOwnAndOfferedTheBestComesFirst() async throws {
    try await TestShop.run(yaml: Self.shop("{after: 60s, to: [h]}")) { shop, _ in
      try shop.online("a", "y")
      try shop.arrive("busy", group: "h")
      try shop.arrive("held")
      try shop.arrive("old", level: 1)
      try shop.arrive("older")
      try shop.pass(60_000)
      try shop.arrive("own", group: "h")
      try shop.close("busy")
      #expect(try shop.field("conv:old", "agent") == "y")
      try shop.close("old")
      #expect(try shop.field("conv:older", "agent") == "y")
      try shop.close("older")
      #expect(try shop.field("conv:own", "agent") == "y")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func theLevelIsRaisedOrSet() async throws {
    let steps = "{after: 10s, level: \"+2\"}, {after: 20s, level: 9}, {after: 30s, level: \"+5\"}"
    try await TestShop.run(yaml: Self.shop(steps)) { shop, _ in
      try shop.arrive("c", level: 3)
      var levels: [String?] = []
      for _ in 1...4 {
        levels.append(try shop.field("conv:c", "level"))
        try shop.pass(10_000)
      }
      #expect(levels == ["3", "5", "9", "10"])
      try shop.arrive("other", level: 9)
      #expect(try shop.list("wait:g") == ["c", "other"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func theSupervisorIsAlertedOnceForEachStep() async throws {
    try await TestShop.run(yaml: Self.shop("{after: 1m, alert: true}, {after: 3m, alert: true}")) { shop, _ in
      try shop.online("a")
      for id in ["held", "c"] { try shop.arrive(id) }
      try shop.pass(59_999)
      #expect(try shop.alerts() == [])
      try shop.pass(1)
      #expect(try shop.alerts() == ["waiting_too_long c g"])
      try shop.pass(119_999)
      #expect(try shop.alerts() == [])
      try shop.pass(1)
      #expect(try shop.alerts() == ["waiting_too_long c g"])
      try shop.pass(3_600_000)
      #expect(try shop.alerts() == [])
      #expect(try shop.violations == [])
    }
  }

  @Test func afterAllTheAssistantTakesIt() async throws {
    let texts = "texts: {no_agent: nobody is free}\nassistant: {greeting: hello}"
    try await TestShop.run(yaml: Self.shop("{after: 1m, to: [h]}, {after: 10m, mode: bot}", more: texts)) {
      shop, _ in
      try shop.online("a")
      for id in ["held", "c"] { try shop.arrive(id) }
      try shop.pass(600_000)
      #expect(try shop.places == ["c bot", "held a"])
      #expect(try shop.replies().suffix(2) == ["overdue nobody is free", "greeting hello"])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.close("held")
      #expect(try shop.places == ["c bot"])
    }
  }

  @Test func whoWantsOnlyAPersonGoesOnWaiting() async throws {
    let only = "default: {mode: human-only}"
    try await TestShop.run(yaml: Self.shop("{after: 1m, mode: bot, level: 4}", more: only)) { shop, _ in
      try shop.arrive("c")
      try shop.pass(3_600_000)
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.field("conv:c", "level") == "4")
      #expect(try shop.violations == [])
    }
  }

  @Test func theGroupsOfTheRuleAreOfferedItWithTheFirstStepThatOffers() async throws {
    let rule = "rules: [{name: r, who: {level: \">=1\"}, route: {group: g, overflow: [k]}}]"
    try await TestShop.run(yaml: Self.shop("{after: 60s, to: [h]}", more: rule)) { shop, _ in
      try shop.online("a", "z")
      try shop.arrive("held")
      try shop.arrive("c", level: 1)
      try shop.pass(60_000)
      #expect(try shop.places == ["c z", "held a"])
      #expect(try shop.field("conv:c", "group") == "k")
      #expect(try shop.field("conv:c", "reason") == "overflow")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func anAgentOfBothGroupsWithoutRoomInTheFirstTakesItForTheOther() async throws {
    let both = "  b: {groups: [{group: g, capacity: 1}, h], capacity: 3}"
    try await TestShop.run(yaml: Self.shop("{after: 60s, to: [h]}", agents: both)) { shop, _ in
      try shop.online("a", "b")
      for id in ["c1", "c2", "c3"] { try shop.arrive(id) }
      #expect(try shop.field("conv:c3", "state") == "waiting")
      try shop.pass(60_000)
      #expect(try shop.field("conv:c3", "agent") == "b")
      #expect(try shop.field("conv:c3", "group") == "h")
      #expect(try shop.field("conv:c3", "reason") == "overflow")
      #expect(try shop.violations == [])
      // The same when the slot falls free later.
      for number in 4...5 { try shop.arrive("c\(number)") }
      try shop.arrive("x", group: "h")
      try shop.pass(60_000)
      #expect(try shop.list("wait:g") == ["c4", "c5"])
      try shop.close("x")
      #expect(try shop.field("conv:c4", "agent") == "b")
      #expect(try shop.field("conv:c4", "group") == "h")
      #expect(try shop.field("conv:c4", "reason") == "overflow")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aStepCountsFromTheWaitNotFromTheOpening() async throws {
    try await TestShop.run(yaml: Self.shop("{after: 60s, to: [h]}")) { shop, _ in
      try shop.online("a", "y")
      try shop.arrive("c")
      try shop.pass(50_000)
      try shop.offline("a")
      try shop.pass(15_000)
      #expect(try shop.places == ["c waiting g"])
      try shop.pass(59_999)
      #expect(try shop.places == ["c waiting g"])
      try shop.pass(1)
      #expect(try shop.places == ["c y"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }
}
