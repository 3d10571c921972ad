import Foundation
import HiredisClient
import Routing
import RoutingStore

/// A world brought to where every measurement begins: configured, everybody online, the crowd in its queue. It is made
/// once and kept as a file, so that each measurement starts from an equal server.
struct BenchStage: Sendable {
  let world: BenchWorld
  let keys = Keys()
  /// Which shard it is in.
  let index: Int
  private let snapshot: String

  var shard: ShardKeys { keys.shard(index) }

  /// A stage in a shard, of a server that is not begun anew for each measurement.
  init(_ world: BenchWorld, shard index: Int) { self.init(world, index, snapshot: "") }

  private init(_ world: BenchWorld, _ index: Int, snapshot: String) {
    (self.world, self.index, self.snapshot) = (world, index, snapshot)
  }

  /// Runs `body` with a stage, whose file is gone afterwards.
  static func with<Result>(
    _ world: BenchWorld, audited: Bool = false, _ body: (BenchStage) async throws -> Result
  ) async throws -> Result {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("fenliu-bench-\(UInt32.random(in: .min ... .max)).rdb").path
    let stage = BenchStage(world, 0, snapshot: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await BenchServer.with { server in
      let connection = try await server.connect()
      try await stage.set(on: connection, server)
      if audited {
        try await AuditLog.start(
          keep: AuditLog.mostKept, stage.keys, Topology(shards: 1, partitions: BenchWorld.partitions),
          on: connection)
      }
      try await server.save(connection, to: path)
      await connection.close()
    }
    return try await body(stage)
  }

  /// Runs `body` with a server that begins with all that was set.
  func server<Result>(
    _ body: (BenchServer, RedisConnection) async throws -> Result
  ) async throws -> Result {
    try await BenchServer.with(snapshot) { server in
      let connection = try await server.connect()
      let result = try await body(server, connection)
      await connection.close()
      return result
    }
  }

  private func set(on connection: RedisConnection, _ server: BenchServer) async throws {
    try await Functions.load(on: connection)
    try await Topology(shards: 1, partitions: BenchWorld.partitions).store(keys, on: connection)
    try await configure(on: connection)
    try await BenchWorkers.with(1, server.endpoint, keys) {
      try await bringEverybody(on: connection)
      try await settledConfigurations(on: connection)
      try await settled(on: connection)
    }
    try await verify(on: connection)
    // What nobody takes would count as memory of the world.
    _ = try await connection.send(
      "DEL", shard.outbox(GatewayID(unchecked: "web")), shard.outbox(GatewayID(unchecked: "desk")))
  }

  /// Applies the configurations of all shops.
  func configure(on connection: RedisConnection) async throws {
    var parsed: ShopConfiguration?
    for shop in 0..<world.shops {
      let document = world.configuration(of: shop)
      // All but the first differ in nothing but the name, and are read once.
      var configuration =
        try parsed ?? ShopConfiguration.parse(document, file: "\(BenchWorld.shop(shop)).yaml")
      configuration.shop = ShopID(unchecked: BenchWorld.shop(shop))
      if shop > 0 { parsed = configuration }
      _ = try await Configurations.apply(configuration, document: document, shard: shard, on: connection)
    }
  }

  /// Lets workers that run bring everybody to where the load finds them.
  func bringEverybody(on connection: RedisConnection) async throws {
    // In pieces, so that a million events do not lie in the inboxes at once.
    let prelude = world.prelude()
    let piece = 50_000
    var total = 0
    for start in stride(from: 0, to: prelude.map(\.count).max() ?? 0, by: piece) {
      for (partition, events) in prelude.enumerated() where start < events.count {
        let part = Array(events[start..<min(start + piece, events.count)])
        try await push(part, to: partition, on: connection)
        total += part.count
      }
      try await reach(total, on: connection)
    }
  }

  /// Waits until all records are of their configurations.
  private func settledConfigurations(on connection: RedisConnection) async throws {
    let deadline = ContinuousClock.now + .seconds(600)
    var shop = 0
    while shop < world.shops {
      var reads = RedisPipeline()
      let part = shop..<min(shop + 1_000, world.shops)
      for shop in part {
        let config = shard.shop(ShopID(unchecked: BenchWorld.shop(shop))).config
        reads.append("HMGET", config, "version", "settled")
      }
      let behind = try await connection.pipeline(reads).firstIndex { reply in
        let versions = reply.array ?? []
        return versions.first?.integer == nil || versions.first?.integer != versions.last?.integer
      }
      shop = part.lowerBound + (behind ?? part.count)
      guard behind != nil else { continue }
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("the configurations were not in force everywhere within ten minutes")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Puts events into a partition's inbox.
  func push(_ events: [String], to partition: Int, on connection: RedisConnection) async throws {
    try await push(events, to: shard.inbox(partition), on: connection)
  }

  /// Puts events into a list.
  func push(_ events: [String], to list: String, on connection: RedisConnection) async throws {
    for start in stride(from: 0, to: events.count, by: 1_000) {
      let part = Array(events[start..<min(start + 1_000, events.count)])
      _ = try await connection.send(["RPUSH", list] + part)
    }
  }

  /// How many events all partitions have committed.
  func position(on connection: RedisConnection) async throws -> Int {
    var reads = RedisPipeline()
    for partition in 0..<BenchWorld.partitions { reads.append("HGET", shard.lease(partition), "position") }
    return try await connection.pipeline(reads).reduce(0) { $0 + Int($1.integer ?? 0) }
  }

  /// Waits until so many are committed.
  func reach(_ total: Int, on connection: RedisConnection) async throws {
    let deadline = ContinuousClock.now + .seconds(1_800)
    while true {
      let missing = total - (try await position(on: connection))
      guard missing > 0 else { return }
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("the inboxes were not drained within half an hour")
      }
      // So many at least take longer than this, and looking costs the server and this process time too.
      try await Task.sleep(for: .microseconds(min(50_000, max(2_000, missing * 5))))
    }
  }

  /// Waits until all counters are folded.
  func settled(on connection: RedisConnection) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while try await connection.send("LLEN", shard.facts).integer != 0 {
      guard ContinuousClock.now < deadline else { throw CommandFailure("the counters were not folded") }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// A figure counts only if the work was done: nothing was rejected, and all guarantees hold.
  func verify(on connection: RedisConnection) async throws {
    let dead = try await connection.send("LLEN", shard.dead).integer ?? 0
    guard dead == 0 else {
      let letter = try await connection.send("LINDEX", shard.dead, "0").text ?? ""
      throw CommandFailure("\(dead) events were rejected, the first one: \(letter)")
    }
    guard world.waiting <= 100_000 else { return }
    let found = try await connection.send(["FCALL_RO", "fl_check", "1", shard.tag], deadline: .seconds(300))
    let violations = found.array ?? []
    guard violations.isEmpty else {
      throw CommandFailure("fl_check finds: \(violations.compactMap(\.text).prefix(3))")
    }
  }
}
