import Routing
import TestSupport
import Testing

/// Customers who come back to the agent they had (routing.md, 4.3).
@Suite(.redis) struct ReturningTests {
  private static func shop(_ more: String = "") -> String {
    """
    shop: s
    \(more)
    groups: {g: {}, h: {}}
    agents:
      a: {groups: [g], capacity: 1}
      b: {groups: [g], capacity: 1}
      d: {groups: [g], capacity: 4}
    """
  }

  /// The customer `u` was served by `a`, who has somebody else now; `b` and `d` come online and are full but for
  /// `room` slots of `d`.
  private static func prepare(_ shop: TestShop, room: Int = 0) throws {
    try shop.online("a")
    try shop.arrive("before", customer: "u")
    try shop.close("before")
    try shop.arrive("x1", agent: "a")
    try shop.online("b", "d")
    try shop.arrive("x2", agent: "b")
    for number in 0..<(4 - room) { try shop.arrive("y\(number)", agent: "d") }
  }

  @Test func aReturningCustomerHasTheSameAgentEvenAboveItsCapacity() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop, room: 2)
      try shop.pass(1_800_000)
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "agent") == "a")
      #expect(try shop.field("conv:c", "reason") == "returning")
      #expect(try shop.field("agent:a", "load") == "2")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func afterTheWindowACustomerIsLikeAnyOther() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop, room: 2)
      try shop.pass(1_800_001)
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "agent") == "d")
      #expect(try shop.field("conv:c", "reason") == "group")
    }
  }

  @Test func aWindowOfNothingTurnsReturningOff() async throws {
    try await TestShop.run(yaml: Self.shop("return: {window: 0}")) { shop, _ in
      try Self.prepare(shop, room: 2)
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "agent") == "d")
      #expect(try shop.field("conv:c", "reason") == "group")
    }
  }

  @Test func theWindowIsAsLongAsConfigured() async throws {
    try await TestShop.run(yaml: Self.shop("return: {window: 10s}")) { shop, _ in
      try Self.prepare(shop, room: 2)
      try shop.pass(10_000)
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "agent") == "a")
      try shop.close("c")
      try shop.pass(10_001)
      try shop.arrive("e", customer: "u")
      #expect(try shop.field("conv:e", "agent") == "d")
    }
  }

  @Test func whereTheLastAgentIsAwayTheLeastLoadedOfItsGroupTakesOverAboveCapacity() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop)
      try shop.close("y0")
      try shop.arrive("y9", agent: "d")
      try shop.pause("a")
      try shop.arrive("c", customer: "u")
      // All are full to the same share; b has not been given anything for longer.
      #expect(try shop.field("conv:c", "agent") == "b")
      #expect(try shop.field("conv:c", "reason") == "returning")
      #expect(try shop.field("agent:b", "load") == "2")
      // With a slot free d is the least loaded.
      try shop.close("y1")
      try shop.arrive("e", customer: "v")
      try shop.close("e")
      try shop.forget("v")
      try shop.arrive("f", customer: "u")
      #expect(try shop.field("conv:f", "agent") == "d")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func withRoomOnlyForOthersTheQueueIsNextWhereTheLastAgentIsAway() async throws {
    try await TestShop.run(yaml: Self.shop("return: {over_capacity: agent}")) { shop, _ in
      try Self.prepare(shop)
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "agent") == "a")
      try shop.close("c")
      try shop.pause("a")
      try shop.arrive("e", customer: "u")
      #expect(try shop.field("conv:e", "state") == "waiting")
      try shop.close("e", by: .customer)
      // With room another agent of the group has it, as a returning customer.
      try shop.close("y0")
      try shop.arrive("f", customer: "u")
      #expect(try shop.field("conv:f", "agent") == "d")
      #expect(try shop.field("conv:f", "reason") == "returning")
      #expect(try shop.violations == [])
    }
  }

  @Test func withoutOvercapacityTheLastAgentMustHaveRoomToo() async throws {
    try await TestShop.run(yaml: Self.shop("return: {over_capacity: never}")) { shop, _ in
      try Self.prepare(shop)
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "state") == "waiting")
      try shop.close("c", by: .customer)
      try shop.close("y0")
      try shop.arrive("e", customer: "u")
      #expect(try shop.field("conv:e", "agent") == "d")
      #expect(try shop.field("conv:e", "reason") == "returning")
      try shop.close("x1")
      try shop.arrive("f", customer: "u", group: "g")
      #expect(try shop.field("conv:f", "agent") == "a")
      #expect(try shop.field("conv:f", "reason") == "returning")
      #expect(try shop.violations == [])
    }
  }

  @Test func withNobodyAcceptingInTheGroupAReturningCustomerQueues() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop)
      for agent in ["a", "b", "d"] { try shop.pause(agent) }
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "state") == "waiting")
      #expect(try shop.violations == [])
    }
  }

  @Test func aCustomerOfAnotherGroupDoesNotReturn() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop, room: 2)
      try shop.arrive("c", customer: "u", group: "h")
      #expect(try shop.field("conv:c", "state") == "waiting")
      #expect(try shop.field("conv:c", "group") == "h")
    }
  }

  @Test func aForgottenCustomerDoesNotReturn() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop, room: 2)
      try shop.forget("u")
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "agent") == "d")
      #expect(try shop.field("conv:c", "reason") == "group")
    }
  }

  @Test func theDedicatedAgentComesBeforeTheLast() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop, room: 2)
      try shop.update("u", dedicated: .set(AgentID(unchecked: "d")))
      try shop.arrive("c", customer: "u")
      #expect(try shop.field("conv:c", "agent") == "d")
      #expect(try shop.field("conv:c", "reason") == "dedicated")
    }
  }
}
