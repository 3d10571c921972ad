import Foundation
import Proving
import Routing
import RoutingStore

extension Fault {
  /// An event that ends every worker that touches it.
  static let poison = Fault(
    name: "poison", summary: "an event ends each worker that touches it, until it is set aside", share: 2
  ) { session in
    var plan = WorldPlan(workers: 1, lease: .milliseconds(100))
    plan.poison = "p0is0n"
    try await session.worlds(plan, on: try await RedisServer.start(), prefix: "p") { world, session in
      try await world.dismissWorker(0)
      try await world.pushHistory(rounds: 2)
      try await world.push(session.random.below(4), [Events.on("p0is0n", "status", shop: "plenty")])
      try await world.pushHistory(rounds: 2)
      let ends = try await world.restartWorkersUntilDrained()
      // One of which nothing was known, one that showed the group, three that had marked the one event; and another
      // one where the first ended outside the range that is approached with care.
      if !(3...6).contains(ends) { await world.blame("\(ends) workers ended at one event") }
      session.count()
    }
  }

  /// The gateways' habit of pushing again, without any fault: each repeat must change nothing.
  static let wireRepeat = Fault(
    name: "pushed-again",
    summary: "everything of the last moments is pushed once more, under the same source and n",
    share: 2
  ) { session in
    let server = try await RedisServer.start()
    try await session.worlds(WorldPlan(workers: 1), on: server, prefix: "r") { world, session in
      for _ in 0..<6 {
        try await world.pushHistory(rounds: 1 + session.random.below(3))
        // Most events change nothing when they are applied twice in a row; a rejection is told twice.
        try await world.pushRejected()
        try await world.pushAgain()
        session.count()
      }
    }
  }
}

extension World {
  /// Starts a worker with the hook that lets it die at the poison, again and again, until the lists are empty; how many
  /// ended.
  func restartWorkersUntilDrained() async throws -> Int {
    guard let poison = plan.poison else { return 0 }
    var ends = 0
    let hook = ["FENLIU_TEST_CRASH_ON": poison]
    try startWorker(environment: hook)
    try await eventually(
      within: .seconds(Mutant.current == nil ? 20 : 6), "the lists drain around the poison"
    ) {
      if !workers[0].isRunning {
        ends += 1
        forgetWorkers()
        try startWorker(environment: hook)
      }
      return try await backlog() == 0
    }
    return ends
  }
}
