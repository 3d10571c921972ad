import Proving

extension Fault {
  /// Nothing that a worker holds may be missed.
  static let workerKill = Fault(
    name: "worker-kill",
    summary: "a worker that has events is ended by SIGKILL at a random moment, and another started",
    share: 10, owed: .trials(short: 500, night: 15_000)
  ) { session in
    try await session.storm(WorldPlan(), pause: 1...60, sideBySide: 3) { world, random in
      let aim = try await world.aim(&random)
      // Anywhere in the pass over what lies there.
      try await Task.sleep(for: .microseconds(random.below(3_000)))
      await world.killWorker(aim)
      try await world.noteWhether(aim)
      try await world.startWorker()
    }
  }
}
