import ArgumentParser
import HiredisClient
import Routing
import RoutingStore

/// Pushes rejected events again.
struct DeadRetry: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Push rejected events again, each to its partition, and remove their letters.",
    discussion: """
      Each event goes to the end of its partition and its letter away in one step, so that an interruption \
      neither loses nor doubles it. It goes without its source and n: the router has counted these already, \
      and would take it for a repeat. A letter that holds only the beginning of its event stays.

      Example:   fenliu dead retry 3 7-12
      """)

  @OptionGroup var redis: RedisOptions
  @OptionGroup var selection: LetterSelection

  func run() async throws {
    let connection = try await redis.connect()
    let topology = try await Topology.read(redis.keys, on: connection) ?? .standard
    let outcome = try await retry(topology, on: connection)
    await connection.close()
    let hint = outcome.pushed == 0 ? "" : "; what is rejected once more comes back to `fenliu dead list`"
    try Output.line("\(outcome.pushed) \(outcome.pushed == 1 ? "event" : "events") pushed again\(hint)")
    guard outcome.left.isEmpty else { throw CommandFailure(outcome.left.joined(separator: "\n")) }
    guard outcome.met > 0 || selection.isEverything else {
      throw CommandFailure("no dead letter is meant by that; see `fenliu dead list`")
    }
  }

  private struct Outcome {
    var met = 0
    var pushed = 0
    /// Why letters were left where they are.
    var left: [String] = []
  }

  private func retry(_ topology: Topology, on connection: isolated RedisConnection) throws -> Outcome {
    var outcome = Outcome()
    let work = DeadWork(keys: redis.keys, shards: topology.shards, selection: selection)
    try work.forEachPage(on: connection) { shard, letters in
      outcome.met += letters.count
      var ready: [(letter: StoredLetter, content: DeadLetter)] = []
      for letter in letters {
        switch readiness(of: letter, topology) {
        case .success(let content): ready.append((letter, content))
        case .failure(let reason):
          outcome.left.append("letter \(letter.number(ofShards: topology.shards)) was left: \(reason)")
        }
      }
      let pushed = try DeadLetters.retry(ready, shard, on: connection).count { $0 }
      outcome.pushed += pushed
      return pushed
    }
    return outcome
  }

  private func readiness(
    of stored: StoredLetter, _ topology: Topology
  ) -> Result<DeadLetter, CommandFailure> {
    switch stored.content {
    case .failure(let malformed): return .failure(CommandFailure(malformed.reason))
    case .success(let letter):
      if !letter.isRetriable {
        return .failure(
          CommandFailure("only the beginning of its event was kept; its gateway has to push it again"))
      }
      if letter.partition >= topology.partitions {
        return .failure(CommandFailure("there is no partition \(letter.partition)"))
      }
      return .success(letter)
    }
  }
}
