import HiredisClient
import Routing
import RoutingStore

/// What events take of a worker and of Redis once the worker knows what it has to know.
///
/// Other than ``BenchThroughput/drain()`` this measures no speed, so nothing has to end at one moment: it counts all that
/// an event causes, the folding of its facts into the counters too, from one rest to the next.
extension BenchThroughput {
  /// The part of the load that comes before anything is measured.
  private static let warmPart = 0.1

  /// Lets workers that know all shops drain full inboxes.
  func warmDrain() async throws -> BenchFigure {
    try await stage.server { server, connection in
      let before = try await stage.position(on: connection)
      let figure = try await BenchWorkers.with(workers, server.endpoint, stage.keys) {
        _ = try await settledLeases(on: connection)
        let warm = try await fillWarm(connection)
        try await stage.reach(before + warm, on: connection)
        try await stage.settled(on: connection)
        _ = try await connection.send("SLOWLOG", "RESET")
        let start = ContinuousClock.now
        let (redis, own) = (try await CPUTime.redis(connection), CPUTime.own)
        try await open(on: connection)
        let all = load.events + stage.world.shops
        try await stage.reach(before + all, on: connection)
        try await stage.settled(on: connection)
        let (redisAfter, ownAfter) = (try await CPUTime.redis(connection), CPUTime.own)
        let (seconds, attoseconds) = start.duration(to: .now).components
        return BenchFigure(
          events: all - warm, seconds: Double(seconds) + Double(attoseconds) / 1e18,
          redisMicroseconds: redisAfter - redis, clientMicroseconds: ownAfter - own,
          longestCall: try await SlowCalls.longest(connection))
      }
      try await stage.verify(on: connection)
      return figure
    }
  }

  /// Pushes an event of each shop and the first part of the load, and puts the rest beside the inboxes; how many were
  /// pushed.
  func fillWarm(_ connection: RedisConnection) async throws -> Int {
    var pushed = 0
    for (partition, signs) in stage.world.signs().enumerated() {
      let events = load.events(of: partition)
      let warm = signs + events.prefix(Int(Double(events.count) * Self.warmPart))
      try await stage.push(warm, to: partition, on: connection)
      let rest = Array(events.dropFirst(warm.count - signs.count))
      try await stage.push(rest, to: beside(partition), on: connection)
      pushed += warm.count
    }
    return pushed
  }
}
