package import HiredisClient
package import RoutingAudit
package import RoutingStore

extension LedgerValue {
  /// All that a shard has in Redis, by key, as the audit's checker compares it with what entries add up to.
  package static func all(
    of shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> [String: LedgerValue] {
    var state: [String: LedgerValue] = [:]
    for key in try StoredKey.all(of: shard, on: connection) {
      state[key.name] = LedgerValue(kind: key.kind, words: key.words)
    }
    return state
  }
}

extension Evidence {
  /// Takes in what a shard has in the end, and what lies in its outboxes.
  package mutating func take(state found: [String: LedgerValue], of shard: ShardKeys) {
    state = found
    let outboxes = shard.tag + ":out:"
    for (key, value) in found where key.hasPrefix(outboxes) {
      guard case .list(let commands) = value else { continue }
      self.outboxes[String(key.dropFirst(outboxes.count))] = commands.map { Array($0.utf8) }
    }
  }
}
