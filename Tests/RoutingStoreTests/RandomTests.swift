import Foundation
import HiredisClient
import Routing
import TestSupport
import Testing

/// Random histories: the model and the functions in Redis must agree after every step, state for state and
/// command for command, and `fl_check` must find nothing.
@Suite struct RandomTests {
  /// How many lanes of histories run side by side, each on a server of its own. As many as cores would do; a
  /// server for every history at once makes other tests miss their deadlines.
  private static let lanes: UInt64 = 4
  /// How many histories (`FENLIU_HISTORIES` for a longer soak), and how many events in each. Short ones begin
  /// over often, which finds more.
  private static let histories = variable("FENLIU_HISTORIES") ?? 12
  static let events = 520
  static let firstSeed: UInt64 = 2_077_900_000

  @Test(arguments: 0..<lanes)
  func modelAndStoreAgree(lane: UInt64) async throws {
    // `FENLIU_SEED` plays one history only. Otherwise always the same ones, so that a change is judged by
    // what it changes; `FENLIU_HISTORIES` goes on from there, as far as one likes, in search of more.
    if let seed = Self.variable("FENLIU_SEED") {
      return try await Self.play(lane == 0 ? [seed] : [])
    }
    let seeds = (0..<Self.histories).map { Self.firstSeed + $0 }
    try await Self.play(seeds.filter { $0 % Self.lanes == lane })
  }

  /// What a difference is printed with, `fenliu push` must be able to read.
  @Test func theEventsOfAHistoryAreThoseThatGatewaysPush() throws {
    for seed in Self.firstSeed..<Self.firstSeed + 20 {
      let history = try History(seed: seed, events: 100)
      let events = history.steps.compactMap { if case .event(let event) = $0 { event } else { nil } }
      let lines = history.eventLines
      #expect(lines.count == events.count)
      for (line, event) in zip(lines, events) {
        #expect(try EventDecoder.decode(Array(line.utf8)).get() == event, "\(line)")
      }
    }
  }

  private static func play(_ seeds: [UInt64]) async throws {
    guard !seeds.isEmpty else { return }
    let server = try await RedisServer.start()
    defer { server.kill() }
    let connection = try await server.connected()
    for seed in seeds { try await play(seed, on: connection) }
  }

  private static func play(_ seed: UInt64, on connection: isolated RedisConnection) throws {
    do {
      let history = try History(seed: seed, events: events)
      guard let difference = try Replay.play(history, on: connection) else { return }
      let report = try Failure.report(history, difference, seed: seed, on: connection)
      Issue.record("\(report)")
    } catch {
      Issue.record("seed \(seed): \(error)")
    }
  }

  private static func variable(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }
}
