import Foundation
import HiredisClient
import Routing
import TestSupport
import Testing

/// Workers and Redis are killed and frozen at random moments under load; every event must have its effect
/// once, in order, and every outbox its numbers without gaps.
@Suite(.serialized) struct KillTests {
  private static var seed: UInt64 {
    ProcessInfo.processInfo.environment["FENLIU_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...999_999)
  }

  @Test(.redis, .timeLimit(.minutes(5)))
  func workersAreKilledAndFrozenAtRandomMomentsAndEveryEventCountsOnce() async throws {
    let seed = Self.seed
    print("FENLIU_SEED=\(seed)")
    var random = SeededGenerator(seed: seed &+ 1)
    let fleet = try await Fleet(RedisServer.required(), lease: "300ms")
    var load = try await start(fleet, seed: seed)
    var gateways = ChaosGateways()
    for _ in 0..<3 { try await fleet.startWorker() }

    var kills = 0
    var freezes = 0
    while kills < 100 || freezes < 50 {
      try await feed(fleet, &load, &gateways)
      let victim = Int.random(in: 0..<3, using: &random)
      if kills < 100, freezes >= 50 || Int.random(in: 0..<3, using: &random) > 0 {
        await fleet.killWorker(victim)
        try await fleet.startWorker()
        kills += 1
      } else {
        // Frozen for a tenth of the lease to three leases, while everything else goes on.
        let worker = await fleet.workers[victim]
        let time = Duration.milliseconds(Int.random(in: 30...900, using: &random))
        worker.send(signal: SIGSTOP)
        freezes += 1
        Task {
          try? await Task.sleep(for: time)
          worker.send(signal: SIGCONT)
        }
      }
      // The faults come at random moments; nothing is waited for here.
      try await Task.sleep(for: .milliseconds(Int.random(in: 1...200, using: &random)))
    }
    try await fleet.drained(within: .seconds(90))
    try await verify(fleet, load, &gateways)
    print("\(kills) kills, \(freezes) freezes, \(load.pushed.values.reduce(0, +)) events")
  }

  @Test(.redis(appendFsync: .always), .timeLimit(.minutes(5)))
  func redisIsKilledAndNothingAcknowledgedIsLostAndWorkersGoOnByThemselves() async throws {
    let seed = Self.seed
    print("FENLIU_SEED=\(seed)")
    var random = SeededGenerator(seed: seed &+ 2)
    let server = try RedisServer.required()
    let fleet = try await Fleet(server, lease: "300ms")
    var load = try await start(fleet, seed: seed)
    var gateways = ChaosGateways()
    for _ in 0..<2 { try await fleet.startWorker() }
    let pids = await fleet.workers.map(\.pid)

    for _ in 0..<20 {
      let crash = Task {
        let pause = Int.random(in: 1...150)
        try await Task.sleep(for: .milliseconds(pause))
        try await server.restart()
      }
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        for partition in 0..<4 {
          let events = (0..<8).flatMap { _ in load.next(partition) }
          // A gateway in doubt pushes again, under the same source and n.
          try await insist(fleet) { try await fleet.push(partition, events) }
        }
      }
      try await crash.value
      try await insist(fleet) { try await gateways.take(from: fleet) }
    }
    try await insist(fleet) { try await fleet.drained(within: .seconds(90)) }
    try await verify(fleet, load, &gateways, repeats: true)
    #expect(await fleet.workers.map(\.pid) == pids)
    #expect(await fleet.workers.allSatisfy { $0.isRunning })
    print("20 kills of Redis, \(load.pushed.values.reduce(0, +)) events")
  }

  // MARK: Steps

  private func start(_ fleet: Fleet, seed: UInt64) async throws -> ChaosLoad {
    try await fleet.apply(ChaosLoad.plenty)
    try await fleet.apply(ChaosLoad.tight)
    let worker = try await fleet.startWorker()
    try await fleet.push(
      0,
      ["p1", "p2"].map { Events.online($0, shop: "plenty") }
        + ["t1", "t2", "t3"].map { Events.online($0, shop: "tight") })
    try await fleet.drained()
    worker.send(signal: SIGTERM)
    _ = try await worker.wait()
    await fleet.killWorker(0)
    return ChaosLoad(seed: seed)
  }

  /// Keeps the lists filled, so that faults meet workers at work.
  private func feed(_ fleet: Fleet, _ load: inout ChaosLoad, _ gateways: inout ChaosGateways) async throws {
    if try await fleet.backlog() < 2_000 {
      for partition in 0..<4 {
        try await fleet.push(partition, (0..<30).flatMap { _ in load.next(partition) })
      }
    }
    try await gateways.take(from: fleet)
  }

  /// Repeats while Redis is away.
  private func insist(_ fleet: Fleet, _ work: () async throws -> Void) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        try await work()
        return
      } catch let error as RedisError where error.isRetriable && ContinuousClock.now < deadline {
        try? await fleet.reconnect()
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  private func verify(
    _ fleet: Fleet, _ load: ChaosLoad, _ gateways: inout ChaosGateways, repeats: Bool = false
  ) async throws {
    try await gateways.take(from: fleet)
    #expect(try await fleet.check() == [])
    #expect(gateways.gaps.prefix(5) == [])
    let letters = try await fleet.send("LRANGE", "fl:{0}:dead", "0", "-1").array ?? []
    let unexpected = letters.compactMap(\.text).filter { !$0.contains("conversation never is not known") }
    #expect(unexpected.prefix(3) == [])
    for partition in 0..<4 {
      let story = gateways.story(partition)
      let expected = load.expected[partition] ?? []
      #expect(story.count == expected.count, "commands of partition \(partition)")
      if let first = zip(story, expected).enumerated().first(where: { $0.element.0 != $0.element.1 }) {
        Issue.record("partition \(partition), command \(first.offset): \(first.element)")
      }
      let rejected = gateways.rejected(partition)
      #expect(rejected == rejected.sorted() && Set(rejected).count == rejected.count)
      // Repeats are acknowledged too, and so count in the position.
      if !repeats {
        let online: Int64 = partition == 0 ? 5 : 0
        #expect(try await fleet.position(partition) == Int64(load.pushed[partition] ?? 0) + online)
      }
    }
    let closed = (gateways.commands["tight"] ?? []).filter { $0.type.name == "conversation.closed" }
    #expect(closed.count == load.tightConversations.count)
    let missing = load.tightConversations.subtracting(closed.compactMap { $0.conversation?.rawValue })
    #expect(missing.isEmpty, "\(missing.sorted().prefix(5))")
    for agent in ["t1", "t2", "t3"] {
      #expect(try await fleet.send("HGET", "fl:{0}:tight:agent:\(agent)", "load").integer == 0)
    }
  }
}
