import Foundation
import HiredisClient
import Histogram
import Routing
import RoutingStore

/// How long something took, in the shape that reports show.
struct BenchTimes: Sendable, Codable, Equatable {
  var p50: Double
  var p99: Double
  var max: Double

  /// From nanoseconds to milliseconds.
  init(_ histogram: Histogram<UInt64>) {
    func milliseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e6 }
    p50 = milliseconds(histogram.valueAtPercentile(50))
    p99 = milliseconds(histogram.valueAtPercentile(99))
    max = milliseconds(histogram.max)
  }
}

extension Histogram<UInt64> {
  /// Up to a minute, three digits.
  static func ofNanoseconds() -> Self { Self(highestTrackableValue: 60_000_000_000) }

  mutating func record(since start: ContinuousClock.Instant) {
    let (seconds, attoseconds) = start.duration(to: .now).components
    record(UInt64(clamping: seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
  }
}

/// From the push of an event to its command in the gateway's outbox.
struct BenchLatency {
  let stage: BenchStage
  let load: BenchLoad

  private static let warmUp = 200
  private static let deadline = Duration.seconds(35)

  /// A round trip between two clients that wait for each other by `BLMOVE`: each pushes to the list that the other waits at when
  /// what it waited for itself has come. The measure of what this machine can do: as many processes are woken on the way
  /// as on that from a gateway by a worker to a gateway.
  func pingPong(rounds: Int) async throws -> BenchTimes {
    try await stage.server { server, connection in
      let other = try await server.connect()
      async let answers: Void = answer(rounds + Self.warmUp, on: other)
      let times = try await self.rounds(rounds, on: connection) { _ in
        Self.exchange(pushing: "x", to: "ping", takingFrom: "pong")
      }
      try await answers
      await other.close()
      return times
    }
  }

  private func answer(_ count: Int, on connection: isolated RedisConnection) throws {
    try connection.send("BLMOVE", "ping", "pinged", "LEFT", "RIGHT", "30", deadline: Self.deadline)
    for _ in 1..<count {
      let exchange = Self.exchange(pushing: "x", to: "pong", takingFrom: "ping")
      try Self.succeed(connection.pipeline(exchange, deadline: Self.deadline))
    }
    try connection.send("RPUSH", "pong", "x")
  }

  /// One event after the other, each pushed when the last one's command was taken: a customer comes and is given to an
  /// agent, and the conversation ends.
  func idle(rounds: Int, workers: Int) async throws -> BenchTimes {
    try await stage.server { server, connection in
      try await BenchWorkers.with(workers, server.endpoint, stage.keys) {
        try await self.rounds(rounds, on: connection) { round in
          let number = round / 2
          let mark = #""source":"idle","n":\#(round + 1)"#
          let event =
            round % 2 == 0
            ? load.open(number, gateway: "web", mark: mark) : load.close(number, mark: mark)
          return Self.exchange(
            pushing: event, to: stage.shard.inbox(number % BenchWorld.partitions),
            takingFrom: stage.shard.outbox(GatewayID(unchecked: "web")))
        }
      }
    }
  }

  /// Something is pushed, and what comes of it waited for; both leave in one write.
  private static func exchange(pushing text: String, to list: String, takingFrom other: String)
    -> RedisPipeline
  {
    var pipeline = RedisPipeline()
    pipeline.append("RPUSH", list, text)
    pipeline.append("BLMOVE", other, "taken", "LEFT", "RIGHT", "30")
    return pipeline
  }

  private static func succeed(_ replies: [RedisValue]) throws {
    for case .error(let error) in replies { throw RedisError.server(error) }
    guard replies.last?.text != nil else { throw CommandFailure("no answer came within 30 s") }
  }

  /// Goes through rounds, and some before them, on the connection's own thread: to come there and back again for each
  /// would take as long as Redis does.
  private func rounds(
    _ count: Int, on connection: isolated RedisConnection, _ exchange: (Int) -> RedisPipeline
  ) throws -> BenchTimes {
    var times = Histogram<UInt64>.ofNanoseconds()
    for round in 0..<(count + Self.warmUp) {
      let pipeline = exchange(round)
      let start = ContinuousClock.now
      try Self.succeed(connection.pipeline(pipeline, deadline: Self.deadline))
      if round >= Self.warmUp { times.record(since: start) }
    }
    return BenchTimes(times)
  }
}
