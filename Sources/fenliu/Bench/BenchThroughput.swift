import HiredisClient
import Routing
import RoutingStore

/// One measurement of throughput: a number of events and what they took.
struct BenchFigure: Sendable {
  var events: Int
  var seconds: Double
  /// CPU time of the server's main thread, in microseconds.
  var redisMicroseconds: Double
  /// CPU time of this process, in microseconds: of the workers, or of the bare clients.
  var clientMicroseconds: Double
  /// The longest call that the server knew meanwhile, in milliseconds; those below ``BenchServer/slowCall`` it does not.
  var longestCall: Double

  var eventsPerSecond: Double { Double(events) / seconds }
  var redisPerEvent: Double { redisMicroseconds / Double(events) }
  var clientPerEvent: Double { clientMicroseconds / Double(events) }
}

/// How fast workers drain full inboxes, and how fast bare clients bring about the same.
struct BenchThroughput {
  let stage: BenchStage
  let load: BenchLoad
  let workers: Int

  /// The part of the events that comes before anything is measured.
  private static let warmUp = 0.05

  /// Lets workers drain full inboxes, which fill at once when every partition has found its worker.
  func drain() async throws -> BenchFigure { try await drain(recording: nil).figure }

  /// The same, keeping what they send.
  func record() async throws -> (recording: BenchRecording, leases: [LeaseView]) {
    let recording = BenchRecording()
    return (recording, try await drain(recording: recording).leases)
  }

  private func drain(recording: BenchRecording?) async throws -> (figure: BenchFigure, leases: [LeaseView]) {
    try await stage.server { server, connection in
      let before = try await fill(connection)
      let outcome = try await BenchWorkers.with(workers, server.endpoint, stage.keys, recording: recording) {
        let leases = try await settledLeases(on: connection)
        recording?.clear()
        try await open(on: connection)
        let figure = try await measure(connection, from: before)
        try await stage.settled(on: connection)
        return (figure, leases)
      }
      try await stage.verify(on: connection)
      return outcome
    }
  }

  /// Sends what was recorded to an equal Redis, by clients that neither decode nor decide.
  ///
  /// - Parameter kept: which commands; with a part of them only, the end is not looked at.
  func replay(
    _ recording: BenchRecording, leases: [LeaseView], where kept: ((String) -> Bool)? = nil
  ) async throws -> BenchFigure {
    try await stage.server { server, connection in
      let before = try await fill(connection)
      let streams = (0..<BenchRecording.streams).map {
        recording.joined($0, size: 256 << 10, where: kept ?? { _ in true })
      }
      try await take(leases, on: connection)
      try await open(on: connection)
      let clients = streams.map { _ in RedisConnection(to: server.endpoint, name: "fenliu-bench-replay") }
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
      let figure = try await measure(connection, from: before)
      try await sending.value
      if kept == nil { try await stage.verify(on: connection) }
      return figure
    }
  }

  /// Puts the load beside the inboxes; how many events were committed before it.
  private func fill(_ connection: RedisConnection) async throws -> Int {
    for partition in 0..<BenchWorld.partitions {
      let beside = beside(partition)
      try await stage.push(load.events(of: partition), to: beside, on: connection)
    }
    return try await stage.position(on: connection)
  }

  func beside(_ partition: Int) -> String { stage.shard.inbox(partition) + ":beside" }

  /// All inboxes are full from one moment to the next.
  func open(on connection: RedisConnection) async throws {
    var commands = RedisPipeline()
    commands.append("MULTI")
    for partition in 0..<BenchWorld.partitions {
      commands.append("RENAME", beside(partition), stage.shard.inbox(partition))
    }
    commands.append("EXEC")
    for reply in try await connection.pipeline(commands) {
      if let error = reply.error { throw RedisError.server(error) }
    }
  }

  /// The leases, when each partition has a worker and they have stopped handing over to each other.
  func settledLeases(on connection: RedisConnection) async throws -> [LeaseView] {
    func leases() async throws -> [LeaseView] {
      var reads = RedisPipeline()
      for partition in 0..<BenchWorld.partitions {
        reads.append("HMGET", stage.shard.lease(partition), "owner", "epoch")
      }
      return try await connection.pipeline(reads).map { reply in
        let fields = reply.array ?? []
        return LeaseView(
          owner: fields.first?.text ?? "", epoch: fields.last?.integer ?? 0, renewal: 0)
      }
    }
    var seen: [LeaseView] = []
    var since = ContinuousClock.now
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      let now = try await leases()
      if now != seen { (seen, since) = (now, .now) }
      let isHeld = seen.allSatisfy { !$0.owner.isEmpty }
      let rest = Duration.milliseconds(workers == 1 ? 0 : 1_000)
      if isHeld, since.duration(to: .now) >= rest { return seen }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw CommandFailure("the workers did not come to rest within a minute")
  }

  /// In the name of those who sent what was recorded, in the epochs in which they did.
  private func take(_ leases: [LeaseView], on connection: RedisConnection) async throws {
    for (partition, lease) in leases.enumerated() {
      _ = try await connection.send(
        "HSET", stage.shard.lease(partition), "owner", lease.owner, "epoch", "\(lease.epoch)")
    }
  }

  /// Watches the positions from the end of the warm-up to the last commit.
  private func measure(_ connection: RedisConnection, from before: Int) async throws -> BenchFigure {
    try await stage.reach(before + max(1, Int(Double(load.events) * Self.warmUp)), on: connection)
    _ = try await connection.send("SLOWLOG", "RESET")
    let start = ContinuousClock.now
    let first = try await stage.position(on: connection)
    guard first < before + load.events else {
      throw CommandFailure(
        "\(load.events) events are done before they can be measured; take more --conversations")
    }
    let redis = try await CPUTime.redis(connection)
    let own = CPUTime.own
    try await stage.reach(before + load.events, on: connection)
    let (seconds, attoseconds) = start.duration(to: .now).components
    return BenchFigure(
      events: before + load.events - first, seconds: Double(seconds) + Double(attoseconds) / 1e18,
      redisMicroseconds: try await CPUTime.redis(connection) - redis, clientMicroseconds: CPUTime.own - own,
      longestCall: try await SlowCalls.longest(connection))
  }
}

/// The server's log of slow calls.
enum SlowCalls {
  /// The longest in it, in milliseconds; when there is none, what a call must take to be in it.
  static func longest(_ connection: RedisConnection) async throws -> Double {
    let entries = try await connection.send("SLOWLOG", "GET", "-1").array ?? []
    let times = entries.compactMap { $0.array?.dropFirst(2).first?.integer }
    return Double(times.max() ?? Int64(BenchServer.slowCall)) / 1_000
  }
}
