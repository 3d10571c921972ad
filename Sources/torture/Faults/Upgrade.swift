import Proving

extension Fault {
  /// A rolling upgrade and back: workers of two versions side by side, each with its own library of functions.
  static let upgrade = Fault(
    name: "upgrade",
    summary: "a worker is replaced by one of the other version, which brings its own library", share: 2
  ) { session in
    try await session.storm(WorldPlan(workers: 3), pause: 1...150, faultsPerWorld: 60) { world, random in
      if random.percent(50) {
        try await world.dismissWorker(random.below(3))
      } else {
        await world.killWorker(random.below(3))
      }
      try await world.startWorker(
        environment: random.percent(50) ? ["FENLIU_TEST_LIBRARY_NOTE": "next"] : [:])
    }
  }
}
