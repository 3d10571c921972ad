import Routing
import TestSupport
import Testing

/// Nobody starves: `queue.promote_after` (routing.md, section 7, and the bounds that are promised).
@Suite(.redis) struct PromotionTests {
  private static func shop(_ queue: String) -> String {
    "shop: s\nreturn: {window: 0}\ngroups: {g: {queue: {\(queue)}}}\nagents: {a: {groups: [g], capacity: 1}}"
  }

  @Test func eachPeriodOfWaitingIsWorthALevel() async throws {
    try await TestShop.run(yaml: Self.shop("promote_after: 5m")) { shop, _ in
      try shop.arrive("c", level: 8)
      try shop.pass(299_999)
      #expect(try shop.field("conv:c", "level") == "8")
      try shop.pass(1)
      #expect(try shop.field("conv:c", "level") == "9")
      try shop.pass(3_600_000)
      #expect(try shop.field("conv:c", "level") == "10")
      #expect(try shop.leftovers + shop.violations == [])
      try shop.arrive("vip", level: 10)
      try shop.online("a")
      #expect(try shop.places == ["c a", "vip waiting g"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func withoutPromotionALevelStays() async throws {
    try await TestShop.run(yaml: Self.shop("promote_after: 0")) { shop, _ in
      try shop.arrive("c")
      try shop.pass(86_400_000)
      #expect(try shop.field("conv:c", "level") == "0")
    }
  }

  @Test func withCreditThePromotedStandsAmongItsNewLevel() async throws {
    try await TestShop.run(yaml: Self.shop("promote_after: 5m, order: credit")) { shop, _ in
      try shop.arrive("c")
      try shop.pass(300_000)
      #expect(try shop.list("level:g:1") == ["c"])
      #expect(try shop.list("level:g:0") == [])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.online("a")
      #expect(try shop.list("level:g:1") == [])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  /// A VIP every half minute, an agent who needs a whole one for each: without promotion `low` would wait for ever.
  @Test(arguments: [true, false])
  func theLowestIsOvertakenForNoLongerThanTenPeriods(_ promoted: Bool) async throws {
    let yaml = Self.shop("promote_after: \(promoted ? "2m" : "0"), limit: 100000")
    try await TestShop.run(yaml: yaml, "theLowestIsOvertakenFor-\(promoted)") { shop, _ in
      try shop.online("a")
      try shop.arrive("held", level: 10)
      try shop.arrive("low")
      var held = "held"
      for half in 1...60 {
        try shop.pass(30_000)
        try shop.arrive("vip\(half)", level: 10)
        guard half % 2 == 0 else { continue }
        try shop.close(held)
        held = try #require(try shop.list("agent:a:open").first)
        if held == "low" { break }
      }
      #expect((held == "low") == promoted)
      if promoted {
        let waited = Int64(try shop.field("conv:low", "waited_ms") ?? "") ?? .max
        #expect(waited <= 10 * 120_000)
      }
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func whoLosesItsAgentHasItsFirstLevelAndItsOldPlaceAgain() async throws {
    try await TestShop.run(yaml: Self.shop("overflow: [{after: 1m, level: \"+4\"}]")) { shop, _ in
      try shop.arrive("c", level: 2)
      let opened = shop.store.now
      try shop.pass(60_000)
      #expect(try shop.field("conv:c", "level") == "6")
      try shop.online("a")
      try shop.offline("a")
      try shop.pass(15_000)
      #expect(try shop.field("conv:c", "level") == "2")
      #expect(try shop.field("conv:c", "queued_at") == "\(opened)")
      #expect(try shop.field("conv:c", "steps") == nil)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }
}
