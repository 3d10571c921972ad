import Routing
import TestSupport
import Testing

/// Agents who have just come online are not flooded at once (routing.md, section 5).
@Suite(.redis) struct RampTests {
  private static let shop = """
    shop: s
    groups: {g: {}}
    agents:
      a: {groups: [g], capacity: 5, ramp: 2}
    """

  private static func load(_ shop: TestShop) throws -> String? { try shop.field("agent:a", "load") }

  @Test func whoComesOnlineBesideAQueueGetsSoManyAMinute() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      for number in 1...9 { try shop.arrive("c\(number)") }
      try shop.online("a")
      #expect(try Self.load(shop) == "2")
      #expect(try shop.list("ready:g") == [])
      try shop.pass(59_999)
      #expect(try Self.load(shop) == "2")
      try shop.pass(1)
      #expect(try Self.load(shop) == "4")
      try shop.pass(60_000)
      #expect(try Self.load(shop) == "5")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func conversationsThatEndMeanwhileMakeNoRoomInTheSameMinute() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      for number in 1...9 { try shop.arrive("c\(number)") }
      try shop.online("a")
      try shop.pass(10_000)
      try shop.close("c1")
      try shop.close("c2")
      #expect(try Self.load(shop) == "0")
      try shop.arrive("new")
      #expect(try shop.field("conv:new", "state") == "waiting")
      try shop.pass(50_000)
      #expect(try Self.load(shop) == "2")
      #expect(try shop.violations == [])
    }
  }

  @Test func afterTheFirstMinutesThereIsNoBound() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("a")
      try shop.arrive("first")
      try shop.pass(179_999)
      for number in 1...3 { try shop.arrive("c\(number)") }
      #expect(try Self.load(shop) == "3")
      try shop.pass(1)
      // Three minutes of two make more than its five.
      #expect(try Self.load(shop) == "4")
      try shop.arrive("last")
      #expect(try Self.load(shop) == "5")
      for id in ["first", "c1", "c2", "c3", "last"] { try shop.close(id) }
      for number in 5...9 { try shop.arrive("c\(number)") }
      #expect(try Self.load(shop) == "5")
      #expect(try shop.field("agent:a", "ramped") == nil)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func neitherAPauseNorABlinkBeginsItAnew() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("a")
      try shop.pass(180_000)
      try shop.pause("a")
      for number in 1...4 { try shop.arrive("c\(number)") }
      try shop.online("a")
      #expect(try Self.load(shop) == "4")
      try shop.offline("a")
      try shop.pass(14_000)
      for number in 1...4 { try shop.close("c\(number)", by: .customer) }
      for number in 5...9 { try shop.arrive("c\(number)") }
      try shop.online("a")
      #expect(try Self.load(shop) == "5")
      // Whoever was away for longer begins anew.
      for number in 5...9 { try shop.close("c\(number)", by: .customer) }
      try shop.offline("a")
      try shop.pass(15_000)
      for number in 11...19 { try shop.arrive("c\(number)") }
      try shop.online("a")
      #expect(try Self.load(shop) == "2")
      #expect(try shop.violations == [])
    }
  }

  @Test func aPauseInTheFirstMinuteEndsWithTheBoundInForce() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      for number in 1...9 { try shop.arrive("c\(number)") }
      try shop.online("a")
      try shop.pause("a")
      try shop.pass(1_000)
      try shop.online("a")
      #expect(try Self.load(shop) == "2")
      #expect(try shop.violations == [])
      try shop.pause("a")
      try shop.pass(60_000)
      #expect(try Self.load(shop) == "2")
      try shop.online("a")
      #expect(try Self.load(shop) == "4")
      #expect(try shop.violations == [])
    }
  }
}
