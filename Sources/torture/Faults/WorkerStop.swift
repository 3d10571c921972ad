import Proving

extension Fault {
  /// A zombie that wakes up after its lease has passed on must not change anything.
  static let workerStop = Fault(
    name: "worker-stop",
    summary: "a worker that has events is stopped by SIGSTOP for 0.1 to 3 leases and goes on as a zombie",
    share: 10, owed: .trials(short: 200, night: 8_000)
  ) { session in
    try await session.storm(WorldPlan(), pause: 1...100, sideBySide: 3) { world, random in
      let tenths = 1 + random.below(30)
      let aim = try await world.aim(&random)
      try await Task.sleep(for: .microseconds(random.below(3_000)))
      if let aim { await world.freezeWorker(aim, for: world.plan.lease * tenths / 10) }
      // The shortest stop is 30 ms long.
      if let pid = aim?.pid { try await world.awaitStandstill(of: pid, within: .milliseconds(25)) }
      try await world.noteWhether(aim)
    }
  }
}
