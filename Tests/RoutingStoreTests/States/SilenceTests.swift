import Routing
import TestSupport
import Testing

/// Customers who leave without a word (routing.md, section 6: `queue.silent_after`, `queue.parked_for`).
@Suite(.redis) struct SilenceTests {
  private static func shop(_ queue: String = "silent_after: 1m", more: String = "") -> String {
    """
    shop: s
    return: {window: 0}
    \(more)
    groups: {g: {queue: {\(queue)}}, h: {}}
    agents:
      a: {groups: [g], capacity: 1}
      z: {groups: [h], capacity: 1}
    """
  }

  /// `held` has the agent; `c` and then `d` wait, of whom only `d` has given a sign when 61 seconds have gone.
  private static func prepare(_ shop: TestShop) throws {
    try shop.online("a")
    for id in ["held", "c", "d"] { try shop.arrive(id) }
    try shop.pass(30_000)
    try shop.status("d")
    try shop.pass(31_000)
    _ = try shop.commands()
  }

  @Test func aSilentCustomerIsParkedWhenItsTurnComesAndTheNextIsServed() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop)
      #expect(try shop.list("wait:g") == ["c", "d"])
      try shop.close("held")
      #expect(try shop.places == ["c waiting g", "d a"])
      #expect(try shop.list("parked:g") == ["c"])
      #expect(try shop.list("wait:g") == [])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func afterASignItTakesItsOldPlaceAgain() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop)
      try shop.close("held")
      try shop.arrive("e")
      _ = try shop.commands()
      try shop.status("c")
      #expect(try shop.list("wait:g") == ["c", "e"])
      #expect(
        try shop.commands() == ["conversation.queued c to=customer group=g position=1 wait=600 hidden=false"])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.close("d")
      #expect(try shop.places == ["c a", "e waiting g"])
      #expect(try shop.field("conv:c", "waited_ms") == "61000")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func whoComesBackToAFreeAgentHasItAtOnce() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop)
      try shop.close("held")
      try shop.close("d")
      #expect(try shop.places == ["c waiting g"])
      try shop.say("c", text: "hello?")
      #expect(try shop.places == ["c a"])
      #expect(try shop.field("conv:c", "reason") == "queue")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func openingAgainIsASignToo() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop)
      try shop.close("held")
      try shop.arrive("c")
      #expect(try shop.list("wait:g") == ["c"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func whoSpeaksWhileWaitingIsNotSilent() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try shop.online("a")
      for id in ["held", "c"] { try shop.arrive(id) }
      try shop.pass(50_000)
      try shop.say("c", text: "hello?")
      // Exactly as long as allowed is not longer.
      try shop.pass(60_000)
      try shop.close("held")
      #expect(try shop.places == ["c a"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func whoStaysSilentHasAbandonedAfterAWhile() async throws {
    try await TestShop.run(yaml: Self.shop("silent_after: 1m, parked_for: 2m")) { shop, _ in
      try Self.prepare(shop)
      try shop.close("held")
      try shop.pass(119_999)
      #expect(try shop.field("conv:c", "state") == "waiting")
      _ = try shop.commands()
      try shop.pass(1)
      #expect(try shop.field("conv:c", "close_reason") == "abandoned")
      #expect(try shop.field("conv:c", "closed_by") == "system")
      #expect(try shop.commands() == ["conversation.closed c to=customer reason=abandoned by=system"])
      #expect(try shop.counted("group", "g", "abandoned") == 1)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func withoutALimitSilenceCostsNobodyItsTurn() async throws {
    try await TestShop.run(yaml: Self.shop("silent_after: 0")) { shop, _ in
      try shop.online("a")
      for id in ["held", "c"] { try shop.arrive(id) }
      try shop.pass(3_600_000)
      try shop.close("held")
      #expect(try shop.places == ["c a"])
    }
  }

  @Test func whoLeavesWhileParkedLeavesNothingBehind() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop)
      try shop.close("held")
      try shop.close("c", by: .customer)
      #expect(try shop.field("conv:c", "close_reason") == "abandoned")
      #expect(try shop.leftovers + shop.violations == [])
      try shop.pass(3_600_000)
      #expect(try shop.list("parked:g") == [])
    }
  }

  @Test func aSupervisorGivesAParkedCustomerToAnAgent() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try Self.prepare(shop)
      try shop.close("held")
      try shop.transfer("c", to: .to(agent: "a"), by: .supervisor)
      #expect(try shop.places == ["c a", "d a"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aSilentCustomerIsParkedWhenAnotherGroupsTurnComesToo() async throws {
    try await TestShop.run(yaml: Self.shop("silent_after: 1m, overflow: [{after: 61s, to: [h]}]")) {
      shop, _ in
      try shop.online("a", "z")
      for id in ["held", "c"] { try shop.arrive(id) }
      try shop.pass(61_000)
      #expect(try shop.places == ["c waiting g", "held a"])
      #expect(try shop.list("parked:g") == ["c"])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.status("c")
      #expect(try shop.places == ["c z", "held a"])
      #expect(try shop.field("conv:c", "reason") == "overflow")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }
}
