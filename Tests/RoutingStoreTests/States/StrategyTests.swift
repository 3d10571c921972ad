import Routing
import TestSupport
import Testing

/// Which agent of a group comes next (routing.md, 4.4).
@Suite(.redis) struct StrategyTests {
  private static func shop(_ strategy: String, _ agents: String, defaults: Bool = false) -> String {
    """
    shop: s
    return: {window: 0}
    \(defaults ? "group_defaults: {strategy: \(strategy)}" : "")
    groups: {g: {\(defaults ? "" : "strategy: \(strategy)")}}
    agents:
    \(agents)
    """
  }

  private static func receive(_ shop: TestShop, _ count: Int) throws -> String {
    var order = ""
    for number in 1...count {
      try shop.arrive("c\(number)")
      order += try shop.field("conv:c\(number)", "agent") ?? "-"
      try shop.pass(10)
    }
    return order
  }

  @Test func withoutAStrategyTheShareOfCapacityUsedDecidesThenWhoHasBeenIdleLongest() async throws {
    let yaml = """
      shop: s
      groups: {g: {}}
      agents:
        a: {groups: [g], capacity: 2}
        b: {groups: [g], capacity: 4}
        d: {groups: [g], capacity: 4}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("d")
      try shop.pass(10)
      try shop.online("b")
      try shop.pass(10)
      try shop.online("a")
      // 0/4 d, 0/4 b, 0/2 a; then 1/4 d, 1/4 b; then all at a half, d first for it was given its last one first … a.
      #expect(try Self.receive(shop, 10) == "dbadbadbdb")
      #expect(try shop.violations == [])
    }
  }

  @Test func theLongestIdleIsWhoHasNoConversationFirst() async throws {
    let yaml = Self.shop("longest-idle", "  a: {groups: [g]}\n  b: {groups: [g]}\n  d: {groups: [g]}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "b", "d")
      #expect(try Self.receive(shop, 3) == "abd")
      try shop.close("c1")
      try shop.pass(10)
      try shop.close("c2")
      try shop.pass(10)
      // a and b hold nothing, a for longer; d, who was served last, comes after them.
      try shop.arrive("x")
      try shop.arrive("y")
      try shop.arrive("z")
      #expect(try shop.places == ["c3 d", "x a", "y b", "z d"])
      #expect(try shop.violations == [])
    }
  }

  @Test func inTurnWhateverTheLoad() async throws {
    let yaml = Self.shop(
      "round-robin", "  a: {groups: [g]}\n  b: {groups: [g]}\n  d: {groups: [g]}", defaults: true)
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "b", "d")
      #expect(try Self.receive(shop, 4) == "abda")
      try shop.close("c1")
      try shop.close("c4")
      // a holds nothing, but it is b's turn.
      try shop.arrive("x")
      try shop.arrive("y")
      #expect(try shop.field("conv:x", "agent") == "b")
      #expect(try shop.field("conv:y", "agent") == "d")
      #expect(try shop.violations == [])
    }
  }

  @Test func theMostSkilledInTheGroupFirstThenTheLeastLoaded() async throws {
    let agents = """
        a: {groups: [{group: g, skill: 3}], capacity: 9}
        b: {groups: [{group: g, skill: 9}], capacity: 2}
        d: {groups: [{group: g, skill: 9}], capacity: 4}
        e: {groups: [g], capacity: 1}
      """
    try await TestShop.run(yaml: Self.shop("most-skilled", agents)) { shop, _ in
      try shop.online("a", "b", "d", "e")
      // Nines by load until both are full, then the five that no number means, then the three.
      #expect(try Self.receive(shop, 8) == "bddbddea")
      #expect(try shop.violations == [])
    }
  }

  @Test func inProportionToTheWeights() async throws {
    let agents = """
        a: {groups: [g], capacity: 99, weight: 3}
        b: {groups: [g], capacity: 99}
        d: {groups: [g], capacity: 99, weight: 2}
      """
    try await TestShop.run(yaml: Self.shop("weighted", agents)) { shop, _ in
      try shop.online("a", "b", "d")
      _ = try Self.receive(shop, 60)
      #expect(try shop.field("agent:a", "load") == "30")
      #expect(try shop.field("agent:b", "load") == "10")
      #expect(try shop.field("agent:d", "load") == "20")
      #expect(try shop.violations == [])
    }
  }

  @Test func whoComesLaterDoesNotMakeUpForWhatOthersHadBefore() async throws {
    let agents = "  a: {groups: [g], capacity: 99, weight: 2}\n  b: {groups: [g], capacity: 99}"
    try await TestShop.run(yaml: Self.shop("weighted", agents)) { shop, _ in
      try shop.online("a")
      _ = try Self.receive(shop, 20)
      try shop.online("b")
      for number in 1...12 { try shop.arrive("x\(number)") }
      #expect(try shop.field("agent:a", "load") == "28")
      #expect(try shop.field("agent:b", "load") == "4")
      // Nor after an absence.
      try shop.pause("b")
      for number in 1...20 { try shop.arrive("y\(number)") }
      try shop.online("b")
      for number in 1...12 { try shop.arrive("z\(number)") }
      #expect(try shop.field("agent:b", "load") == "8" || shop.field("agent:b", "load") == "9")
      #expect(try shop.violations == [])
    }
  }

  @Test func onlyAgentsOfTheGroupWhoAcceptAndHaveRoomAreChosen() async throws {
    let yaml = """
      shop: s
      groups: {g: {}, h: {}}
      agents:
        a: {groups: [g], capacity: 1}
        b: {groups: [g], capacity: 1}
        d: {groups: [h], capacity: 9}
        e: {groups: [g], capacity: 9}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "b", "d", "e")
      try shop.pause("e")
      #expect(try Self.receive(shop, 3) == "ab-")
      #expect(try shop.field("conv:c3", "state") == "waiting")
      #expect(try shop.violations == [])
    }
  }
}
