import Foundation
import TestSupport
import Testing

@testable import fenliu

/// The measurement of commits beside their plain writes plays what it says.
@Suite struct BenchCommitsTests {
  @Test(.timeLimit(.minutes(3))) func eachKindIsPlayedAndSentAgain() async throws {
    // It ends with an error if an event was rejected, a guarantee does not hold, or a replay commits fewer events.
    let result = try await BenchCommits(conversations: 100, rounds: 1).run()
    #expect(result.commits.map(\.kind) == BenchCommitsResult.Kind.allCases)
    #expect(result.commits.allSatisfy { $0.cost.commit > 0 && $0.cost.plain > 0 && $0.ratio > 0 })
    let writes = Dictionary(uniqueKeysWithValues: result.commits.map { ($0.kind, $0.writes) })
    // A message moves its clocks, is taken off the list and moves the position.
    #expect(writes[.customerMessage] == 3)
    #expect(writes[.agentMessage] == 3)
    // A follow-up is one more assignment.
    #expect((writes[.closeWithFollowUp] ?? 0) >= (writes[.close] ?? 0) + 4)
    #expect(
      try JSONDecoder().decode(BenchCommitsResult.self, from: Data(BenchJSON.text(result).utf8)) == result)
    for name in ["redis_cpu_us_per_event", "writes_per_event", "ratio", "plain"] {
      #expect(try BenchJSON.text(result).contains("\"\(name)\":"), "\(name)")
    }
    for kind in BenchCommitsResult.Kind.allCases { #expect(result.table.contains("\n\(kind.rawValue) ")) }
  }

  @Test func theMedianOfSeveralRoundsCounts() {
    let commit = BenchCommitsResult.Commit(
      kind: .open, writes: 12,
      rounds: [.init(commit: 30, plain: 10), .init(commit: 20, plain: 20), .init(commit: 90, plain: 45)])
    #expect(commit.cost == .init(commit: 30, plain: 20))
    #expect(commit.ratio == 2)
  }

  @Test func whatCannotBePlayedIsRefused() async throws {
    #expect(try await Program.run("bench", "commits", "--conversations", "10").status == 64)
    #expect(try await Program.run("bench", "commits", "--rounds", "0").status == 64)
  }
}
