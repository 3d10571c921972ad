import Foundation
import TestSupport
import Testing

@testable import RouterWorker

/// The hook by which the battery ends workers at each of their steps.
@Suite struct FailPointTests {
  @Test(arguments: ["", "before", "before:", "before:0", "before:-1", "between:1", "after:1:2", "before:x"])
  func anythingElseIsNoFailPoint(_ text: String) {
    #expect(FailPoint(text) == nil)
    #expect(FailPoint("before:1") != nil && FailPoint("after:17") != nil)
  }

  /// As a crash: by SIGKILL, without a word; and what it had taken passes to the next.
  @Test(.redis) func aWorkerEndsAtItsRoundTripAndAnotherGoesOn() async throws {
    let fleet = try await Fleet(RedisServer.required(), prefix: "fp:")
    try await fleet.apply(ChaosLoad.plenty)
    for moment in ["before:9", "after:9"] {
      let worker = try await fleet.startWorker(environment: ["FENLIU_TEST_KILL_AT": moment])
      #expect(try await worker.wait() == .signalled(SIGKILL), "\(moment)")
      await fleet.killWorker(0)
    }
    let survivor = try await fleet.startWorker()
    try await fleet.push(0, [Events.online("p1", shop: "plenty")])
    try await fleet.drained()
    #expect(survivor.isRunning)
    #expect(try await fleet.check() == [])
    await fleet.killAll()
  }
}
