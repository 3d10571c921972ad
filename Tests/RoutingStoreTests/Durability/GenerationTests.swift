import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// What follows when the shard's data turns out to belong to another history of writes.
@Suite(.redis) struct GenerationTests {
  private static func dataset(_ history: String, from origin: String = "0") -> Dataset {
    Dataset(history: history, length: 100, origin: origin)
  }

  @discardableResult
  private static func settle(
    _ shop: TestShop, _ dataset: Dataset, _ missing: Generations.Missing,
    on connection: isolated RedisConnection
  ) throws -> Generations.Outcome {
    try Generations.settle(
      dataset, missing: missing, shard: shop.store.shard, partitions: 1, now: Moment(shop.store.now),
      on: connection
    ).outcome
  }

  private static func generation(
    _ shop: TestShop, on connection: isolated RedisConnection
  ) throws -> Int64 {
    try Generations.state(of: shop.store.shard, on: connection).generation
  }

  private static func seq(_ shop: TestShop, on connection: isolated RedisConnection) throws -> Int64? {
    try connection.send("HGET", shop.store.shard.gateways, "w").integer
  }

  @Test func aFirstWorkerFindsNothingToSettle() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try shop.open("c")
      #expect(try Self.settle(shop, Self.dataset("a"), .some, on: redis) == .begun)
      #expect(try Self.settle(shop, Self.dataset("a"), .some, on: redis) == .same)
      try shop.open("d")
      #expect(try Self.generation(shop, on: redis) == 1)
    }
  }

  @Test func whatMayBeLostVoidsEveryLeaseAndLetsNumbersJump() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try Self.settle(shop, Self.dataset("a"), .some, on: redis)
      try shop.open("c")
      let before = try #require(try Self.seq(shop, on: redis))
      #expect(try Self.settle(shop, Self.dataset("b"), .some, on: redis) == .lost)
      #expect(try Self.generation(shop, on: redis) == 2)
      #expect(try Generations.state(of: shop.store.shard, on: redis).lostAt == Moment(shop.store.now))
      #expect(try Self.seq(shop, on: redis) == before + 1_000_000)
      // Whoever held a lease can change nothing any more.
      let lease = try redis.send("HMGET", shop.store.shard.lease(0), "owner", "epoch").array ?? []
      #expect(lease.map(\.text) == ["", "2"])
      #expect(throws: StoreHarness.Stuck.self) { try shop.open("d") }
      // Another worker that comes to the same server finds it settled.
      #expect(try Self.settle(shop, Self.dataset("b"), .some, on: redis) == .same)
      #expect(try Self.seq(shop, on: redis) == before + 1_000_000)
      let free = LeaseView(owner: "", epoch: 2, renewal: 0)
      let grant = try Leases.take("next", partition: 0, watched: free, shard: shop.store.shard, on: redis)
      #expect(grant?.epoch == 3 && grant?.strikes == 0)
    }
  }

  @Test func aServerThatLostNothingChangesNothing() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try Self.settle(shop, Self.dataset("a"), .some, on: redis)
      try shop.open("c")
      let before = try Self.seq(shop, on: redis)
      #expect(try Self.settle(shop, Self.dataset("b"), .nothing, on: redis) == .kept)
      try shop.open("d")
      #expect(try Self.generation(shop, on: redis) == 1)
      #expect(try Self.seq(shop, on: redis) ?? 0 < 1_000 && before != nil)
    }
  }

  @Test func aReplicaThatWasWaitedForGoesOnWithTheNumbers() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try Self.settle(shop, Self.dataset("a"), .unseen, on: redis)
      try shop.open("c")
      let before = try Self.seq(shop, on: redis)
      #expect(try Self.settle(shop, Self.dataset("b", from: "a"), .unseen, on: redis) == .complete)
      #expect(try Self.generation(shop, on: redis) == 2)
      #expect(try Self.seq(shop, on: redis) == before)
      #expect(throws: StoreHarness.Stuck.self) { try shop.open("d") }
    }
  }

  @Test func aReplicaOfUnknownDescentIsNotTrusted() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try Self.settle(shop, Self.dataset("a"), .unseen, on: redis)
      #expect(try Self.settle(shop, Self.dataset("c", from: "b"), .unseen, on: redis) == .lost)
    }
  }

  @Test func whoSawMoreThanTheFirstToComeIsHeard() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try Self.settle(shop, Self.dataset("a"), .unseen, on: redis)
      try shop.open("c")
      let before = try #require(try Self.seq(shop, on: redis))
      let promoted = Self.dataset("b", from: "a")
      #expect(try Self.settle(shop, promoted, .unseen, on: redis) == .complete)
      #expect(try Self.settle(shop, promoted, .seen, on: redis) == .lost)
      #expect(try Self.seq(shop, on: redis) == before + 1_000_000)
      // Once is enough.
      #expect(try Self.settle(shop, promoted, .seen, on: redis) == .same)
      #expect(try Self.generation(shop, on: redis) == 3)
    }
  }

  @Test func manyGatewaysAllJump() async throws {
    try await TestShop.run(.plain()) { shop, redis in
      try Self.settle(shop, Self.dataset("a"), .some, on: redis)
      var words = ["HSET", shop.store.shard.gateways]
      for number in 0..<2_500 { words += ["g\(number)", "7"] }
      try redis.send(words)
      try Self.settle(shop, Self.dataset("b"), .some, on: redis)
      let all = try redis.send("HVALS", shop.store.shard.gateways).array ?? []
      #expect(all.count == 2_500 && all.allSatisfy { $0.integer == 1_000_007 })
    }
  }
}
