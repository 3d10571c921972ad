import Foundation
import HiredisClient
import RoutingAudit
import TestSupport
import Testing

/// Random histories with every kind of event, configuration and timer: the checker must find nothing.
@Suite struct AuditedHistoryTests {
  private static let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["FENLIU_SEED"].flatMap({ UInt64($0) }) { return [seed] }
    let count = environment["FENLIU_HISTORIES"].flatMap { UInt64($0) } ?? 4
    return (0..<count).map { RandomTests.firstSeed + $0 }
  }()

  @Test func whatTheFunctionsDoIsFoundClean() async throws {
    let server = try await RedisServer.start()
    defer { server.kill() }
    let connection = try await server.connected()
    var choices = 0
    var assignments = 0
    for seed in Self.seeds {
      let checker = try await Self.play(seed, on: connection)
      choices += checker.choicesJudged
      assignments += checker.assignments
    }
    #expect(choices > 0)
    // Most of who met whom was a choice, not a word of a supervisor; a single history may be of another kind.
    if Self.seeds.count > 1 { #expect(choices * 3 > assignments * 2, "\(choices) of \(assignments)") }
  }

  private static func play(_ seed: UInt64, on connection: isolated RedisConnection) throws -> AuditChecker {
    try connection.send("FLUSHALL")
    let history = try History(seed: seed, events: RandomTests.events)
    let run = try AuditedRun(history, prefix: "fl:\(seed):", on: connection)
    let (violations, checker) = try run.judged()
    #expect(
      violations.isEmpty, "seed \(seed): \(violations.prefix(10).map(\.description).joined(separator: "\n"))")
    #expect(run.entries.count > RandomTests.events)
    print(
      "seed \(seed): \(run.entries.count) entries, \(violations.count) violations, "
        + "\(checker.choicesJudged) of \(checker.assignments) choices judged")
    return checker
  }

  @Test func theFunctionsDoTheSameWithAnAuditAndWithout() async throws {
    let server = try await RedisServer.start()
    defer { server.kill() }
    try await Self.compare(on: server.connected())
  }

  private static func compare(on connection: isolated RedisConnection) throws {
    let history = try History(seed: RandomTests.firstSeed + 2, events: RandomTests.events)
    var states: [[String: LedgerValue]] = []
    for isKept in [true, false] {
      try connection.send("FLUSHALL")
      let run = try AuditedRun(history, prefix: "fl:", isKept: isKept, on: connection)
      #expect(run.entries.isEmpty != isKept)
      var state = run.evidence.state ?? [:]
      state["fl:{0}:audited"] = nil
      if case .hash(var lease) = state["fl:{0}:lease:0"] {
        lease["audit"] = nil
        state["fl:{0}:lease:0"] = .hash(lease)
      }
      states.append(state)
    }
    #expect(states[0].count > 40)
    for key in Set(states[0].keys).union(states[1].keys) {
      #expect(states[0][key] == states[1][key], "\(key)")
    }
  }
}
