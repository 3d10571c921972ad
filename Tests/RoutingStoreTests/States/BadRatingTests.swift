import Routing
import TestSupport
import Testing

/// Agents whom a customer rated badly are passed over (routing.md, section 4).
@Suite(.redis) struct BadRatingTests {
  private static func shop(_ more: String = "") -> String {
    """
    shop: s
    \(more)
    groups: {g: {}}
    agents:
      a: {groups: [g], capacity: 9}
      b: {groups: [g], capacity: 1}
    """
  }

  /// `u` had `a` and gave it this mark; both agents are online, a less loaded than b.
  private static func rated(_ shop: TestShop, _ score: Int) throws {
    try shop.online("a")
    try shop.arrive("before", customer: "u")
    try shop.rate("before", score)
    try shop.close("before")
    try shop.online("b")
  }

  @Test func anAgentRatedBadlyDoesNotGetItsCustomerBack() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.rated(shop, 2)
      try shop.arrive("c", customer: "u")
      #expect(try shop.places == ["c b"])
      // Neither by a place in the queue.
      try shop.arrive("d", customer: "v")
      try shop.arrive("held", agent: "b")
      #expect(try shop.field("conv:d", "agent") == "a")
      #expect(try shop.violations == [])
    }
  }

  @Test func aMiddlingRatingKeepsNobodyApart() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.rated(shop, 3)
      try shop.arrive("c", customer: "u")
      #expect(try shop.places == ["c a"])
      #expect(try shop.field("conv:c", "reason") == "returning")
    }
  }

  @Test func theShopSaysWhatABadRatingIs() async throws {
    try await TestShop.run(yaml: Self.shop("bad_rating: 1")) { shop, _ in
      try Self.rated(shop, 2)
      try shop.arrive("c", customer: "u")
      #expect(try shop.places == ["c a"])
      try shop.rate("c", 1)
      try shop.close("c")
      try shop.arrive("d", customer: "u")
      #expect(try shop.places == ["d b"])
    }
  }

  @Test func ratingsKeepNobodyApartWhereThatIsOff() async throws {
    try await TestShop.run(yaml: Self.shop("bad_rating: 0")) { shop, _ in
      try Self.rated(shop, 1)
      try shop.arrive("c", customer: "u")
      #expect(try shop.places == ["c a"])
    }
  }

  @Test func aBetterRatingBringsThemTogetherAgain() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.rated(shop, 1)
      try shop.rate("before", 5)
      try shop.arrive("c", customer: "u")
      #expect(try shop.places == ["c a"])
    }
  }

  @Test func aWaitingCustomerIsPassedByToo() async throws {
    try await TestShop.run(yaml: Self.shop("return: {window: 0}")) { shop, _ in
      try Self.rated(shop, 1)
      try shop.arrive("held", agent: "b")
      try shop.arrive("c", customer: "u")
      #expect(try shop.places == ["c waiting g", "held b"])
      // a has room all the time, b is online too: c waits for b however long that takes.
      try shop.arrive("d", customer: "v")
      try shop.close("d")
      try shop.pass(600_000)
      #expect(try shop.places == ["c waiting g", "held b"])
      try shop.close("held")
      #expect(try shop.places == ["c b"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func theOnlyOneOnlineIsTakenAfterAllInTime() async throws {
    try await TestShop.run(yaml: Self.shop("return: {window: 0}")) { shop, _ in
      try Self.rated(shop, 1)
      try shop.arrive("held", agent: "b")
      try shop.arrive("c", customer: "u")
      try shop.pass(10_000)
      try shop.pause("b")
      try shop.pass(60_000)
      #expect(try shop.field("conv:c", "state") == "waiting")
      try shop.pass(1)
      #expect(try shop.field("conv:c", "agent") == "a")
      // One who comes now need not wait: a has been alone for long enough.
      try shop.close("c")
      try shop.arrive("d", customer: "u")
      #expect(try shop.field("conv:d", "agent") == "a")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func theCustomersOwnAgentIsPassedOverIfRatedBadly() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.rated(shop, 1)
      try shop.update("u", dedicated: .set(AgentID(unchecked: "a")))
      try shop.arrive("c", customer: "u")
      #expect(try shop.places == ["c b"])
      #expect(try shop.field("conv:c", "reason") == "returning")
    }
  }

  @Test func whoAsksForTheAgentAllTheSameHasIt() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.rated(shop, 1)
      try shop.arrive("c", customer: "u", agent: "a")
      #expect(try shop.places == ["c a"])
      #expect(try shop.field("conv:c", "reason") == "requested")
    }
  }

  @Test func whoWaitsForTheAgentItAskedForHasItWhenItIsFree() async throws {
    let yaml = Self.shop().replacing("capacity: 9", with: "capacity: 1")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try Self.rated(shop, 1)
      try shop.arrive("held", agent: "a")
      try shop.arrive("c", customer: "u", agent: "a")
      #expect(try shop.places == ["c waiting g", "held a"])
      try shop.close("held")
      #expect(try shop.places == ["c a"])
      #expect(try shop.field("conv:c", "reason") == "requested")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }
}
