import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// The decisions that a conversation's record keeps.
@Suite(.redis) struct WhyTests {
  @Test func eachDecisionIsKeptInShortFieldsAndTheOldestGoFirst() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      let first = DecisionRecord.lines(in: try shop.record("conv:c"))
      #expect(first.count == 1)
      // From one agent to the other and back, more often than is kept.
      for turn in 0..<11 {
        try shop.pass(1_000)
        try shop.transfer("c", to: .to(agent: turn % 2 == 0 ? "b" : "a"))
      }
      let record = try shop.record("conv:c")
      let decisions = DecisionRecord.read(record)
      #expect(decisions.count == 8)
      #expect(decisions.map(\.step) == [String](repeating: "transfer", count: 8))
      #expect(decisions.map(\.at.rawValue) == (0..<8).map { shop.store.now - 7_000 + $0 * 1_000 })
      let agent = try shop.field("conv:c", "agent")
      #expect(decisions.last?.agent?.rawValue == agent)
      let fields = record.filter { $0.key.hasPrefix("why") }
      #expect(fields.values.allSatisfy { $0.utf8.count <= 64 })
      #expect(
        fields.count == fields.keys.compactMap { Int($0.dropFirst(3)) }.max(), "\(fields.keys.sorted())")
    }
  }

  /// Redis keeps such a hash in one piece, in a quarter of the memory.
  @Test func theRecordStaysCompact() async throws {
    try await TestShop.run { shop, _ in
      try shop.open("c")
      #expect(try Self.encoding(shop) == "listpack")
      try shop.online("a")
      try shop.say("c", .agent)
      try shop.close("c")
      #expect(try Self.encoding(shop) == "listpack")
      #expect(DecisionRecord.read(try shop.record("conv:c")).map(\.step) == ["queue", "queue"])
    }
  }

  private static func encoding(_ shop: TestShop) throws -> String? {
    let key = shop.store.shard.shop(shop.store.shop).conversation(ConversationID(unchecked: "c"))
    return try shop.redis("OBJECT", "ENCODING", key).text
  }
}
