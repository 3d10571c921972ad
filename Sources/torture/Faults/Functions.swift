import HiredisClient
import Proving
import RoutingStore

extension Fault {
  /// An operator's mistake: the functions are gone from one moment to the next.
  static let functionsFlushed = Fault(
    name: "functions-flushed", summary: "FUNCTION FLUSH takes all functions from under the workers", share: 2
  ) { session in
    try await session.storm(WorldPlan(workers: 2), pause: 1...60) { world, _ in
      let aim = try await world.aimAtAll()
      try await world.ask("FUNCTION", "FLUSH")
      try await world.noteWhether(aim)
    }
  }

  /// Somebody else's endless script, until an operator kills it.
  static let foreignScript = Fault(
    name: "foreign-script", summary: "an endless EVAL holds Redis up until SCRIPT KILL", share: 2
  ) { session in
    let plan = WorldPlan(
      workers: 2, server: RedisServer.Options(settings: ["busy-reply-threshold": "60"]))
    try await session.storm(plan, pause: 1...100, checkEvery: 10) { world, random in
      let stranger = try await world.server.connected(name: "stranger")
      let killer = try await world.server.connected(name: "operator")
      let script = Task { _ = try? await stranger.send("EVAL", "while true do end", "0") }
      try await Task.sleep(for: .milliseconds(20 + random.below(400)))
      try await eventually("the script is killed") {
        do {
          try await killer.send("SCRIPT", "KILL")
          return true
        } catch RedisError.server {
          // NOTBUSY: Redis has not begun with it yet.
          return false
        }
      }
      await script.value
    }
  }

  /// More workers than partitions, and back to one, each leaving cleanly.
  static let scale = Fault(
    name: "scale", summary: "a worker comes or goes on the way from 1 to 16 and back to 1", share: 2
  ) { session in
    while session.goesOn {
      let seed = session.random.next()
      let world = try await World.start(WorldPlan(workers: 1), seed: seed)
      await world.beginFeeding()
      var random = session.random
      let worst = try await Standstill.worst(in: world) {
        for _ in 0..<15 {
          try await world.startWorker()
          try await Task.sleep(for: .milliseconds(random.below(80)))
        }
        for left in (1...15).reversed() {
          try await world.dismissWorker(random.below(left + 1))
          try await Task.sleep(for: .milliseconds(random.below(80)))
        }
      }
      session.random = random
      session.count(30)
      session.take(await world.finish(), at: "world \(seed)")
      let handovers = try await world.handovers()
      session.note(
        "in \(handovers) handovers no partition with events stood still for longer than \(worst / .milliseconds(1)) ms"
      )
    }
  }
}

extension World {
  /// How often partitions have changed hands.
  func handovers() async throws -> Int64 {
    var sum: Int64 = 0
    for partition in 0..<4 { sum += try await ask("HGET", shard.lease(partition), "epoch").integer ?? 0 }
    return sum
  }
}
