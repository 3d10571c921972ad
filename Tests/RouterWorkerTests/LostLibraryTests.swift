import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// The server forgets the functions while a loop waits, as after `FUNCTION FLUSH`; on a server of its own.
@Suite(.redis, .timeLimit(.minutes(1))) struct LostLibraryTests {
  /// Commits that had to wait for the library are sent once more, and so is the look behind them: what the first one saw
  /// is applied by then.
  @Test func anEventIsAppliedOnceThoughTheLibraryHadToBeLoadedForIt() async throws {
    let loop = try await LoopHarness(RedisServer.required(), prefix: "library:")
    try await loop.fleet.apply("shop: acme\ngroups:\n  g: {queue: {limit: 100000}}\n")
    let task = try await loop.start()
    try await loop.isBlocked()
    for round in 0..<3 {
      _ = try await loop.fleet.send("FUNCTION", "DELETE", Functions.work.name)
      let writes = try await loop.writes(for: [Events.open("c\(round)"), Events.open("d\(round)")])
      #expect(writes.contains { $0.contains("FUNCTION") })
    }
    #expect(try await loop.fleet.position(1) == 6)
    let told = try await loop.fleet.outbox("web").filter { $0.type == .queued }
    let expected = (0..<3).flatMap { ["c\($0)", "d\($0)"] }
    #expect(told.compactMap(\.conversation?.rawValue) == expected, "\(told)")
    try await loop.stop(task)
    #expect(try await loop.fleet.check() == [])
  }
}
