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

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    for (name, value) in [("--shards", shards), ("--partitions", partitions)] {
      if let value, !(1...Topology.most).contains(value) {
        throw ValidationError("\(name) takes a number from 1 to \(Topology.most)")
      }
    }
    if let inboxLimit, !(1...1_000_000_000).contains(inboxLimit) {
      throw ValidationError("--inbox-limit takes a number from 1 to 1000000000")
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
    let topology = try await Topology.read(redis.keys, on: connection)
    let limit = try await Topology.inboxLimit(redis.keys, on: connection)
    let homes = try await connection.clusterMap().map {
      ShardHomes($0, keys: redis.keys, shards: (topology ?? .standard).shards)
    }
    await connection.close()
    try Output.line(json ? object(topology, limit, homes) : text(topology, limit) + (homes?.text ?? ""))
    if let warning = homes?.warning { Output.notice(warning) }
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

  private func text(_ topology: Topology?, _ limit: Int64) -> String {
    let shown = topology ?? .standard
    let state =
      topology == nil
      ? "not set yet: the first worker or push sets these, unless you choose others now with --shards, --partitions"
      : "set"
    return """
      topology     \(state)
      shards       \(shown.shards)
      partitions   \(shown.partitions) in each shard
      inbox limit  \(limit) events in each partition

      A gateway pushes an event of shop and customer to the list \(redis.keys.prefix){s}:in:P, where
      s = crc32(shop) % \(shown.shards) and P = crc32(customer id) % \(shown.partitions); \
      one of an agent alone to P = crc32(agent id) % \(shown.partitions).
      """
  }

  private func object(_ topology: Topology?, _ limit: Int64, _ homes: ShardHomes?) -> String {
    let shown = topology ?? .standard
    var json = JSONText()
    json.beginObject()
    json.field("shards", Int64(shown.shards))
    json.field("partitions", Int64(shown.partitions))
    json.field("inbox_limit", limit)
    json.field("set", topology != nil)
    if let homes { homes.append(to: &json) }
    json.endObject()
    return json.text
  }
}
