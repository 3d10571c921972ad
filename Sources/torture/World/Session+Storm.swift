import Proving

extension Session {
  /// Plays worlds one after the other until time is up: events flow, and after pauses of `pause` milliseconds a fault
  /// is done. Each world has its own judgement, so that a violation says after how many faults at most it came.
  mutating func storm(
    _ plan: WorldPlan, pause: ClosedRange<Int>, faultsPerWorld: Int = 100, checkEvery: Int = 8,
    _ fault: (World, inout SeededGenerator) async throws -> Void
  ) async throws {
    while goesOn {
      let seed = random.next()
      let world = try await World.start(plan, seed: seed)
      await world.beginFeeding()
      var done = 0
      // The end takes its time too: the lists drain and the idle clock runs out.
      while done < faultsPerWorld, done == 0 || ContinuousClock.now < deadline, await world.found.isEmpty {
        try await Task.sleep(for: .milliseconds(Int.random(in: pause, using: &random)))
        try await fault(world, &random)
        done += 1
        if done % checkEvery == 0 { try await world.checkNow() }
      }
      count(done)
      take(await world.finish(), at: "world \(seed)")
    }
  }
}
