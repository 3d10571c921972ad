import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// What the supervisor's gateway hears (routing.md, key `supervisor.gateway`).
@Suite(.redis) struct AlertTests {
  private static let yaml = """
    shop: s
    groups:
      g: {response_alert: 1m, queue: {limit: 2, overflow: [{after: 30s, alert: true}, {after: 90s, alert: true, level: "+1"}]}}
      h: {queue: {when_empty: fallback}}
    agents: {a: {groups: [g], capacity: 1}, z: {groups: [h], capacity: 1}}
    supervisor: {gateway: desk}
    """

  @Test func aWaitThatIsTooLongAtEachStepThatSaysSo() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("served")
      try shop.open("c")
      try shop.pass(29_999)
      #expect(try shop.alerts() == [])
      try shop.pass(1)
      #expect(try shop.alerts() == ["waiting_too_long c g"])
      try shop.pass(60_000)
      #expect(try shop.alerts() == ["waiting_too_long c g"])
      #expect(try shop.field("conv:c", "level") == "1")
      try shop.pass(600_000)
      #expect(try shop.alerts() == [])
    }
  }

  @Test func nobodyThereAndAFullQueueAtMostOnceAMinute() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.open("one")
      try shop.open("two")
      // Both: nobody is there, and the queue is full.
      try shop.open("three")
      try shop.open("four")
      #expect(try shop.alerts() == ["no_agents one g", "queue_full three g"])
      try shop.open("other", group: "h")
      #expect(try shop.alerts() == ["no_agents other h"])
      #expect(try shop.places.contains("other bot"))
      try shop.pass(60_000)
      _ = try shop.alerts()
      try shop.open("five")
      #expect(try shop.alerts() == ["no_agents five g", "queue_full five g"])
    }
  }

  @Test func aSlowAgentAndABadRating() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.say("c", .customer)
      try shop.pass(60_000)
      try shop.close("c")
      try shop.rate("c", 1)
      try shop.rate("c", 3)
      #expect(try shop.alerts() == ["slow_response c g a", "bad_rating c g a 1"])
    }
  }

  @Test func withoutASupervisorsGatewayNobodyHearsThem() async throws {
    try await TestShop.run(yaml: Self.yaml.replacing("supervisor: {gateway: desk}", with: "")) { shop, _ in
      try shop.open("c")
      try shop.pass(100_000)
      #expect(
        try shop.redis("KEYS", shop.store.shard.tag + ":out:*").array?.compactMap(\.text) == [
          shop.store.shard.tag + ":out:w"
        ])
      #expect(try shop.take().allSatisfy { $0.type != .alert })
    }
  }
}
