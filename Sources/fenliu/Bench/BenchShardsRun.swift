import HiredisClient
import Routing
import RoutingStore

/// How much more two servers with two workers do than one with one, each on a core of its own: judged by CPU time, since a
/// machine with fewer cores cannot show it by the clock.
struct BenchShardsRun {
  var conversations = 10_000
  var rounds = 3

  private typealias Cost = BenchShardsResult.Cost

  /// What each shard has.
  private var world: BenchWorld {
    var world = BenchWorld()
    world.conversations = conversations
    return world
  }

  func run() async throws -> BenchShardsResult {
    var progress = BenchProgress(steps: 3 * rounds)
    defer { progress.end() }
    var (one, alone, two): ([Cost], [Cost], [Cost]) = ([], [], [])
    var version = ""
    for round in 1...rounds {
      progress.begin("round \(round) of \(rounds): one server, one worker")
      one.append(
        try await BenchFleet.single { fleet in
          version = try await BenchRun.version(fleet.connections[0])
          return try await drain(fleet)
        })
      progress.begin("round \(round) of \(rounds): a cluster of one server, one worker")
      alone.append(try await BenchFleet.cluster(of: 1) { fleet in try await drain(fleet) })
      progress.begin("round \(round) of \(rounds): a cluster of two servers, two workers")
      two.append(try await BenchFleet.cluster(of: 2) { fleet in try await drain(fleet) })
    }
    return BenchShardsResult(
      machine: .here(redis: version), conversations: conversations, rounds: rounds, one: one,
      alone: alone, two: two)
  }

  /// Lets as many workers as there are shards drain full inboxes of all of them.
  private func drain(_ fleet: BenchFleet) async throws -> Cost {
    let stages = fleet.connections.indices.map { BenchStage(world, shard: $0) }
    let drains = stages.map {
      BenchThroughput(stage: $0, load: BenchLoad(world: world), workers: stages.count)
    }
    let shards = Array(zip(drains, fleet.connections))
    for (drain, connection) in shards { try await drain.stage.configure(on: connection) }
    let cost = try await BenchWorkers.with(stages.count, at: fleet.redis, fleet.keys) {
      for (drain, connection) in shards {
        try await drain.stage.bringEverybody(on: connection)
        _ = try await drain.settledLeases(on: connection)
      }
      var ends: [Int] = []
      for (drain, connection) in shards {
        let before = try await drain.stage.position(on: connection)
        let warm = try await drain.fillWarm(connection)
        try await drain.stage.reach(before + warm, on: connection)
        try await drain.stage.settled(on: connection)
        ends.append(before + drain.load.events + world.shops)
      }
      var (redis, events): ([Double], [Int]) = ([], [])
      for ((drain, connection), end) in zip(shards, ends) {
        events.append(end - (try await drain.stage.position(on: connection)))
        redis.append(try await CPUTime.redis(connection))
      }
      let own = CPUTime.own
      for (drain, connection) in shards { try await drain.open(on: connection) }
      for ((drain, connection), end) in zip(shards, ends) {
        try await drain.stage.reach(end, on: connection)
        try await drain.stage.settled(on: connection)
      }
      let worker = (CPUTime.own - own) / Double(events.reduce(0, +))
      for (index, connection) in fleet.connections.enumerated() {
        redis[index] = (try await CPUTime.redis(connection) - redis[index]) / Double(events[index])
      }
      return Cost(worker: worker, servers: redis)
    }
    for (drain, connection) in shards { try await drain.stage.verify(on: connection) }
    return cost
  }
}
