import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// How long records are kept (routing.md, keys `retention` and `survey.window`).
@Suite(.redis) struct RetentionTests {
  private static let yaml = """
    shop: s
    groups: {g: {}}
    agents: {a: {groups: [g], capacity: 9}}
    retention: {conversations: 1h, customers: 2d, statistics: 3d}
    """
  private static let day: Int64 = 86_400_000

  private func isAbout(_ found: Int64, _ expected: Int64) -> Bool {
    (expected - 60_000...expected).contains(found)
  }

  @Test func aClosedConversationIsKeptForItsRetention() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      #expect(try shop.timeToLive("conv:c") == -1)
      try shop.close("c")
      #expect(isAbout(try shop.timeToLive("conv:c"), 3_600_000))
      // A new reception under the same id does not expire while it is open.
      try shop.open("c")
      #expect(try shop.timeToLive("conv:c") == -1)
    }
  }

  @Test func aClosedConversationIsKeptForItsRatingAtLeast() async throws {
    try await TestShop.run(yaml: Self.yaml + "\nsurvey: {window: 6h}") { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.close("c")
      #expect(isAbout(try shop.timeToLive("conv:c"), 6 * 3_600_000))
    }
  }

  @Test func aCustomerIsKeptFromTheLastOpeningUpdateOrEnd() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      let key = "\(shop.store.shard.tag):s:customer:u"
      try shop.online("a")
      // A new one is there as long as its first conversation is open.
      try shop.open("c", customer: "u")
      #expect(try shop.timeToLive("customer:u") == -1)
      try shop.redis("PEXPIRE", key, "100000")
      try shop.say("c", .customer)
      #expect(try shop.timeToLive("customer:u") <= 100_000)
      try shop.close("c")
      #expect(isAbout(try shop.timeToLive("customer:u"), 2 * Self.day))
      try shop.redis("PEXPIRE", key, "100000")
      try shop.update("u")
      #expect(isAbout(try shop.timeToLive("customer:u"), 2 * Self.day))
      try shop.redis("PEXPIRE", key, "100000")
      try shop.open("d", customer: "u")
      #expect(isAbout(try shop.timeToLive("customer:u"), 2 * Self.day))
    }
  }

  @Test func countersAreKeptForTheRetentionOfStatistics() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      #expect(try shop.counted("agent", "a", "assigned") == 1)
      for rest in ["shop:1789999200000", "group:1789999200000:g", "agent:1789999200000:a"] {
        #expect(isAbout(try shop.timeToLive("stats:" + rest), 3 * Self.day))
      }
    }
  }

  @Test func aDayNinetyDaysAndFourHundredAreKeptUnlessTheShopSaysOtherwise() async throws {
    let yaml = Self.yaml.replacing("retention: {conversations: 1h, customers: 2d, statistics: 3d}", with: "")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c", customer: "u")
      try shop.close("c")
      _ = try shop.counted("shop", "", "opened")
      #expect(isAbout(try shop.timeToLive("conv:c"), Self.day))
      #expect(isAbout(try shop.timeToLive("customer:u"), 90 * Self.day))
      #expect(isAbout(try shop.timeToLive("stats:shop:1789999200000"), 400 * Self.day))
    }
  }
}
