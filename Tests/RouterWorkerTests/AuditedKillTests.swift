import Foundation
import HiredisClient
import Routing
import RoutingAudit
import RoutingStore
import TestSupport
import Testing

/// The record of real workers that are killed and frozen at random moments: everything is judged at every position, not
/// only at the end.
@Suite struct AuditedKillTests {
  @Test(.redis, .timeLimit(.minutes(2)))
  func workersAreKilledAndFrozenAndTheAuditIsClean() async throws {
    let seed =
      ProcessInfo.processInfo.environment["FENLIU_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...999_999)
    print("FENLIU_SEED=\(seed)")
    var random = SeededGenerator(seed: seed)
    let fleet = try await Fleet(RedisServer.required(), lease: "300ms")
    for partition in 0..<4 {
      _ = try await fleet.send("HSET", "fl:{0}:lease:\(partition)", "audit", "1000000")
    }
    try await fleet.apply(ChaosLoad.plenty)
    try await fleet.apply(ChaosLoad.tight)
    var load = ChaosLoad(seed: seed)
    var evidence = Evidence()
    try await push(
      ["p1", "p2"].map { Events.online($0, shop: "plenty") }
        + ["t1", "t2", "t3"].map { Events.online($0, shop: "tight") }, 0, to: fleet, &evidence)
    for _ in 0..<3 { try await fleet.startWorker() }
    for round in 0..<9 {
      for partition in 0..<4 {
        let events = (0..<10).flatMap { _ in load.next(partition) }
        try await push(events, partition, to: fleet, &evidence)
      }
      let victim = Int.random(in: 0..<3, using: &random)
      if round % 3 == 2 {
        let worker = await fleet.workers[victim]
        worker.send(signal: SIGSTOP)
        // For more than its lease, so that others take over and it comes back to find itself fenced.
        try await Task.sleep(for: .milliseconds(700))
        worker.send(signal: SIGCONT)
      } else {
        await fleet.killWorker(victim)
        try await fleet.startWorker()
      }
      // Faults come at random moments; nothing is waited for here.
      try await Task.sleep(for: .milliseconds(Int.random(in: 1...150, using: &random)))
    }
    try await fleet.drained(within: .seconds(60))
    await fleet.killAll()

    let found = try await judge(fleet, evidence)
    #expect(
      found.violations == [], "\(found.violations.prefix(10).map(\.description).joined(separator: "\n"))")
    #expect(found.takeovers >= 4)
    print("\(found.entries) entries, \(found.takeovers) leases taken")
  }

  private func push(
    _ events: [String], _ partition: Int, to fleet: Fleet, _ evidence: inout Evidence
  ) async throws {
    try await fleet.push(partition, events)
    evidence.pushed[partition, default: []] += events.map { text in
      let event = try? EventDecoder.decode(text).get()
      return PushedEvent(Array(text.utf8), source: event?.source?.rawValue, n: event?.n)
    }
  }

  private func judge(
    _ fleet: Fleet, _ evidence: Evidence
  ) async throws -> (violations: [Violation], entries: Int64, takeovers: Int) {
    let connection = try await fleet.server.connected()
    let shard = fleet.keys.shard(0)
    var evidence = evidence
    var checker = AuditChecker(shard: shard.tag)
    var takeovers = 0
    var last: Int64 = 0
    while true {
      let page = try await AuditLog.read(shard, after: last, on: connection)
      if page.isEmpty { break }
      for bytes in page {
        let entry = try AuditEntry.decode(bytes)
        try checker.feed(entry)
        last = entry.number
        if entry.kind == "lease_take" { takeovers += 1 }
      }
    }
    evidence.take(state: try await LedgerValue.all(of: shard, on: connection), of: shard)
    return (checker.finish(evidence), checker.entries, takeovers)
  }
}
