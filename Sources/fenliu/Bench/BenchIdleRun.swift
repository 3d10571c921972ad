import Foundation
import HiredisClient

/// What a worker takes that has nothing to do, with few shops and with many.
struct BenchIdleRun {
  var shops = [10, 10_000]
  var seconds = 10
  var rounds = 3

  /// Every shop with an agent online, a group and a rule, and nothing to do.
  private func world(_ shops: Int) -> BenchWorld {
    var world = BenchWorld()
    (world.conversations, world.shops, world.agents) = (0, shops, shops)
    (world.groups, world.rules) = (shops, shops)
    return world
  }

  func run() async throws -> BenchIdleResult {
    var progress = BenchProgress(steps: shops.count * (1 + rounds))
    defer { progress.end() }
    var idles: [BenchIdleResult.Idle] = []
    var machine: BenchResult.Machine?
    for count in shops {
      progress.begin("\(count) shops: setting the scene")
      let idle = try await BenchStage.with(world(count)) { stage in
        try await stage.server { server, connection in
          machine = .here(redis: try await BenchRun.version(connection))
          return try await BenchWorkers.with(1, server.endpoint, stage.keys) {
            _ = try await BenchThroughput(stage: stage, load: BenchLoad(world: stage.world), workers: 1)
              .settledLeases(on: connection)
            try await quiet(connection)
            var shares: [BenchIdleResult.Share] = []
            for round in 1...rounds {
              progress.begin("\(count) shops, round \(round) of \(rounds)")
              shares.append(try await share(connection))
            }
            return BenchIdleResult.Idle(shops: count, rounds: shares)
          }
        }
      }
      idles.append(idle)
    }
    guard let machine else { throw CommandFailure("name at least one number of shops") }
    return BenchIdleResult(machine: machine, seconds: seconds, idles: idles)
  }

  /// Waits until a worker that has just come has seen to what it found: from second to second the server does as little.
  private func quiet(_ connection: RedisConnection) async throws {
    var (last, total) = (Int64?.none, try await commands(connection))
    for _ in 0..<120 {
      try await Task.sleep(for: .seconds(1))
      let now = try await commands(connection)
      if let last, now - total <= 2 * last, now - total >= last / 2 { return }
      (last, total) = (now - total, now)
    }
    throw CommandFailure("the worker did not come to rest within two minutes")
  }

  private func commands(_ connection: RedisConnection) async throws -> Int64 {
    let info = try await connection.send("INFO", "stats").text ?? ""
    let line = info.split(whereSeparator: \.isNewline).first {
      $0.hasPrefix("total_commands_processed:")
    }
    return line?.split(separator: ":").last.flatMap { Int64($0) } ?? 0
  }

  /// This process does nothing meanwhile but what its worker does.
  private func share(_ connection: RedisConnection) async throws -> BenchIdleResult.Share {
    let first = try await commands(connection)
    let (start, redis, own) = (ContinuousClock.now, try await CPUTime.redis(connection), CPUTime.own)
    try await Task.sleep(for: .seconds(seconds))
    let (ownAfter, redisAfter) = (CPUTime.own, try await CPUTime.redis(connection))
    let time = start.duration(to: .now) / .microseconds(1)
    return BenchIdleResult.Share(
      worker: (ownAfter - own) / time, redis: (redisAfter - redis) / time,
      commandsPerSecond: Double(try await commands(connection) - first) / time * 1e6)
  }
}

/// What `fenliu bench idle` found, as `--json` prints it.
struct BenchIdleResult: Codable, Equatable {
  /// CPU time as shares of a core.
  struct Share: Codable, Equatable {
    var worker: Double
    var redis: Double
    /// Commands that the server ran, those within functions too.
    var commandsPerSecond: Double

    enum CodingKeys: String, CodingKey {
      case worker, redis
      case commandsPerSecond = "commands_per_second"
    }
  }

  /// One number of shops: the median over the rounds.
  struct Idle: Codable, Equatable {
    var shops: Int
    var share: Share

    init(shops: Int, rounds: [Share]) {
      self.shops = shops
      share = Share(
        worker: rounds.map(\.worker).median.digits(6), redis: rounds.map(\.redis).median.digits(6),
        commandsPerSecond: rounds.map(\.commandsPerSecond).median.digits(1))
    }
  }

  var machine: BenchResult.Machine
  /// How long each round took.
  var seconds: Int
  var idles: [Idle]

  /// For people.
  var table: String {
    var rows = [["shops", "worker, % of a core", "Redis, % of a core", "commands per second"]]
    for idle in idles {
      rows.append([
        "\(idle.shops)", String(format: "%.3f", idle.share.worker * 100),
        String(format: "%.3f", idle.share.redis * 100), String(format: "%.1f", idle.share.commandsPerSecond),
      ])
    }
    return machine.text + "\n" + BenchTable.aligned(rows)
  }
}
