import ArgumentParser
import Foundation

/// What commits cost beside their plain writes.
struct BenchCommitsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commits",
    abstract: "What a commit costs Redis, by what its writes cost as plain commands.",
    discussion: """
      A worker's commits are recorded, and what they write; then both are sent again by a bare client, to servers that
      begin alike. The figure is CPU time of Redis for one event.

      Example:  fenliu bench commits --conversations 4000 --rounds 5
      """)

  @Option(help: "Conversations of which each event is measured.")
  var conversations = 4_000
  @Option(help: "How often both are measured; medians count.")
  var rounds = 3
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard (100...100_000).contains(conversations) else {
      throw ValidationError("--conversations takes 100 to 100000")
    }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds takes 1 to 99") }
  }

  func run() async throws {
    let result = try await BenchCommits(conversations: conversations, rounds: rounds).run()
    try Output.line(json ? BenchJSON.text(result) : result.table)
  }
}
