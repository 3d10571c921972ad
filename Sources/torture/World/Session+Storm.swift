import Proving

extension Session {
  /// Plays worlds, some side by side, until enough is done: events flow, and after pauses of `pause` milliseconds a
  /// fault is done. Each world has its own judgement, so that a violation says after how many faults at most it came.
  /// A fault of which the world says that it met nothing is no trial.
  mutating func storm(
    _ plan: WorldPlan, pause: ClosedRange<Int>, faultsPerWorld: Int = 60, checkEvery: Int = 8,
    sideBySide width: Int = 2,
    _ fault: @escaping @Sendable (World, inout SeededGenerator) async throws -> Void
  ) async throws {
    let shared = SharedSession(self)
    // A mutant shows after a few faults, and is tried beside others.
    let isMutant = Mutant.current != nil
    let storm = Storm(
      plan: plan, pause: pause, faults: isMutant ? min(12, faultsPerWorld) : faultsPerWorld,
      checkEvery: isMutant ? min(4, checkEvery) : checkEvery, fault: fault)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<(isMutant ? 1 : width) {
        group.addTask {
          while let seed = await shared.nextWorld() { await storm.play(seed, in: shared) }
        }
      }
    }
    self = await shared.session
  }
}

/// Worlds of one kind.
private struct Storm: Sendable {
  let plan: WorldPlan
  let pause: ClosedRange<Int>
  let faults: Int
  let checkEvery: Int
  let fault: @Sendable (World, inout SeededGenerator) async throws -> Void

  /// One world from its beginning to its judgement.
  func play(_ seed: UInt64, in shared: SharedSession) async {
    do {
      var plan = plan
      // With an audit each event is acknowledged by itself, so that its entry is whole; without one all of a call are.
      plan.isAudited = Mutant.current.map { !$0.isOfLargeCalls } ?? !seed.isMultiple(of: 3)
      let world = try await World.start(plan, seed: seed)
      await world.beginFeeding()
      var random = SeededGenerator(seed: seed &+ 2)
      for number in 1...faults {
        guard await world.found.isEmpty, await shared.claim() else { break }
        let missed = await world.misses
        do {
          try await Task.sleep(for: .milliseconds(Int.random(in: pause, using: &random)))
          try await fault(world, &random)
        } catch {
          await shared.settle(met: false)
          throw error
        }
        await shared.settle(met: world.misses == missed)
        if number % checkEvery == 0 { try await world.checkNow() }
      }
      await shared.take(await world.finish(), at: "world \(seed)")
    } catch {
      await shared.fail(error, at: "world \(seed)")
    }
  }
}
