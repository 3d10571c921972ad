import Foundation
import HiredisClient
import TestSupport
import Testing

/// Random histories: the model and the functions in Redis must agree after every step, state for state and
/// command for command, and `fl_check` must find nothing.
@Suite struct RandomTests {
  /// How many histories (`FENLIU_HISTORIES` for a longer soak), and how many events in each. Short ones begin
  /// over often, which finds more.
  private static let histories =
    ProcessInfo.processInfo.environment["FENLIU_HISTORIES"].flatMap { UInt64($0) } ?? 40
  private static let events = 520

  /// Seeds of histories that once failed, with what they found.
  private static let once: [UInt64] = []

  /// `FENLIU_SEED` plays one history only; otherwise new ones every day, the same ones all day.
  private static let seeds: [UInt64] = {
    if let text = ProcessInfo.processInfo.environment["FENLIU_SEED"], let seed = UInt64(text) {
      return [seed]
    }
    let day = UInt64(Date().timeIntervalSince1970 / 86_400)
    return (0..<histories).map { day * 100_000 + $0 }
  }()

  @Test(arguments: once + seeds)
  func modelAndStoreAgree(seed: UInt64) async throws {
    let server = try await RedisServer.start()
    defer { server.kill() }
    let connection = try await server.connected()
    try await Self.play(seed, on: connection)
  }

  private static func play(_ seed: UInt64, on connection: isolated RedisConnection) throws {
    var run = try RandomRun(seed: seed, prefix: "fl:", on: connection)
    do {
      try run.play(events, on: connection)
    } catch let difference as RandomRun.Difference {
      Issue.record("\(difference)")
    } catch {
      Issue.record("seed \(seed): \(error)")
    }
  }
}
