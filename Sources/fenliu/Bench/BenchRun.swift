import Foundation
import HiredisClient
import Logging
import RouterWorker
import Routing
import RoutingStore
import Synchronization

/// One measurement: a number of events and what they took.
struct BenchFigure: Sendable {
  var events: Int
  var seconds: Double
  var redisMicroseconds: Double
  var clientMicroseconds: Double

  var eventsPerSecond: Double { Double(events) / seconds }
  var redisPerEvent: Double { redisMicroseconds / Double(events) }
  var clientPerEvent: Double { clientMicroseconds / Double(events) }
}

/// The pipelines that a worker's partitions sent, for replaying.
final class BenchRecording: Sendable {
  private let streams: Mutex<[[[UInt8]]]> = Mutex(
    [[[UInt8]]](repeating: [], count: BenchLoad.partitions))

  /// Keeps a pipeline, unless it is a wait for events, which would block a replay.
  func keep(_ partition: Int, _ bytes: [UInt8]) {
    let head = bytes.prefix(24)
    if String(decoding: head, as: UTF8.self).contains("BLMOVE") { return }
    streams.withLock { $0[partition].append(bytes) }
  }

  /// The pipelines of a partition, joined to at most `size` bytes each, so that the replay waits rarely.
  func joined(_ partition: Int, size: Int) -> [RedisPipeline] {
    streams.withLock { streams in
      var joined: [RedisPipeline] = []
      var bytes: [UInt8] = []
      for piece in streams[partition] {
        bytes += piece
        if bytes.count >= size {
          joined.append(RedisPipeline(encoded: bytes, count: Self.commands(in: bytes)))
          bytes = []
        }
      }
      if !bytes.isEmpty { joined.append(RedisPipeline(encoded: bytes, count: Self.commands(in: bytes))) }
      return joined
    }
  }

  /// The commands in encoded bytes.
  static func commands(in bytes: [UInt8]) -> Int {
    var index = 0
    var count = 0
    func number() -> Int {
      index += 1
      var value = 0
      while bytes[index] != UInt8(ascii: "\r") {
        value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        index += 1
      }
      index += 2
      return value
    }
    while index < bytes.count {
      let words = number()
      for _ in 0..<words { index += number() + 2 }
      count += 1
    }
    return count
  }
}

/// Runs of a benchmark, each on a fresh and equal Redis.
struct BenchRun {
  let load: BenchLoad
  private let keys = Keys()

  /// Fills the inboxes and lets one worker drain them.
  func drain() async throws -> BenchFigure {
    try await BenchServer.with { try await drain($0, nil).figure }
  }

  /// The same, keeping what the worker sends; its name is returned.
  func record(_ recording: BenchRecording) async throws -> String {
    try await BenchServer.with { try await drain($0, recording).worker }
  }

  private func drain(
    _ server: BenchServer, _ recording: BenchRecording?
  ) async throws -> (figure: BenchFigure, worker: String) {
    let connection = try await fill(server)
    var options = WorkerOptions()
    if let recording { options.recorder = { recording.keep($0, $1) } }
    var logger = Logger(label: "fenliu.bench") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let worker = RouterWorker(endpoint: server.endpoint, keys: keys, options: options, logger: logger)
    let total = load.events + load.agents
    let running = Task { try await worker.run() }
    let figure = try await measure(connection, total: total)
    running.cancel()
    try await running.value
    try await verify(connection)
    await connection.close()
    return (figure, worker.name)
  }

  /// Sends what was recorded to an equal Redis, by clients that neither decode nor decide: the ceiling.
  func replay(_ recording: BenchRecording, owner: String) async throws -> BenchFigure {
    try await BenchServer.with { server in
      let connection = try await fill(server)
      let streams = (0..<BenchLoad.partitions).map { recording.joined($0, size: 256 << 10) }
      for partition in 0..<BenchLoad.partitions {
        _ = try await Leases.take(
          owner, partition: partition, watched: LeaseView(owner: "", epoch: 0, renewal: 0),
          shard: keys.shard(0), on: connection)
      }
      let clients = streams.map { _ in RedisConnection(to: server.endpoint, name: "bench-replay") }
      for client in clients { try await client.connect() }
      let sending = Task {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for (client, stream) in zip(clients, streams) {
            group.addTask {
              for pipeline in stream {
                try await client.pipeline(pipeline, deadline: .seconds(60)) { _, _ in }
              }
            }
          }
          try await group.waitForAll()
        }
      }
      let figure = try await measure(connection, total: load.events + load.agents)
      try await sending.value
      try await verify(connection)
      return figure
    }
  }

  /// The state that every run starts from.
  private func fill(_ server: BenchServer) async throws -> RedisConnection {
    let connection = RedisConnection(to: server.endpoint, name: "fenliu-bench")
    try await connection.connect()
    try await Functions.load(on: connection)
    try await Topology(shards: 1, partitions: BenchLoad.partitions).store(keys, on: connection)
    let configuration = try ShopConfiguration.parse(load.configuration, file: "bench.yaml")
    _ = try await Configurations.apply(
      configuration, document: load.configuration, shard: keys.shard(0), on: connection)
    for partition in 0..<BenchLoad.partitions {
      let events = (partition == 0 ? load.agentEvents : []) + load.events(of: partition)
      for start in stride(from: 0, to: events.count, by: 1_000) {
        let part = Array(events[start..<min(start + 1_000, events.count)])
        _ = try await connection.send(["RPUSH", keys.shard(0).inbox(partition)] + part)
      }
    }
    return connection
  }

  /// Watches the positions from the first commit to the last.
  private func measure(_ connection: RedisConnection, total: Int) async throws -> BenchFigure {
    let keys = (0..<BenchLoad.partitions).map { self.keys.shard(0).lease($0) }
    func position() async throws -> Int {
      var reads = RedisPipeline()
      for key in keys { reads.append("HGET", key, "position") }
      return try await connection.pipeline(reads).reduce(0) { $0 + Int($1.integer ?? 0) }
    }
    let deadline = ContinuousClock.now + .seconds(600)
    var first = 0
    repeat {
      guard ContinuousClock.now < deadline else { throw CommandFailure("the worker did not begin") }
      try await Task.sleep(for: .milliseconds(1))
      first = try await position()
    } while first == 0
    let start = ContinuousClock.now
    let redis = try await CPUTime.redis(connection)
    let own = CPUTime.own
    while try await position() < total {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("the inboxes were not drained in time")
      }
      try await Task.sleep(for: .milliseconds(2))
    }
    let (seconds, attoseconds) = start.duration(to: .now).components
    return BenchFigure(
      events: total - first, seconds: Double(seconds) + Double(attoseconds) / 1e18,
      redisMicroseconds: try await CPUTime.redis(connection) - redis, clientMicroseconds: CPUTime.own - own)
  }

  /// A figure counts only if the work was done: nothing rejected, nothing held, nothing waiting.
  private func verify(_ connection: RedisConnection) async throws {
    let shard = keys.shard(0)
    let dead = try await connection.send("LLEN", shard.dead).integer ?? 0
    guard dead == 0 else {
      let letter = try await connection.send("LINDEX", shard.dead, "0").text ?? ""
      throw CommandFailure("\(dead) events were rejected, the first one: \(letter)")
    }
    let violations = try await connection.send("FCALL_RO", "fl_check", "1", shard.tag).array ?? []
    guard violations.isEmpty else {
      throw CommandFailure("fl_check finds: \(violations.compactMap(\.text).prefix(3))")
    }
  }
}
