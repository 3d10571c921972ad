import ArgumentParser
import HiredisClient
import Routing
import RoutingStore

/// Shows or sets shards and partitions.
struct TopologyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topology",
    abstract: "Show into how many shards and partitions the state is divided, or set it once.",
    discussion: """
      All of a shop lies in one shard; the events of a shard arrive by its partitions, each of which is served \
      by one worker at a time. So there is work for at most shards × partitions workers. Choose both before the \
      first worker starts: they can be set only while Redis holds nothing under the prefix.

      Examples:  fenliu topology
                 fenliu topology --shards 4 --partitions 8
                 fenliu topology --inbox-limit 20000
                 fenliu topology --durability replicated --replicas 2
      """)

  @OptionGroup var redis: RedisOptions

  @Option(help: ArgumentHelp("How many shards, 1 to 1024 (default 1).", valueName: "n"))
  var shards: Int?

  @Option(help: ArgumentHelp("How many partitions each shard has, 1 to 1024 (default 4).", valueName: "n"))
  var partitions: Int?

  @Option(
    help: ArgumentHelp(
      "How many events may wait in a partition before fl_push answers FULL (default 100000).",
      discussion: "This one can be changed at any time.", valueName: "n"))
  var inboxLimit: Int64?

  @Option(
    help: ArgumentHelp(
      "What a crash of Redis may lose: always, replicated or fast.",
      discussion: "Can be changed at any time. See deploy/durability.md.", valueName: "mode"),
    transform: TopologyCommand.mode)
  var durability: Durability.Mode?

  @Option(
    help: ArgumentHelp(
      "With replicated: how many replicas are waited for (default 1).", valueName: "n"))
  var replicas: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  @Sendable private static func mode(_ text: String) throws -> Durability.Mode {
    if let mode = Durability.Mode(rawValue: text) { return mode }
    throw ValidationError("'\(text)' is none of always, replicated, fast")
  }

  func validate() throws {
    for (name, value) in [("--shards", shards), ("--partitions", partitions)] {
      if let value, !(1...Topology.most).contains(value) {
        throw ValidationError("\(name) takes a number from 1 to \(Topology.most)")
      }
    }
    if let inboxLimit, !(1...1_000_000_000).contains(inboxLimit) {
      throw ValidationError("--inbox-limit takes a number from 1 to 1000000000")
    }
    if let replicas {
      guard durability == .replicated else {
        throw ValidationError("--replicas goes with --durability replicated")
      }
      guard (1...100).contains(replicas) else {
        throw ValidationError("--replicas takes a number from 1 to 100")
      }
    }
  }

  func run() async throws {
    let connection = try await redis.connect()
    if shards != nil || partitions != nil {
      try await set(
        Topology(
          shards: shards ?? Topology.standard.shards, partitions: partitions ?? Topology.standard.partitions),
        on: connection)
    }
    if let inboxLimit {
      let topology = try await Topology.readOrSet(redis.keys, on: connection)
      try await topology.store(inboxLimit: inboxLimit, redis.keys, on: connection)
    }
    if let durability {
      let topology = try await Topology.readOrSet(redis.keys, on: connection)
      try await Durability(durability, replicas: replicas ?? 1).store(redis.keys, topology, on: connection)
    }
    let shown = try await TopologyView.read(redis.keys, on: connection)
    await connection.close()
    try Output.line(json ? shown.json : shown.text)
    if let warning = shown.homes?.warning { Output.notice(warning) }
  }

  private func set(_ topology: Topology, on connection: RedisConnection) async throws {
    switch try await topology.set(redis.keys, on: connection) {
    case .set, .unchanged: return
    case .raced:
      throw CommandFailure("another program set a topology at this moment; look at it with `fenliu topology`")
    case .inUse(let found):
      throw CommandFailure(
        """
        the topology can only be set while Redis holds nothing under \(redis.keys.prefix), and it holds \
        \(found.joined(separator: "; ")). Use an empty Redis or another --prefix
        """)
    }
  }
}
