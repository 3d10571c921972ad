import Routing
import RoutingStore

/// A frame of `fenliu top` as one JSON object. The keys are a promise: `Top`'s help lists them.
enum TopJSON {
  static func text(_ overview: Overview, _ trend: TopTrend, redis: String, prefix: String) -> String {
    var json = JSONText(capacity: 4_096)
    json.beginObject()
    json.field("at", overview.at.rawValue)
    json.field("redis", redis)
    json.field("prefix", prefix)
    json.field("shards", Int64(overview.topology.shards))
    json.field("partitions_per_shard", Int64(overview.topology.partitions))
    json.field("backlog", overview.partitions.reduce(0) { $0 + $1.backlog })
    json.number("events_per_second", trend.rate)
    json.field("held_back", overview.heldBack)
    json.field("dead_letters", Int64(overview.deadLetters))
    json.list("workers", overview.workers) { json, worker in
      json.field("worker", worker.name)
      json.field("partitions", Int64(worker.partitions))
      json.field("beats", worker.beats)
    }
    json.list("partitions", overview.partitions) { json, partition in
      json.field("shard", Int64(partition.shard))
      json.field("partition", Int64(partition.partition))
      json.key("owner")
      if let owner = partition.owner { json.value(owner) } else { json.null() }
      json.field("epoch", partition.epoch)
      json.field("position", partition.position)
      json.field("backlog", partition.backlog)
      json.number("events_per_second", trend.rates[partition.place])
    }
    json.list("outboxes", overview.outboxes) { json, outbox in
      json.field("shard", Int64(outbox.shard))
      json.field("gateway", outbox.gateway)
      json.field("length", outbox.length)
      json.field("dropped", outbox.dropped)
    }
    json.list("shops", overview.shops) { json, shop in write(shop, to: &json) }
    json.endObject()
    return json.text
  }

  private static func write(_ shop: Overview.Shop, to json: inout JSONText) {
    json.field("shop", shop.shop)
    json.field("shard", Int64(shop.shard))
    json.field("version", shop.version)
    json.field("settled", shop.settled)
    json.list("groups", shop.groups) { json, group in
      json.field("group", group.group)
      json.field("waiting", group.waiting)
      json.key("next_waited_ms")
      if let waited = group.nextWaited { json.value(waited.rawValue) } else { json.null() }
      json.field("online", group.online)
      json.field("slots", group.slots)
      json.key("load")
      if let load = group.load { json.value(load) } else { json.null() }
      json.number("busy", group.busy)
      json.field("with_room", group.withRoom)
    }
    json.list("agents", shop.agents) { json, agent in
      json.field("agent", agent.agent)
      json.field("status", agent.status)
      json.field("load", agent.load)
      json.field("capacity", agent.capacity)
      json.key("groups")
      json.beginArray()
      for group in agent.groups { json.value(group.rawValue) }
      json.endArray()
      json.field("slow", agent.slow)
    }
    json.field("more_agents", shop.hasMoreAgents)
  }
}

extension JSONText {
  /// A list of objects.
  fileprivate mutating func list<Item>(
    _ key: StaticString, _ items: [Item], _ write: (inout JSONText, Item) -> Void
  ) {
    self.key(key)
    beginArray()
    for item in items {
      beginObject()
      write(&self, item)
      endObject()
    }
    endArray()
  }

  /// A number, or null if there is none.
  fileprivate mutating func number(_ key: StaticString, _ number: Double?) {
    self.key(key)
    if let number { value((number * 1_000).rounded() / 1_000) } else { null() }
  }
}
