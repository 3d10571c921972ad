import Routing
import TestSupport
import Testing

/// Customers who ask for somebody, and customers who have an agent of their own (routing.md, 4.1 and 4.2).
@Suite(.redis) struct RequestedAgentTests {
  private static let shop = """
    shop: s
    groups: {g: {}}
    agents:
      a: {groups: [g], capacity: 1}
      b: {groups: [g], capacity: 9}
    """

  @Test func whoAsksForAnAgentWithRoomHasIt() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("a", "b")
      try shop.arrive("c", agent: "b")
      #expect(try shop.places == ["c b"])
      #expect(try shop.field("conv:c", "reason") == "requested")
      try shop.arrive("d", agent: "b")
      #expect(try shop.places == ["c b", "d b"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func whoAsksForAFullAgentWaitsForItWhileOthersHaveRoom() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("a", "b")
      try shop.arrive("held", agent: "a")
      try shop.arrive("c", agent: "a")
      #expect(try shop.places == ["c waiting g", "held a"])
      #expect(try shop.field("conv:c", "only") == "a")
      #expect(try shop.field("conv:c", "only_reason") == "requested")
      #expect(try shop.field("conv:c", "only_until") == "\(shop.store.now + 60_000)")
      // Another agent's freed slot passes it by.
      try shop.arrive("other")
      try shop.close("other")
      try shop.pass(59_999)
      #expect(try shop.places == ["c waiting g", "held a"])
      try shop.close("held")
      #expect(try shop.places == ["c a"])
      #expect(try shop.field("conv:c", "reason") == "requested")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test(arguments: ["full", "paused", "offline", "never seen"])
  func nobodyWaitsForTheAgentAskedForLongerThanTheShopSays(_ why: String) async throws {
    try await TestShop.run(yaml: Self.shop, "nobodyWaitsForTheAgentAskedFor-\(why.prefix(4))") { shop, _ in
      try shop.online("b")
      if why != "never seen" { try shop.online("a") }
      if why == "full" { try shop.arrive("held", agent: "a") }
      if why == "paused" { try shop.pause("a") }
      if why == "offline" { try shop.offline("a") }
      try shop.arrive("c", agent: "a")
      try shop.pass(59_999)
      #expect(try shop.field("conv:c", "state") == "waiting")
      try shop.pass(1)
      #expect(try shop.field("conv:c", "agent") == "b")
      #expect(try shop.field("conv:c", "reason") == "group")
      #expect(try shop.field("conv:c", "waited_ms") == "60000")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func theAgentAskedForComesOnlineInTime() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("b")
      try shop.arrive("c", agent: "a")
      try shop.pass(30_000)
      try shop.online("a")
      #expect(try shop.places == ["c a"])
      #expect(try shop.field("conv:c", "reason") == "requested")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func withoutADedicatedWaitNobodyWaitsForOneAgent() async throws {
    try await TestShop.run(yaml: Self.shop + "\ndedicated: {wait: 0}") { shop, _ in
      try shop.online("a", "b")
      try shop.arrive("held", agent: "a")
      try shop.arrive("c", agent: "a")
      #expect(try shop.places == ["c b", "held a"])
      #expect(try shop.field("conv:c", "reason") == "group")
      #expect(try shop.violations == [])
    }
  }

  @Test func theWaitForOneAgentIsAsLongAsConfigured() async throws {
    try await TestShop.run(yaml: Self.shop + "\ndedicated: {wait: 5s}") { shop, _ in
      try shop.online("b")
      try shop.arrive("c", agent: "a")
      try shop.pass(4_999)
      #expect(try shop.places == ["c waiting g"])
      try shop.pass(1)
      #expect(try shop.places == ["c b"])
    }
  }

  @Test func whereTheQueueIsDisabledNobodyWaitsForOneAgent() async throws {
    let yaml = Self.shop.replacing("groups: {g: {}}", with: "groups: {g: {queue: {enabled: false}}}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("b")
      try shop.arrive("c", agent: "a")
      #expect(try shop.places == ["c b"])
    }
  }

  @Test func anAgentWhomTheShopDoesNotKnowCannotBeAskedFor() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("a")
      try shop.arrive("c", agent: "nobody")
      #expect(try shop.places == [])
      #expect(try shop.commands() == ["event.rejected c"])
    }
  }

  @Test func theCustomersOwnAgentComesBeforeTheGroups() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("a", "b")
      try shop.update("u", dedicated: .set(AgentID(unchecked: "b")))
      try shop.arrive("c", customer: "u")
      #expect(try shop.places == ["c b"])
      #expect(try shop.field("conv:c", "reason") == "dedicated")
      // Who asks for another one has the other one.
      try shop.arrive("d", customer: "u", agent: "a")
      #expect(try shop.places == ["c b", "d a"])
      #expect(try shop.field("conv:d", "reason") == "requested")
      // No longer the customer's own: as for everybody.
      try shop.close("d")
      try shop.update("v", dedicated: .set(AgentID(unchecked: "b")))
      try shop.update("v", dedicated: .clear)
      try shop.arrive("e", customer: "v")
      #expect(try shop.places == ["c b", "e a"])
      #expect(try shop.violations == [])
    }
  }

  @Test func theCustomersOwnAgentIsWaitedForAndThenOthersAreTaken() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("a", "b")
      for customer in ["u", "v"] { try shop.update(customer, dedicated: .set(AgentID(unchecked: "a"))) }
      try shop.arrive("held", agent: "a")
      try shop.arrive("c", customer: "u")
      try shop.arrive("d", customer: "v")
      #expect(try shop.places == ["c waiting g", "d waiting g", "held a"])
      #expect(try shop.field("conv:c", "only_reason") == "dedicated")
      try shop.pass(30_000)
      try shop.close("held")
      #expect(try shop.places == ["c a", "d waiting g"])
      #expect(try shop.field("conv:c", "reason") == "dedicated")
      try shop.pass(30_000)
      #expect(try shop.places == ["c a", "d b"])
      #expect(try shop.field("conv:d", "reason") == "group")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func afterTheAgentAskedForTheCustomersOwnIsTriedThenTheLast() async throws {
    let yaml = Self.shop + "\n  d: {groups: [g], capacity: 1}"
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("b")
      try shop.arrive("before", customer: "u")
      try shop.close("before")
      try shop.update("u", dedicated: .set(AgentID(unchecked: "d")))
      try shop.arrive("c", customer: "u", agent: "a")
      try shop.pass(60_000)
      #expect(try shop.field("conv:c", "only") == "d")
      #expect(try shop.field("conv:c", "only_reason") == "dedicated")
      #expect(try shop.list("agent:a:wanted") == [])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.pass(60_000)
      #expect(try shop.places == ["c b"])
      #expect(try shop.field("conv:c", "reason") == "returning")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func whoLeavesWhileWaitingForOneAgentLeavesNothingBehind() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("b")
      try shop.arrive("c", agent: "a")
      try shop.close("c", by: .customer)
      #expect(try shop.field("conv:c", "close_reason") == "abandoned")
      #expect(try shop.leftovers + shop.violations == [])
      try shop.online("a")
      #expect(try shop.places == [])
      #expect(try shop.field("agent:a", "wanted") == nil)
    }
  }

  @Test func anAgentOfAnotherGroupMayBeAskedForToo() async throws {
    let yaml = Self.shop.replacing("{g: {}}", with: "{g: {}, h: {}}") + "\n  z: {groups: [h], capacity: 1}"
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "z")
      try shop.arrive("c", agent: "z")
      try shop.arrive("d", agent: "z")
      #expect(try shop.places == ["c z", "d waiting g"])
      #expect(try shop.field("conv:c", "group") == "g")
      try shop.close("c")
      #expect(try shop.places == ["d z"])
      #expect(try shop.field("conv:d", "reason") == "requested")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }
}
