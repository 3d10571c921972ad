import Proving

extension Fault {
  /// The ends that random moments seldom hit: between an answer of Redis and what the worker does with it.
  static let workerStep = Fault(
    name: "worker-step",
    summary: "a worker ends right before or right after each of its first round trips to Redis",
    share: 10, owed: .everyPoint
  ) { session in
    let points = (1...80).flatMap {
      [FailStep(side: "before", number: $0), FailStep(side: "after", number: $0)]
    }
    let server = try await RedisServer.start()
    let plan = WorldPlan(workers: 1, lease: .milliseconds(100))
    await session.points(points, sideBySide: 4) { step, seed, number in
      let world = try await World.start(plan, seed: seed, server: server, prefix: "w\(number):")
      try await world.dismissWorker(0)
      try await world.pushHistory(rounds: 2)
      let worker = try await world.startWorker(environment: ["FENLIU_TEST_KILL_AT": "\(step)"])
      // One that has nothing left to do ticks and beats on, and so comes to its step as well.
      let ended = ContinuousClock.now + .seconds(10)
      while worker.isRunning, ContinuousClock.now < ended { try await Task.sleep(for: .milliseconds(5)) }
      guard !worker.isRunning else { return Verdict(violations: ["the worker never came to its step"]) }
      let left = try await world.backlog()
      await world.forgetWorkers()
      try await world.startWorker()
      try await world.awaitWorkers()
      var verdict = await world.finish()
      // Steps of a worker that has nothing to do are steps too, but it is told how many they are.
      if left == 0 { verdict.misses = 1 }
      return verdict
    }
  }
}

/// One end of a worker: on which side of which round trip.
private struct FailStep: Sendable, CustomStringConvertible {
  let side: String
  let number: Int
  var description: String { "\(side):\(number)" }
}
