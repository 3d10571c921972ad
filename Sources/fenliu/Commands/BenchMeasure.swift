import ArgumentParser
import Foundation
import HiredisClient
import Routing

/// The benchmark itself.
struct BenchMeasure: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measure (what `fenliu bench` does unless told otherwise).",
    discussion: """
      Inboxes are filled with conversations (an open, messages, a close), and workers drain them. What they \
      sent is recorded in a run of its own and replayed to an equal Redis by bare pipelined clients that \
      neither decode nor decide: the ceiling. Both are measured by turns; medians are shown. Then gateways \
      push at a steady rate, and the time from the planned push to the command in the outbox is measured; \
      beside it a ping-pong of two clients by BLMOVE, and events one at a time. At last the memory of \
      waiting, active and closed conversations. Only ratios within one run mean something: absolute figures \
      depend on the machine and what else it does.

      Examples:  fenliu bench --conversations 20000
                 fenliu bench measure --waiting 100000 --json > today.json
      """)

  @Option(help: "How many conversations.")
  var conversations = 20_000
  @Option(help: "Messages in each conversation.")
  var messages = 6
  @Option(help: "Agents over all shops, with ten slots each.")
  var agents = 100
  @Option(help: "Conversations that wait all the time.")
  var waiting = 0
  @Option(help: "Rules over all shops, each with a keyword.")
  var rules = 10
  @Option(help: "Groups over all shops.")
  var groups = 5
  @Option(help: "Shops, all in one shard.")
  var shops = 1
  @Option(help: "Workers, 1 to 4.")
  var workers = 1
  @Option(help: "Gateways that push at a steady rate.")
  var gateways = 4
  @Option(
    help: ArgumentHelp(
      "Events a second, over all gateways, under the steady load (default: half of what was drained).",
      valueName: "events"))
  var rate: Double?
  @Option(help: "How often throughput and ceiling are measured.")
  var rounds = 3
  @Option(
    help: ArgumentHelp(
      "Conversations over which memory is measured; 0 leaves it out.", valueName: "conversations"))
  var memory = 20_000
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    let bounds: [(String, Int, ClosedRange<Int>)] = [
      ("--conversations", conversations, 100...10_000_000), ("--messages", messages, 0...1_000),
      ("--agents", agents, 1...1_000_000), ("--waiting", waiting, 0...10_000_000),
      ("--rules", rules, 1...100_000), ("--groups", groups, 1...100_000), ("--shops", shops, 1...100_000),
      ("--workers", workers, 1...BenchWorld.partitions), ("--gateways", gateways, 1...64),
      ("--rounds", rounds, 1...99), ("--memory", memory, 0...10_000_000),
    ]
    for (name, value, bound) in bounds where !bound.contains(value) {
      throw ValidationError("\(name) takes \(bound.lowerBound) to \(bound.upperBound)")
    }
    if let rate, !(1...1_000_000).contains(rate) { throw ValidationError("--rate takes 1 to 1000000") }
  }

  func run() async throws {
    let result = try await BenchRun(
      world: BenchWorld(
        conversations: conversations, messages: messages, agents: agents, waiting: waiting, rules: rules,
        groups: groups, shops: shops), workers: workers, gateways: gateways, rate: rate, rounds: rounds,
      memory: memory
    ).run()
    try Output.line(json ? result.json : BenchTable.text(result))
  }
}
