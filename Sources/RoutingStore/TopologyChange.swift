public import HiredisClient

extension Topology {
  /// What setting a topology came to.
  public enum Change: Sendable, Equatable {
    /// It is set.
    case set
    /// It was this one already.
    case unchanged
    /// Redis holds something that the present topology divides: some of it, in words.
    case inUse([String])
    /// Another program set a topology at the same time.
    case raced
  }

  /// Sets the topology, if nothing is stored under the prefix that the present one divides.
  public func set(_ keys: Keys, on connection: isolated RedisConnection) throws(RedisError) -> Change {
    try connection.turn(to: keys.topology)
    // Whoever stores the topology between our look and our writing lets the transaction fail.
    try connection.send("WATCH", keys.topology)
    let present = try Topology.read(keys, on: connection)
    if present == self { return .unchanged }
    let found = try Topology.findings(keys, on: connection)
    guard found.isEmpty else { return .inUse(found) }
    var writes = RedisPipeline()
    writes.append("MULTI")
    writes.append("HSET", keys.topology, "shards", String(shards), "partitions", String(partitions))
    writes.append("EXEC")
    let replies = try connection.pipeline(writes)
    if let error = replies.lazy.compactMap(\.error).first { throw .server(error) }
    if replies.last?.isNull == true { return .raced }
    try store(keys, on: connection)
    if let present, present.shards > shards {
      for shard in (shards..<present.shards).map(keys.shard) {
        try connection.turn(to: shard.tag)
        try connection.send("DEL", shard.settings)
      }
    }
    return .set
  }

  /// What is stored under the prefix besides topology and settings: a few examples, in words.
  private static func findings(
    _ keys: Keys, on connection: isolated RedisConnection
  ) throws(RedisError) -> [String] {
    let nodes = try connection.primaries()
    guard !nodes.isEmpty else { return try findingsOfOne(keys, on: connection) }
    for node in nodes {
      // On the same thread, so that no other thing happens in between.
      let own = RedisConnection(to: node, name: connection.name, thread: connection.thread)
      let found = try own.onThread { (node) throws(RedisError) in
        try node.connect()
        return try findingsOfOne(keys, on: node)
      }
      if !found.isEmpty { return found }
    }
    return []
  }

  private static func findingsOfOne(
    _ keys: Keys, on connection: isolated RedisConnection
  ) throws(RedisError) -> [String] {
    let most = 5
    var found: [String] = []
    var cursor = "0"
    repeat {
      let page = try connection.send("SCAN", cursor, "MATCH", keys.shardPattern, "COUNT", "1000")
      guard let parts = page.array, parts.count == 2, let next = parts[0].text else {
        throw .unexpectedReply("SCAN")
      }
      cursor = next
      for key in (parts[1].array ?? []).compactMap(\.text) where !key.hasSuffix("}:settings") {
        found.append(keys.inWords(key))
        if found.count == most { return found }
      }
    } while cursor != "0"
    return found
  }

  // MARK: The limit of an inbox

  /// The limit where none is set; `people_push.lua` has the same.
  public static let standardInboxLimit: Int64 = 100_000

  /// How many events may pile up in a partition before `fl_push` answers `FULL`.
  public static func inboxLimit(
    _ keys: Keys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Int64 {
    let shard = keys.shard(0)
    try connection.turn(to: shard.tag)
    return try connection.send("HGET", shard.settings, "inbox_limit").integer ?? standardInboxLimit
  }

  /// Sets that limit, in every shard.
  public func store(
    inboxLimit: Int64, _ keys: Keys, on connection: isolated RedisConnection
  ) throws(RedisError) {
    var writes = SpreadPipeline()
    for shard in (0..<shards).map(keys.shard) {
      writes.append(["HSET", shard.settings, "inbox_limit", String(inboxLimit)], at: shard.tag)
    }
    for reply in try writes.send(on: connection) {
      if let error = reply.error { throw .server(error) }
    }
  }
}

extension Keys {
  /// Matches the keys of all shards, for `SCAN`.
  var shardPattern: String { prefix.inPattern + "{*}:*" }

  /// What a key of a shard holds, for a person.
  func inWords(_ key: String) -> String {
    let parts = key.dropFirst(prefix.count).split(separator: ":", omittingEmptySubsequences: false)
    switch parts.dropFirst().first {
    case "in": return "events in \(key)"
    case "lease": return "a partition that a worker has held, \(key)"
    case "members": return "signed-in workers, \(key)"
    case "dead": return "dead letters in \(key)"
    case "shops": return "configured shops, \(key)"
    case "out", "gateways", "dropped": return "commands for gateways, \(key)"
    default: return key
    }
  }
}
