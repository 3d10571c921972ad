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
    for seed in Self.seeds { try await Self.play(seed, on: connection) }
  }

  private static func play(_ seed: UInt64, on connection: isolated RedisConnection) throws {
    try connection.send("FLUSHALL")
    let history = try History(seed: seed, events: RandomTests.events)
    let run = try AuditedRun(history, prefix: "fl:\(seed):", on: connection)
    let violations = try run.violations()
    #expect(
      violations.isEmpty, "seed \(seed): \(violations.prefix(10).map(\.description).joined(separator: "\n"))")
    #expect(run.entries.count > RandomTests.events)
    print("seed \(seed): \(run.entries.count) entries, \(violations.count) violations")
  }
}
