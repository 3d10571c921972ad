import Foundation
import HiredisClient

/// All measurements of one benchmark, in order.
struct BenchRun {
  let world: BenchWorld
  let workers: Int
  let gateways: Int
  let rate: Double?
  let rounds: Int
  let memory: Int

  private static let steady = Duration.seconds(5)
  private static let roundTrips = 3_000

  func run() async throws -> BenchResult {
    var progress = BenchProgress(steps: 2 * rounds + 5 + (memory > 0 ? 1 : 0) + 1)
    defer { progress.end() }
    let load = BenchLoad(world: world)
    progress.begin("setting the scene")
    return try await BenchStage.with(world) { stage in
      let throughput = BenchThroughput(stage: stage, load: load, workers: workers)
      progress.begin("recording what a worker sends for \(load.events) events")
      let (recording, leases) = try await throughput.record()
      var (drained, replayed): ([BenchFigure], [BenchFigure]) = ([], [])
      for round in 1...rounds {
        progress.begin("round \(round) of \(rounds): workers")
        drained.append(try await throughput.drain())
        progress.begin("round \(round) of \(rounds): the ceiling")
        replayed.append(try await throughput.replay(recording, leases: leases))
      }
      progress.begin("the ceiling without peeks and reads")
      let commits = try await throughput.replay(recording, leases: leases, where: Self.isCommit)
      let latency = BenchLatency(stage: stage, load: load)
      progress.begin("ping-pong")
      let pingPong = try await latency.pingPong(rounds: Self.roundTrips)
      progress.begin("one event at a time")
      let idle = try await latency.idle(rounds: Self.roundTrips, workers: workers)
      let most = drained.map(\.eventsPerSecond).sorted()[rounds / 2]
      let rate = rate ?? most / 2
      progress.begin("a steady load of \(Int(rate)) events per second")
      let rated = try await BenchRated(stage: stage, load: load, workers: workers, gateways: gateways)
        .run(eventsPerSecond: rate, for: Self.steady)
      var bytes: BenchMemory?
      if memory > 0 {
        progress.begin("memory of \(memory) conversations")
        bytes = try await BenchMemory.measure(conversations: memory)
      }
      let version = try await stage.server { _, connection in try await Self.version(connection) }
      return BenchResult(
        machine: .here(redis: version), load: shape, drained: drained, replayed: replayed, commits: commits,
        rated: rated, rate: rate, idle: idle, pingPong: pingPong, bytes: bytes)
    }
  }

  /// Whether a command applies an event: a call of a function that is not one of the few that only look or mark.
  static func isCommit(_ name: String) -> Bool {
    ["_conversation_", "_customer_", "_agent_", "_shop_", "_event_"].contains { name.contains($0) }
      && !name.hasSuffix("_context") && !name.hasSuffix("_configure")
  }

  private var shape: BenchResult.Load {
    BenchResult.Load(
      conversations: world.conversations, messages: world.messages, agents: world.agents,
      waiting: world.waiting, rules: world.rules, groups: world.groups, shops: world.shops, workers: workers,
      gateways: gateways, rounds: rounds)
  }

  static func version(_ connection: RedisConnection) async throws -> String {
    let info = try await connection.send("INFO", "server").text ?? ""
    let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
    return line.map { String($0.dropFirst("redis_version:".count)) } ?? "unknown"
  }
}

/// Tells how far a benchmark has come: a bar on a terminal, a line for each step elsewhere, on standard error.
struct BenchProgress {
  let steps: Int
  private var done = 0
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private static let width = 24

  init(steps: Int) { self.steps = steps }

  /// The next step begins.
  mutating func begin(_ text: String) {
    if isTerminal {
      let full = Self.width * done / max(1, steps)
      let bar = String(repeating: "█", count: full) + String(repeating: "░", count: Self.width - full)
      FileHandle.standardError.write(Data("\r\(bar) \(text)\u{1B}[K".utf8))
    } else {
      Output.notice(text)
    }
    done += 1
  }

  /// Clears the bar.
  func end() {
    if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
