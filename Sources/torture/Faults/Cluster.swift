import HiredisClient
import Proving
import RoutingStore

extension Fault {
  /// A cluster of six nodes with four shards.
  static let cluster = Fault(
    name: "cluster",
    summary:
      "of a cluster's six nodes the primary of a shard is killed or frozen, replaced by hand, or its shard is moved (in two steps, and with the old or the new primary killed in between)",
    share: 4
  ) { session in
    repeat {
      var world = try await ClusterTrials(&session)
      try await world.run(&session)
    } while session.goesOn
  }
}

/// Faults one after the other in one cluster, under load, and what has come of them in the end.
private struct ClusterTrials {
  /// Enough for each kind of fault to meet the others' traces.
  private static let most = 8

  private enum Blow: CaseIterable {
    case killed, frozen, replacedByHand, moved, movedInTwoSteps, killedAmidAMove, targetKilledAmidAMove
  }

  private let fleet: ClusterFleet
  private let place: String

  init(_ session: inout Session) async throws {
    place = "cluster \(session.trials)"
    fleet = try ClusterFleet(try await ClusterSet.start())
    try await fleet.begin(workers: 2)
    try await fleet.serve(5)
  }

  mutating func run(_ session: inout Session) async throws {
    var trials = 0
    repeat {
      guard let blow = Blow.allCases.randomElement(using: &session.random) else { return }
      let shard = Int.random(in: 0..<fleet.topology.shards, using: &session.random)
      let pause = Duration.milliseconds(Int.random(in: 0...300, using: &session.random))
      async let served: Void = fleet.serve(25)
      try await Task.sleep(for: pause)
      try await strike(blow, shard, &session)
      try await served
      trials += 1
      session.count()
    } while trials < Self.most && session.goesOn
    try await judge(&session)
  }

  private func strike(_ blow: Blow, _ shard: Int, _ session: inout Session) async throws {
    let (set, tag) = (fleet.set, fleet.keys.shard(shard).tag)
    let old = try await set.home(of: tag)
    switch blow {
    case .killed:
      old.kill()
      _ = try await set.newHome(of: tag, after: old)
      try await old.start()
    case .frozen:
      old.freeze()
      defer { old.thaw() }
      _ = try await set.newHome(of: tag, after: old)
    case .replacedByHand:
      _ = try await set.replaceByHand(old, for: tag)
    case .moved, .movedInTwoSteps, .killedAmidAMove, .targetKilledAmidAMove:
      let others = try await set.present().filter { $0 !== old }
      guard var target = others.randomElement(using: &session.random) else { return }
      if blow != .moved { try await set.move(shard: shard, to: target, stopAfter: 1) }
      // What went has gone at the replica too; else a person would have to choose between copies.
      if blow == .killedAmidAMove {
        try await set.inStep(old)
        old.kill()
        _ = try await set.newHome(of: tag, after: old)
        try await old.start()
      }
      if blow == .targetKilledAmidAMove {
        try await set.inStep(target)
        let replica = try await set.replica(of: target)
        target.kill()
        try await set.promoted(replica)
        try await target.start()
        target = replica
      }
      if blow != .moved {
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...500, using: &session.random)))
      }
      let moved = try await set.move(shard: shard, to: target)
      if moved.exit != .exited(0) { session.blame(moved.error, at: place) }
    }
    // The next blow shall not meet a shard without a replica: that is another fault, which loses data.
    try await set.whole()
  }

  private func judge(_ session: inout Session) async throws {
    var verdict = Verdict()
    let begin = ContinuousClock.now
    verdict.violations = try await fleet.judge()
    verdict.drain = ContinuousClock.now - begin
    await fleet.killWorkers()
    var doubts = 0
    for gateway in fleet.gateways {
      let audit = try await gateway.judgeAudit()
      verdict.violations += audit.found
      verdict.audited += audit.entries
      verdict.events += await gateway.events
      doubts += await gateway.doubts
    }
    session.take(verdict, at: place)
    if doubts > 0 { session.note("\(place): \(doubts) times a gateway pushed again") }
  }
}
