import Foundation
import TestSupport
import Testing

@testable import fenliu

/// The measurement of the longest calls does what it says it measures.
@Suite struct BenchCallsTests {
  @Test(.timeLimit(.minutes(3))) func allScenesArePlayedToTheirEnd() async throws {
    let world = BenchCallsWorld(agents: 40, waiting: 130, groups: 3)
    // It ends with an error if an event was rejected, somebody still waits, or a guarantee does not hold.
    let result = try await BenchCalls(world: world, rounds: 1).run()
    #expect(result.scenes.map(\.kind) == BenchCallsResult.Kind.allCases)
    #expect(result.longestCall > 0)
    #expect(result.documentBytes == world.configuration(0).utf8.count)
    #expect(
      try JSONDecoder().decode(BenchCallsResult.self, from: Data(BenchJSON.text(result).utf8)) == result)
    for name in ["longest_call_ms", "calls_above_5_ms", "scene", "kept_from_running_ms"] {
      #expect(try BenchJSON.text(result).contains("\"\(name)\":"), "\(name)")
    }
    for kind in BenchCallsResult.Kind.allCases { #expect(result.text.contains("\n\(kind.rawValue) ")) }
  }

  @Test func everyAgentChangesWithAnApply() throws {
    let world = BenchCallsWorld(agents: 30, waiting: 1, groups: 2)
    let before = world.configuration(0).split(separator: "\n").filter { $0.contains("agent") }
    let after = world.configuration(1).split(separator: "\n").filter { $0.contains("agent") }
    #expect(before.count == 31 && zip(before, after).dropFirst().allSatisfy { $0 != $1 })
  }

  @Test func ofSeveralRoundsThatCountsWhichComesAgain() {
    func scene(_ longest: [String: Double], _ above: Int, _ kept: Double?) -> BenchCallsResult.Scene {
      BenchCallsResult.Scene(kind: .drain, longest: longest, above: above, keptFromRunning: kept)
    }
    let found = BenchCallsResult.Scene.ofRounds([
      scene(["tick": 9, "conversation_close": 2, "LPOP in": 12], 2, 30),
      scene(["tick": 3, "conversation_close": 4], 0, nil),
      scene(["tick": 4, "conversation_close": 3], 1, 7),
    ])
    #expect(found == scene(["tick": 3, "conversation_close": 2], 0, 7))
    #expect(found.worst?.call == "tick" && found.worst?.milliseconds == 3)
    #expect(scene([:], 0, nil).worst == nil)
  }

  @Test func whatCannotBePlayedIsRefused() async throws {
    #expect(try await Program.run("bench", "calls", "--agents", "0").status == 64)
    #expect(try await Program.run("bench", "calls", "--groups", "1", "--waiting", "1000000").status == 64)
  }
}
