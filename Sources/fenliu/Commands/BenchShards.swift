import ArgumentParser

/// What two shards do more than one.
struct BenchShards: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shards",
    abstract: "What two servers with two workers do more than one with one, by CPU time.",
    discussion: """
      One plain server with one shard and one worker, and a cluster of two servers with a shard on each and two \
      workers, drain the same load for each shard by turns. Judged by CPU time per event, as if every server and \
      every worker had a core of its own: a machine with fewer cores cannot show it by the clock.

      Example:  fenliu bench shards --conversations 20000
      """)

  @Option(help: "How many conversations in each shard.")
  var conversations = 10_000
  @Option(help: "How often each is measured.")
  var rounds = 3
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard (100...1_000_000).contains(conversations) else {
      throw ValidationError("--conversations takes 100 to 1000000")
    }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds takes 1 to 99") }
  }

  func run() async throws {
    let result = try await BenchShardsRun(conversations: conversations, rounds: rounds).run()
    try Output.line(json ? BenchJSON.text(result) : result.table)
  }
}
