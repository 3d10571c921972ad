import Foundation
import HiredisClient
import Routing
import RoutingStore

/// What `fenliu topology` shows.
struct TopologyView {
  private let keys: Keys
  private let topology: Topology
  private let isSet: Bool
  private let limit: Int64
  private let durability: Durability?
  /// By shard.
  private let generations: [Generations.State]
  /// Which node has which shard, in a cluster.
  let homes: ShardHomes?

  /// Reads it.
  static func read(_ keys: Keys, on connection: RedisConnection) async throws -> TopologyView {
    let topology = try await Topology.read(keys, on: connection)
    let shown = topology ?? .standard
    var generations: [Generations.State] = []
    for shard in 0..<shown.shards {
      generations.append(try await Generations.state(of: keys.shard(shard), on: connection))
    }
    return TopologyView(
      keys: keys, topology: shown, isSet: topology != nil,
      limit: try await Topology.inboxLimit(keys, on: connection),
      durability: try await Durability.read(keys, on: connection), generations: generations,
      homes: try await connection.clusterMap().map { ShardHomes($0, keys: keys, shards: shown.shards) })
  }

  /// For a person.
  var text: String {
    let state =
      isSet
      ? "set"
      : "not set yet: the first worker or push sets these, unless you choose others now with --shards, --partitions"
    var lines = """
      topology     \(state)
      shards       \(topology.shards)
      partitions   \(topology.partitions) in each shard
      inbox limit  \(limit) events in each partition
      durability   \(durabilityInWords)

      """
    for (shard, state) in generations.enumerated() {
      guard let lostAt = state.lostAt else { continue }
      let date = Date(timeIntervalSince1970: Double(lostAt.rawValue) / 1_000).ISO8601Format()
      lines += "shard \(shard)      generation \(state.generation): "
      lines += "Redis may have lost its last moments at \(date)\n"
    }
    return lines + """

      A gateway pushes an event of shop and customer to the list \(keys.prefix){s}:in:P, where
      s = crc32(shop) % \(topology.shards) and P = crc32(customer id) % \(topology.partitions); \
      one of an agent alone to P = crc32(agent id) % \(topology.partitions).
      """ + (homes?.text ?? "")
  }

  private var durabilityInWords: String {
    switch durability?.mode {
    case nil: "not chosen: always where the one server flushes every write, otherwise fast"
    case .replicated?:
      "replicated: \(durability?.replicas ?? 1) \(durability?.replicas == 1 ? "replica has" : "replicas have") "
        + "every command before its gateway"
    case .some(let mode): mode.rawValue
    }
  }

  /// For a program.
  var json: String {
    var json = JSONText()
    json.beginObject()
    json.field("shards", Int64(topology.shards))
    json.field("partitions", Int64(topology.partitions))
    json.field("inbox_limit", limit)
    json.field("set", isSet)
    if let durability {
      json.field("durability", durability.mode.rawValue)
      json.field("replicas", Int64(durability.replicas))
    }
    json.field("generation", generations.map(\.generation).max() ?? 0)
    homes?.append(to: &json)
    json.endObject()
    return json.text
  }
}
