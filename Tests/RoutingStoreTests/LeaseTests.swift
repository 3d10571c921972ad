import HiredisClient
import RoutingStore
import TestSupport
import Testing

/// Who holds a partition: taken only from the state that was watched, handed over cleanly, and marked where a
/// worker ended at an event.
@Suite(.redis) struct LeaseTests {
  private static let free = LeaseView(owner: "", epoch: 0, renewal: 0)

  private static func numbers(_ grant: LeaseGrant) -> [Int64] {
    [grant.epoch, grant.position, grant.strikes, grant.suspectUntil]
  }

  /// A shard under a prefix of its own, with the functions loaded.
  private static func run<Result: Sendable>(
    _ name: String = #function, _ body: @Sendable (ShardKeys, isolated RedisConnection) throws -> Result
  ) async throws -> Result {
    let connection = try await RedisServer.required().connected()
    return try await start(String(name.prefix { $0 != "(" }), connection, body)
  }

  private static func start<Result: Sendable>(
    _ name: String, _ connection: isolated RedisConnection,
    _ body: @Sendable (ShardKeys, isolated RedisConnection) throws -> Result
  ) throws -> Result {
    try Functions.load(on: connection)
    return try body(Keys(prefix: "fl:lease-\(name):").shard(0), connection)
  }

  @Test func onlyOneOfTwoRivalsTakesAPartition() async throws {
    try await Self.run { shard, redis in
      let one = try Leases.take("one", partition: 0, watched: Self.free, shard: shard, on: redis)
      let two = try Leases.take("two", partition: 0, watched: Self.free, shard: shard, on: redis)
      #expect(one.map(Self.numbers) == [1, 0, 0, 0])
      #expect(two == nil)
    }
  }

  @Test func aRenewalMovesTheLeaseAwayFromWhoWatchedItStandStill() async throws {
    try await Self.run { shard, redis in
      _ = try Leases.take("one", partition: 0, watched: Self.free, shard: shard, on: redis)
      let before = try Leases.beat("two", shard: shard, partitions: 1, held: [], on: redis)
      #expect(before.leases == [LeaseView(owner: "one", epoch: 1, renewal: 0)])
      let after = try Leases.beat("one", shard: shard, partitions: 1, held: [(0, 1)], on: redis)
      #expect(after.leases == [LeaseView(owner: "one", epoch: 1, renewal: 1)])
      #expect(after.members == ["one": 1, "two": 1])
      #expect(try Leases.take("two", partition: 0, watched: before.leases[0], shard: shard, on: redis) == nil)
      let grant = try Leases.take("two", partition: 0, watched: after.leases[0], shard: shard, on: redis)
      #expect(grant?.epoch == 2)
      // The old holder's renewal counts for nothing any more.
      let late = try Leases.beat("one", shard: shard, partitions: 1, held: [(0, 1)], on: redis)
      #expect(late.leases == [LeaseView(owner: "two", epoch: 2, renewal: 0)])
    }
  }

  @Test func aCleanHandoverLeavesNoSuspicion() async throws {
    try await Self.run { shard, redis in
      _ = try Leases.take("one", partition: 0, watched: Self.free, shard: shard, on: redis)
      let fence = Fence(owner: "one", epoch: 1, partition: 0)
      #expect(try Leases.attempt(fence, position: 0, count: 1, shard: shard, on: redis))
      #expect(try Leases.release(fence, shard: shard, on: redis))
      #expect(try !Leases.release(fence, shard: shard, on: redis))
      let view = try Leases.beat("two", shard: shard, partitions: 1, held: [], on: redis).leases[0]
      #expect(view.owner == "")
      let grant = try Leases.take("two", partition: 0, watched: view, shard: shard, on: redis)
      #expect(grant.map(Self.numbers) == [2, 0, 0, 0])
    }
  }

  @Test func anEventAtWhichWorkersEndIsStruckEachTime() async throws {
    try await Self.run { shard, redis in
      var view = Self.free
      var strikes: [Int64] = []
      for worker in 1...4 {
        let name = "worker\(worker)"
        let grant = try Leases.take(name, partition: 0, watched: view, shard: shard, on: redis)
        strikes.append(grant?.strikes ?? -1)
        let fence = Fence(owner: name, epoch: grant?.epoch ?? 0, partition: 0)
        _ = try Leases.attempt(fence, position: 0, count: 1, shard: shard, on: redis)
        view = LeaseView(owner: name, epoch: fence.epoch, renewal: 0)
      }
      #expect(strikes == [0, 1, 2, 3])
    }
  }

  @Test func aGroupInWhichAWorkerEndsIsGoneThroughOneByOneAndBlamesNoEventOfIt() async throws {
    try await Self.run { shard, redis in
      _ = try Leases.take("one", partition: 0, watched: Self.free, shard: shard, on: redis)
      let fence = Fence(owner: "one", epoch: 1, partition: 0)
      #expect(try Leases.attempt(fence, position: 0, count: 16, shard: shard, on: redis))
      let view = LeaseView(owner: "one", epoch: 1, renewal: 0)
      let grant = try Leases.take("two", partition: 0, watched: view, shard: shard, on: redis)
      #expect(
        grant == LeaseGrant(epoch: 2, position: 0, strikes: 0, suspectUntil: 1_024, singleUntil: 16))
      // The mark was the first worker's: the end of the second one before it marked anything blames nobody.
      let next = LeaseView(owner: "two", epoch: 2, renewal: 0)
      let third = try Leases.take("three", partition: 0, watched: next, shard: shard, on: redis)
      #expect(third?.strikes == 0)
    }
  }

  @Test func aMemberIsDroppedOnlyWhileItsBeatsStandStill() async throws {
    try await Self.run { shard, redis in
      _ = try Leases.beat("gone", shard: shard, partitions: 1, held: [], on: redis)
      _ = try Leases.beat("gone", shard: shard, partitions: 1, held: [], on: redis)
      try Leases.drop("gone", beats: 1, shard: shard, on: redis)
      #expect(
        try Leases.beat("me", shard: shard, partitions: 1, held: [], on: redis).members.keys.contains("gone"))
      try Leases.drop("gone", beats: 2, shard: shard, on: redis)
      #expect(try Leases.beat("me", shard: shard, partitions: 1, held: [], on: redis).members == ["me": 2])
      try Leases.leave("me", shard: shard, on: redis)
      #expect(try Leases.beat("you", shard: shard, partitions: 1, held: [], on: redis).members == ["you": 1])
    }
  }
}
