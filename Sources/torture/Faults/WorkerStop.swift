import Proving

extension Fault {
  /// A zombie that wakes up after its lease has passed on must not change anything.
  static let workerStop = Fault(
    name: "worker-stop",
    summary: "a worker is stopped by SIGSTOP for 0.1 to 3 leases and goes on as a zombie",
    share: 4
  ) { session in
    try await session.storm(WorldPlan(), pause: 1...160) { world, random in
      let tenths = 1 + random.below(30)
      await world.freezeWorker(random.below(3), for: world.plan.lease * tenths / 10)
    }
  }
}
