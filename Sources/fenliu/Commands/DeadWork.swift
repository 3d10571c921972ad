import HiredisClient
import Routing
import RoutingStore

/// Goes through the dead letters of all shards from the oldest on and lets some of them be taken away.
///
/// Only as many as there were at the start: what is retried and rejected again comes back at the end of the
/// list, and must not be met once more.
struct DeadWork {
  /// The key names.
  let keys: Keys
  /// How many shards there are.
  let shards: Int
  /// Which letters are meant.
  let selection: LetterSelection

  /// How many letters are meant.
  func count(on connection: isolated RedisConnection) throws -> Int {
    var count = 0
    try forEachPage(on: connection) { _, letters in
      count += letters.count
      return 0
    }
    return count
  }

  /// Hands the letters that are meant to `body`, some at a time; it returns how many of them it has removed.
  func forEachPage(
    on connection: isolated RedisConnection, _ body: (ShardKeys, [StoredLetter]) throws -> Int
  ) throws {
    for index in 0..<shards {
      let shard = keys.shard(index)
      var left = try DeadLetters.count(shard, on: connection)
      var start = 0
      var removed = 0
      while left > 0 {
        let page = try DeadLetters.read(
          shard, from: start, count: min(left, DeadLetters.page), skipped: removed, on: connection)
        guard !page.isEmpty else { break }
        left -= page.count
        let wanted = page.filter(selection.contains)
        let gone = wanted.isEmpty ? 0 : try body(shard, wanted)
        removed += gone
        start += page.count - gone
      }
    }
  }
}
