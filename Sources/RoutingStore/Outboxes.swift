public import HiredisClient
import Routing

/// The lists of commands that gateways take from, and what became of those that nobody took.
public enum Outboxes {
  /// How many commands are kept for a gateway that takes none: `OUTBOX_LIMIT` in `context.lua`. The oldest go first.
  public static let bound: Int64 = 100_000

  /// Outboxes that were half full at least once, by name of the gateway. There are none as long as all gateways take
  /// what they are sent, and then this is one call.
  public static func onceHalfFull(
    shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> [Overview.Outbox] {
    let counts = try connection.send("HGETALL", shard.dropped).array ?? []
    var outboxes: [Overview.Outbox] = []
    var lengths = RedisPipeline()
    for index in stride(from: 0, to: counts.count - 1, by: 2) {
      guard let name = counts[index].text else { continue }
      let gateway = GatewayID(unchecked: name)
      outboxes.append(
        Overview.Outbox(
          shard: shard.index, gateway: gateway, length: 0, dropped: counts[index + 1].integer ?? 0))
      lengths.append("LLEN", shard.outbox(gateway))
    }
    guard !outboxes.isEmpty else { return [] }
    for (index, length) in try connection.pipeline(lengths).enumerated() {
      if let error = length.error, error.advice != .fixCaller { throw .server(error) }
      outboxes[index].length = length.integer ?? 0
    }
    return outboxes.sorted { $0.gateway < $1.gateway }
  }
}
