import HiredisClient
import Routing
import RoutingStore

/// Which node of a cluster has which shard, as `fenliu topology` shows it.
struct ShardHomes {
  private struct Home {
    var shard: Int
    var slot: HashSlot
    /// Nil while no node has the slot.
    var node: RedisPlace?
  }

  private let homes: [Home]
  private let primaries: Int

  init(_ map: ClusterMap, keys: Keys, shards: Int) {
    primaries = map.nodes.count { $0.isPrimary && !$0.slots.isEmpty }
    homes = (0..<shards).map { index in
      let slot = HashSlot(of: keys.shard(index).tag)
      return Home(shard: index, slot: slot, node: map.owner(of: slot)?.place)
    }
  }

  /// Lines beneath those of the topology.
  var text: String {
    "\n\n"
      + homes.map { home in
        "shard \(home.shard)   slot \(home.slot)   \(home.node.map { "\($0)" } ?? "at no node")"
      }.joined(separator: "\n")
  }

  /// What an operator should think about: a cluster of which one node does all the work.
  var warning: String? {
    let nodes = Set(homes.compactMap(\.node))
    guard homes.count > 1, nodes.count == 1, primaries > 1, let node = nodes.first else { return nil }
    return "all shards are at \(node), and the other \(primaries - 1) primaries have nothing to do: "
      + "move some with deploy/move-shard"
  }

  /// The field `nodes` of the JSON object.
  func append(to json: inout JSONText) {
    json.key("nodes")
    json.beginArray()
    for home in homes {
      json.beginObject()
      json.field("shard", Int64(home.shard))
      json.field("slot", Int64(home.slot.number))
      json.field("node", home.node.map { "\($0)" } ?? "")
      json.endObject()
    }
    json.endArray()
  }
}
