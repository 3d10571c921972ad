import Foundation
import HiredisClient
import Routing
import RoutingStore

/// A world brought to where every measurement begins: configured, everybody online, the crowd in its queue. It is made
/// once and kept as a file, so that each measurement starts from an equal server.
struct BenchStage: Sendable {
  let world: BenchWorld
  let keys = Keys()
  private let snapshot: String

  var shard: ShardKeys { keys.shard(0) }

  /// Runs `body` with a stage, whose file is gone afterwards.
  static func with<Result>(
    _ world: BenchWorld, audited: Bool = false, _ body: (BenchStage) async throws -> Result
  ) async throws -> Result {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("fenliu-bench-\(UInt32.random(in: .min ... .max)).rdb").path
    let stage = BenchStage(world: world, snapshot: path)
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
    for shop in 0..<world.shops {
      let document = world.configuration(of: shop)
      let configuration = try ShopConfiguration.parse(document, file: "\(BenchWorld.shop(shop)).yaml")
      _ = try await Configurations.apply(configuration, document: document, shard: shard, on: connection)
    }
    // In pieces, so that a million events do not lie in the inboxes at once.
    let prelude = world.prelude()
    let piece = 50_000
    try await BenchWorkers.with(1, server.endpoint, keys) {
      for start in stride(from: 0, to: prelude.map(\.count).max() ?? 0, by: piece) {
        var total = 0
        for (partition, events) in prelude.enumerated() {
          let end = min(start + piece, events.count)
          if start < end { try await push(Array(events[start..<end]), to: partition, on: connection) }
          total += min(end, events.count)
        }
        try await reach(total, on: connection)
      }
      try await settled(on: connection)
    }
    try await verify(on: connection)
    // What nobody takes would count as memory of the world.
    _ = try await connection.send(
      "DEL", shard.outbox(GatewayID(unchecked: "web")), shard.outbox(GatewayID(unchecked: "desk")))
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
    while try await position(on: connection) < total {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("the inboxes were not drained within half an hour")
      }
      try await Task.sleep(for: .milliseconds(2))
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
