import HiredisClient
import Proving
import Routing
import RoutingStore
import TestSupport
import Testing

/// Functions remember some things from call to call, so that they need not be read again: never more of them than so many.
@Suite(.redis) struct RememberedTests {
  private static let conversation = ConversationID(unchecked: "c")

  /// Each event has a source that nobody has heard of, and comes after a change of the settings of shop and group, as far as
  /// their stamps tell.
  private static func see(
    _ numbers: Range<Int>, _ shop: TestShop, _ header: inout CommitHeader,
    on connection: isolated RedisConnection
  ) throws {
    let shard = shop.store.shard
    let keys = shard.shop(shop.store.shop)
    for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 100) {
      var pipeline = RedisPipeline()
      for number in start..<min(start + 100, numbers.upperBound) {
        pipeline.append("HSET", keys.config, "stamp", "\(number)")
        pipeline.append(
          "HSET", keys.group(GroupID(unchecked: "g")), "stamp", "\(shop.store.version) \(number)")
        var event = Event(shop: shop.store.shop, kind: .status(conversation: conversation))
        (event.source, event.n) = (SourceID(unchecked: "source\(number)"), 1)
        pipeline.append("RPUSH", shard.inbox(0), event.json)
        var call = CommitCall(shard: shard, header: header)
        call.append(.status(conversation: conversation), of: event, version: shop.store.version)
        call.append(to: &pipeline)
        header.position += 1
      }
      let replies = try connection.pipeline(pipeline).enumerated().filter { $0.offset % 4 == 3 }
      #expect(replies.allSatisfy { CommitReply.all(in: $0.element) == [.committed] })
    }
  }

  /// Bytes of the functions' Lua, at most, while so many are seen.
  private static func peak(
    _ numbers: Range<Int>, _ shop: TestShop, _ header: inout CommitHeader,
    on connection: isolated RedisConnection
  ) throws -> Int64 {
    var peak: Int64 = 0
    for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 500) {
      try see(start..<start + 500, shop, &header, on: connection)
      let memory = try connection.send("INFO", "memory").text ?? ""
      let line = memory.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory_vm_functions:") }
      peak = max(peak, line.flatMap { Int64($0.split(separator: ":")[1]) } ?? 0)
    }
    return peak
  }

  @Test(.timeLimit(.minutes(2))) func whatFunctionsRememberHasABound() async throws {
    try await TestShop.run { shop, connection in
      try shop.open("c")
      var header = shop.store.header()
      // Twice as many as are remembered, then as many again and more.
      let before = try Self.peak(0..<8_000, shop, &header, on: connection)
      let after = try Self.peak(8_000..<20_000, shop, &header, on: connection)
      #expect(before > 0)
      #expect(Double(after) < 1.35 * Double(before), "\(before) bytes, then \(after)")
    }
  }
}
