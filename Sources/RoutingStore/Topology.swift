public import HiredisClient

/// How state is divided: shards, and partitions of each shard's inbound events.
public struct Topology: Sendable, Equatable {
  /// Units of atomicity and placement.
  public var shards: Int
  /// Units of order, for each shard.
  public var partitions: Int

  /// One shard of four partitions.
  public static let standard = Topology(shards: 1, partitions: 4)
  /// The most shards and partitions.
  public static let most = 1_024

  /// Makes a topology.
  public init(shards: Int, partitions: Int) {
    self.shards = shards
    self.partitions = partitions
  }

  /// The topology in Redis, or nil if none has been set.
  public static func read(
    _ keys: Keys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Topology? {
    try connection.turn(to: keys.topology)
    let reply = try connection.send("HMGET", keys.topology, "shards", "partitions")
    guard let fields = reply.array, fields.count == 2, let shards = fields[0].integer,
      let partitions = fields[1].integer
    else { return nil }
    return Topology(shards: Int(shards), partitions: Int(partitions))
  }

  /// The topology in Redis; the standard one is stored there first if none has been set.
  public static func readOrSet(
    _ keys: Keys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Topology {
    if let found = try read(keys, on: connection) { return found }
    try standard.store(keys, on: connection, onlyIfAbsent: true)
    return try read(keys, on: connection) ?? standard
  }

  /// Stores it, and with each shard what `fl_push` needs to know.
  ///
  /// Changing a topology under events and records would send them to other shards and partitions than those
  /// that hold their conversations, so callers make sure that there are none yet.
  public func store(
    _ keys: Keys, on connection: isolated RedisConnection, onlyIfAbsent: Bool = false
  ) throws(RedisError) {
    var writes = SpreadPipeline()
    func append(_ words: String..., at key: String) { writes.append(words, at: key) }
    if onlyIfAbsent {
      append("HSETNX", keys.topology, "shards", String(shards), at: keys.topology)
      append("HSETNX", keys.topology, "partitions", String(partitions), at: keys.topology)
    } else {
      append(
        "HSET", keys.topology, "shards", String(shards), "partitions", String(partitions), at: keys.topology)
    }
    for shard in (0..<shards).map(keys.shard) {
      append("HSET", shard.settings, "partitions", String(partitions), at: shard.tag)
    }
    for reply in try writes.send(on: connection) {
      if case .error(let error) = reply { throw .server(error) }
    }
  }
}
