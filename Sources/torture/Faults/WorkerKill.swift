import Proving

extension Fault {
  /// Nothing that a worker holds may be missed.
  static let workerKill = Fault(
    name: "worker-kill", summary: "a worker is ended by SIGKILL at a random moment, and another started",
    share: 6
  ) { session in
    try await session.storm(WorldPlan(), pause: 1...120) { world, random in
      try await world.replaceWorker(random.below(3))
    }
  }
}
