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
  private static let deadline = Duration.seconds(30)

  /// A round trip between two clients that wait for each other by `BLMOVE`: the measure of what this machine can do.
  func pingPong(rounds: Int) async throws -> BenchTimes {
    try await stage.server { server, connection in
      let other = try await server.connect()
      let answering = Task {
        while !Task.isCancelled {
          _ = try await other.send("BLMOVE", "ping", "pong", "LEFT", "RIGHT", "0.5", deadline: Self.deadline)
        }
      }
      var times = Histogram<UInt64>.ofNanoseconds()
      for round in 0..<(rounds + Self.warmUp) {
        let start = ContinuousClock.now
        _ = try await connection.send("RPUSH", "ping", "x")
        _ = try await connection.send("BLMOVE", "pong", "done", "LEFT", "RIGHT", "5", deadline: Self.deadline)
        if round >= Self.warmUp { times.record(since: start) }
      }
      answering.cancel()
      _ = await answering.result
      await other.close()
      return BenchTimes(times)
    }
  }

  /// One event after the other, each pushed when the last one's command was taken: a customer comes and is given to an
  /// agent, and the conversation ends.
  func idle(rounds: Int, workers: Int) async throws -> BenchTimes {
    try await stage.server { server, connection in
      try await BenchWorkers.with(workers, server.endpoint, stage.keys) {
        var times = Histogram<UInt64>.ofNanoseconds()
        for round in 0..<(rounds + Self.warmUp) {
          let number = round / 2
          let mark = #""source":"idle","n":\#(round + 1)"#
          let event =
            round % 2 == 0
            ? load.open(number, gateway: "web", mark: mark) : load.close(number, mark: mark)
          let start = ContinuousClock.now
          _ = try await connection.send(
            "RPUSH", stage.shard.inbox(number % BenchWorld.partitions), event)
          let taken = try await connection.send(
            "BLMOVE", stage.shard.outbox(GatewayID(unchecked: "web")), "taken", "LEFT", "RIGHT", "30",
            deadline: Self.deadline + .seconds(5))
          guard taken.text != nil else { throw CommandFailure("no command came within 30 s") }
          if round >= Self.warmUp { times.record(since: start) }
        }
        return BenchTimes(times)
      }
    }
  }
}
