import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// Commands that wait for replicas: held back, handed out in their order, and at once when the mode is changed back.
@Suite(.redis) struct HeldTests {
  private static func choose(
    _ mode: Durability.Mode, _ shop: TestShop, on connection: isolated RedisConnection
  ) throws {
    try Durability(mode).store(shop.store.keys, Topology(shards: 1, partitions: 1), on: connection)
    try HeldCommands.settle(
      shard: shop.store.shard, partitions: 1, now: Moment(shop.store.now), on: connection)
  }

  private static func release(
    _ shop: TestShop, _ covered: Int64, on connection: isolated RedisConnection
  ) throws -> Int64? {
    try HeldCommands.release(
      shop.store.fence, covered: covered, replicas: 0, patience: .milliseconds(10),
      now: Moment(shop.store.now), shard: shop.store.shard, on: connection)?.held
  }

  private static func beat(
    _ shop: TestShop, on connection: isolated RedisConnection
  ) throws -> BeatReply {
    try Leases.beat("x", shard: shop.store.shard, partitions: 1, held: [], on: connection)
  }

  private static func list(
    _ key: String, on connection: isolated RedisConnection
  ) throws -> [String] {
    (try connection.send("LRANGE", key, "0", "-1").array ?? []).compactMap(\.text)
  }

  private static func outbox(
    _ shop: TestShop, on connection: isolated RedisConnection
  ) throws -> [String] {
    try list(shop.store.shard.outbox(TestShop.gateway), on: connection)
  }

  private static func numbers(_ commands: [String]) -> [Int] {
    commands.compactMap { Int($0.dropFirst(7).prefix { $0.isNumber }) }
  }

  @Test func noGatewaySeesACommandBeforeItIsReleased() async throws {
    try await TestShop.run(.plain(agents: ["a": 2])) { shop, redis in
      try shop.online("a")
      let before = try Self.outbox(shop, on: redis).count
      try Self.choose(.replicated, shop, on: redis)
      try shop.open("c")
      try shop.close("c")
      #expect(try Self.outbox(shop, on: redis).count == before)
      let held = try Self.list(shop.store.shard.held, on: redis)
      #expect(held.count > 2 && held.allSatisfy { $0.hasPrefix("w {\"seq\":") })

      // Nothing is covered yet; then all but one.
      #expect(try Self.release(shop, 0, on: redis) == Int64(held.count))
      #expect(try Self.outbox(shop, on: redis).count == before)
      #expect(try Self.release(shop, Int64(held.count) - 1, on: redis) == 1)
      #expect(try Self.release(shop, 1, on: redis) == 0)
      let all = try Self.outbox(shop, on: redis)
      #expect(all.suffix(held.count) == held.map { String($0.dropFirst(2)) }[...])
      #expect(Self.numbers(all) == Array(1...all.count))
    }
  }

  @Test func whoHasLostTheLeaseReleasesNothing() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try Self.choose(.replicated, shop, on: redis)
      try shop.open("c")
      let watched = LeaseView(owner: "harness", epoch: 1, renewal: 0)
      _ = try Leases.take("other", partition: 0, watched: watched, shard: shop.store.shard, on: redis)
      #expect(try Self.release(shop, 1, on: redis) == nil)
      #expect(try Self.outbox(shop, on: redis).isEmpty)
    }
  }

  @Test func aChangeOfModeHandsOutWhatIsHeldBeforeAnythingNew() async throws {
    try await TestShop.run(.plain(agents: ["a": 9])) { shop, redis in
      try Self.choose(.replicated, shop, on: redis)
      try shop.online("a")
      for number in 1...5 { try shop.open("c\(number)") }
      try Self.choose(.fast, shop, on: redis)
      try shop.open("c6")
      let all = try Self.outbox(shop, on: redis)
      #expect(Self.numbers(all) == Array(1...all.count) && all.count > 5)
      #expect(try redis.send("EXISTS", shop.store.shard.held).integer == 0)
      #expect(try redis.send("HEXISTS", shop.store.shard.lease(0), "held").integer == 0)
    }
  }

  @Test func timersAndSettlingHoldBackToo() async throws {
    try await TestShop.run(.plain(agents: ["a": 1])) { shop, redis in
      try shop.online("a")
      try shop.open("c")
      try Self.choose(.replicated, shop, on: redis)
      let before = try Self.outbox(shop, on: redis).count
      // Its grace time ends, and the conversation goes back to the queue.
      try shop.offline("a")
      try shop.pass(86_400_000)
      #expect(try Self.outbox(shop, on: redis).count == before)
      #expect(try redis.send("LLEN", shop.store.shard.held).integer ?? 0 > 0)
    }
  }

  @Test func aBeatTellsHowManyAreHeld() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      let first = try Self.beat(shop, on: redis)
      #expect(first.durability == nil && first.holders == 0)
      try Self.choose(.replicated, shop, on: redis)
      try shop.open("c")
      let reply = try Self.beat(shop, on: redis)
      #expect(reply.durability == Durability(.replicated, replicas: 1))
      #expect(reply.holders == 1 && reply.held > 0)
      try Self.choose(.always, shop, on: redis)
      let later = try Self.beat(shop, on: redis)
      #expect(later.durability?.mode == .always && later.holders == 0 && later.held == 0)
    }
  }

  /// Workers pause long before; but nothing in Redis grows without a bound, and nothing goes uncounted.
  @Test func theOldestGoWhenFarTooMuchIsHeldAndAreCounted() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try Self.choose(.replicated, shop, on: redis)
      let held = shop.store.shard.held
      for lot in 0..<20 {
        try redis.send(["RPUSH", held] + (0..<10_000).map { "old {\"seq\":\(lot * 10_000 + $0 + 1)}" })
      }
      #expect(try redis.send("HGET", shop.store.shard.dropped, "old").isNull)
      try shop.open("c")
      let fresh = try Self.list(held, on: redis).count { $0.hasPrefix("w ") }
      #expect(fresh > 0)
      #expect(try redis.send("LLEN", held).integer == 200_000)
      #expect(try redis.send("HGET", shop.store.shard.dropped, "old").integer == Int64(fresh))
    }
  }
}
