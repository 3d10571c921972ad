import HiredisClient
import Proving
import Routing
import RoutingStore
import TestSupport
import Testing

@testable import RouterWorker

/// The keeper: pass by pass at moments of the test's own, and its loop beside the worker's.
@Suite(.redis, .timeLimit(.minutes(2))) struct KeeperTests {
  private let server: RedisServer
  private static let shop = "shop: acme\ngroups:\n  g: {}\n"

  init() throws { server = try RedisServer.required() }

  /// An entry as a commit leaves it.
  private static let entry = "acme 1790000000000\nopened g - -"

  /// A keeper of a world, and what it counts.
  private struct Kept {
    let loop: LoopHarness
    // Used on the connection's thread only.
    nonisolated(unsafe) let keeper: Keeper
    let connection: RedisConnection
    let start = ContinuousClock.now

    func leave(_ entries: Int) async throws {
      _ = try await loop.fleet.send(
        ["RPUSH", loop.context.shard.facts] + Array(repeating: KeeperTests.entry, count: entries))
    }

    /// One pass so long after the start; how many entries wait after it, and when the next one is due.
    func pass(_ time: Duration) async throws -> (left: Int64, next: Duration) {
      let next = try await Self.pass(keeper, at: start.advanced(by: time), on: connection)
      let left = try await loop.fleet.send("LLEN", loop.context.shard.facts).integer ?? -1
      return (left, start.duration(to: next))
    }

    private static func pass(
      _ keeper: Keeper, at now: ContinuousClock.Instant, on connection: isolated RedisConnection
    ) throws -> ContinuousClock.Instant {
      try keeper.pass(at: now, on: connection)
    }
  }

  private func kept(_ prefix: String) async throws -> Kept {
    let loop = try await LoopHarness(server, prefix: prefix, partition: 0)
    let fence = try await loop.fence()
    let connection = RedisConnection(to: server.endpoint, library: Functions.work)
    try await connection.connect()
    return Kept(loop: loop, keeper: Keeper(loop.context, fence), connection: connection)
  }

  /// A few at a time, counting would cost as much as the commits that left them.
  @Test func littleWaitsForCompany() async throws {
    let kept = try await kept("little:")
    try await kept.leave(1)
    // What lies there when a keeper comes is counted at once.
    #expect(try await kept.pass(.zero).left == 0)
    try await kept.leave(50)
    #expect(try await kept.pass(.milliseconds(200)) == (50, .milliseconds(400)))
    // The end of a second comes before the next tick.
    #expect(try await kept.pass(.milliseconds(900)) == (50, .milliseconds(1_000)))
    #expect(try await kept.pass(.milliseconds(1_000)).left == 0)
    try await kept.leave(1)
    #expect(try await kept.pass(.milliseconds(1_900)).left == 1)
    #expect(try await kept.pass(.milliseconds(2_000)).left == 0)
  }

  /// All at once it would take a core from those who serve events: it is gone within a second or two.
  @Test func moreIsCountedInShortStepsThatLieApart() async throws {
    let kept = try await kept("more:")
    try await kept.leave(1_000)
    #expect(try await kept.pass(.zero) == (950, .zero + .seconds(1) * (50.0 / 950)))
    #expect(try await kept.pass(.milliseconds(52)).left == 950)
    #expect(try await kept.pass(.milliseconds(53)).left == 900)
    var (time, left, steps) = (Duration.milliseconds(53), Int64(900), 0)
    while left > 0 {
      let seen = try await kept.pass(time)
      #expect(seen.left == left || seen.left == left - 50)
      (time, left, steps) = (max(time, seen.next), seen.left, steps + 1)
    }
    #expect(steps < 60 && time < .seconds(4))
  }

  @Test(arguments: [(300, 200), (1_500, 1_000), (10_000, 1_000)])
  func whereTheLeaseIsShortNothingWaitsLongForCompany(_ lease: Int, _ patience: Int) {
    var options = WorkerOptions()
    options.lease = .milliseconds(lease)
    #expect(options.countingPatience == .milliseconds(patience))
  }

  @Test func muchIsCountedAtOnce() async throws {
    let kept = try await kept("much:")
    #expect(try await kept.pass(.zero).left == 0)
    // More than one step takes: the next is due at once.
    try await kept.leave(6_000)
    #expect(try await kept.pass(.milliseconds(200)) == (2_000, .milliseconds(200)))
    #expect(try await kept.pass(.milliseconds(200)).left == 0)
    #expect(try await kept.loop.fleet.send("HGET", "much:{0}:lease:0", "folded").integer == 6_000)
  }

  /// Somebody else counts too when too much waits; then the next tick tells what is left.
  @Test func whatOthersHaveCountedIsNotCountedAgain() async throws {
    let kept = try await kept("others:")
    try await kept.leave(10)
    #expect(try await kept.pass(.zero).left == 0)
    try await kept.leave(20)
    #expect(try await kept.pass(.milliseconds(900)).left == 20)
    try await Facts.foldAll(shard: kept.loop.context.shard, on: kept.connection)
    try await kept.leave(3)
    #expect(try await kept.pass(.milliseconds(1_000)) == (3, .milliseconds(1_000)))
    #expect(try await kept.pass(.milliseconds(1_000)) == (3, .milliseconds(1_200)))
    #expect(try await kept.pass(.milliseconds(2_000)).left == 0)
    let counted = try await kept.loop.fleet.send(
      "HGET", "others:{0}:acme:stats:shop:1789999200000", "opened")
    #expect(counted.integer == 33)
  }

  /// The events of partition 0 wait for none of the keeper's work, nor does it for them.
  @Test func itWorksBesideThePartition() async throws {
    let loop = try await LoopHarness(server, prefix: "beside:", partition: 0)
    try await loop.fleet.apply(Self.shop)
    let task = try await loop.start()
    let companion = PartitionControl()
    let own = RedisConnection(to: server.endpoint, name: "keeper-beside", library: Functions.work)
    let fence = try await loop.fence()
    let keeping = Task {
      await KeeperLoop.run(
        on: own, context: loop.context, fence: fence, of: loop.control, control: companion)
    }
    try await eventually("the records are settled") {
      try await loop.fleet.send("HGET", "beside:{0}:acme:config", "settled").integer == 1
    }
    // It comes again when its connection is cut.
    let id = try await loop.fleet.send("CLIENT", "LIST").text?.split(separator: "\n")
      .first { $0.contains(" name=keeper-beside ") }?.split(separator: " ").first?.dropFirst(3)
    _ = try await loop.fleet.send("CLIENT", "KILL", "ID", String(try #require(id)))
    let writes = try await loop.writes(for: [Events.open("c1")])
    #expect(writes == [["HMGET", "commit", "BLMOVE", "LRANGE"]])
    try await eventually("it is counted") {
      try await loop.fleet.send("HGET", "beside:{0}:lease:0", "folded").integer == 1
    }
    // It ends with the partition, not before.
    #expect(!companion.ended)
    try await loop.stop(task)
    await keeping.value
    #expect(companion.ended)
  }

  @Test func itEndsWhenTheLeaseHasPassedOn() async throws {
    let loop = try await LoopHarness(server, prefix: "passed:", partition: 0)
    var fence = try await loop.fence()
    fence.epoch += 1
    let companion = PartitionControl()
    let own = RedisConnection(to: server.endpoint, library: Functions.work)
    await KeeperLoop.run(
      on: own, context: loop.context, fence: fence, of: loop.control, control: companion)
    #expect(companion.ended)
  }
}
