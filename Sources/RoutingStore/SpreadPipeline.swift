import HiredisClient

/// Commands for keys of several shards. One server gets them all at once; in a cluster each node gets its own, one
/// after the other, so they are not in one step anywhere.
struct SpreadPipeline {
  private var commands: [(key: String, words: [String])] = []

  /// Adds a command for `key`, or for keys of the same shard.
  mutating func append(_ words: [String], at key: String) { commands.append((key, words)) }

  /// Sends all; the replies in the order of the commands, error replies among them.
  func send(on connection: isolated RedisConnection) throws(RedisError) -> [RedisValue] {
    guard connection.endpoint.isInCluster else { return try connection.pipeline(joined(commands.indices)) }
    var replies = [RedisValue](repeating: .null, count: commands.count)
    let places = Dictionary(grouping: commands.indices) { HashSlot(of: commands[$0].key) }
    for (_, indices) in places.sorted(by: { $0.key < $1.key }) {
      guard let first = indices.first else { continue }
      try connection.turn(to: commands[first].key)
      for (index, reply) in zip(indices, try connection.pipeline(joined(indices))) { replies[index] = reply }
    }
    return replies
  }

  private func joined(_ indices: some Sequence<Int>) -> RedisPipeline {
    var pipeline = RedisPipeline()
    for index in indices { pipeline.append(commands[index].words) }
    return pipeline
  }
}
