import Routing
import TestSupport
import Testing

/// What a configuration says of waiting holds for those too who waited already when it was applied.
@Suite(.redis) struct WaitingMeanwhileTests {
  private static func shop(_ queue: String, rules: String = "[]") -> String {
    """
    shop: s
    supervisor: {gateway: desk}
    groups: {g: {queue: {\(queue)}}, h: {}}
    agents:
      a: {groups: [g], capacity: 1, skills: {english: 9}}
      b: {groups: [g], capacity: 1}
      y: {groups: [h], capacity: 1}
    rules: \(rules)
    """
  }

  @Test func anOverflowStepAppliedLaterTakesThoseWhoWait() async throws {
    try await TestShop.run(yaml: Self.shop("limit: 9")) { shop, _ in
      try shop.online("y")
      try shop.arrive("c")
      try shop.pass(120_000)
      try shop.apply(try .parse(Self.shop("limit: 9, overflow: [{after: 1m, to: [h]}]"), file: "shop.yaml"))
      try shop.pass(0)
      #expect(try shop.places == ["c y"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aPromotionAppliedLaterRaisesThoseWhoWait() async throws {
    try await TestShop.run(yaml: Self.shop("limit: 9")) { shop, _ in
      try shop.arrive("c")
      try shop.pass(60_000)
      try shop.apply(try .parse(Self.shop("promote_after: 2m"), file: "shop.yaml"))
      try shop.pass(59_999)
      #expect(try shop.field("conv:c", "level") == "0")
      try shop.pass(1)
      #expect(try shop.field("conv:c", "level") == "1")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aShorterPromotionAppliedLaterIsNotWaitedFor() async throws {
    try await TestShop.run(yaml: Self.shop("promote_after: 1h")) { shop, _ in
      try shop.arrive("c")
      try shop.apply(try .parse(Self.shop("promote_after: 1m"), file: "shop.yaml"))
      try shop.pass(600_000)
      #expect(try shop.field("conv:c", "level") == "10")
    }
  }

  @Test func freshNumbersAppliedLaterAreToldToThoseWhoWait() async throws {
    try await TestShop.run(yaml: Self.shop("limit: 9")) { shop, _ in
      try shop.online("b")
      for id in ["held", "c1", "c2"] { try shop.arrive(id) }
      try shop.apply(try .parse(Self.shop("notify: 10s"), file: "shop.yaml"))
      try shop.close("c1", by: .customer)
      _ = try shop.commands()
      try shop.pass(20_000)
      #expect(
        try shop.commands().map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
          "conversation.queued c2"
        ])
    }
  }

  @Test func aLongQueueIsPutInItsNewOrderToTheLast() async throws {
    try await TestShop.run(yaml: Self.shop("limit: 999")) { shop, _ in
      for number in 1...250 { try shop.arrive("c\(number)", level: number % 3) }
      let queue = "limit: 999, order: credit, promote_after: 1m"
      try shop.apply(try .parse(Self.shop(queue), file: "shop.yaml"))
      #expect(try shop.list("level:g:1").count == 84)
      #expect(try shop.leftovers + shop.violations == [])
      // Those who came in one millisecond stand one apart.
      try shop.pass(60_100)
      #expect(try shop.list("level:g:3").count == 83)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }
}
