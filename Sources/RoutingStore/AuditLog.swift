public import HiredisClient

/// The audit: one entry for each step in which a function of the work library wrote; see `audit.lua`.
///
/// For proofs and for who wants a journal. While it is off it costs nothing; while it is on every commit gives Redis two
/// calls more and one to three kilobytes to keep, up to the bound.
public enum AuditLog {
  /// How many entries of each shard are kept unless told otherwise.
  public static let standardKeep = 10_000
  /// The most entries that can be kept.
  public static let mostKept = 10_000_000
  /// How many entries ``read(_:after:count:on:)`` gives at once unless told otherwise.
  public static let page = 500

  /// Whether a shard keeps an audit, and how much of it there is.
  public struct State: Sendable, Equatable {
    /// How many entries are kept at most; nil when the audit is off.
    public var keep: Int64?
    /// How many entries there are.
    public var count: Int64
    /// The number of the last entry, whether it is still there or not; 0 when there was none.
    public var last: Int64
  }

  /// Lets every partition of every shard keep an audit of at most `keep` entries a shard. Each shard begins in one step,
  /// so that no partition writes unseen once another is seen.
  public static func start(
    keep: Int, _ keys: Keys, _ topology: Topology, on connection: isolated RedisConnection
  ) throws(RedisError) {
    for shard in (0..<topology.shards).map(keys.shard) {
      try connection.turn(to: shard.tag)
      try inOneStep(on: connection) { commands in
        for partition in 0..<topology.partitions {
          commands.append("HSET", shard.lease(partition), "audit", String(keep))
        }
      }
    }
  }

  /// Ends the audit. What was kept stays to be read, unless `dropping`; a later audit goes on with the numbers.
  public static func stop(
    _ keys: Keys, _ topology: Topology, dropping: Bool = false, on connection: isolated RedisConnection
  ) throws(RedisError) {
    for shard in (0..<topology.shards).map(keys.shard) {
      try connection.turn(to: shard.tag)
      try inOneStep(on: connection) { commands in
        for partition in 0..<topology.partitions {
          commands.append("HDEL", shard.lease(partition), "audit")
        }
        if dropping { commands.append("DEL", shard.audit) }
      }
    }
  }

  /// How a shard's audit stands.
  public static func state(
    of shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> State {
    try connection.turn(to: shard.tag)
    return State(
      keep: try connection.send("HGET", shard.lease(0), "audit").integer,
      count: try connection.send("LLEN", shard.audit).integer ?? 0,
      last: try connection.send("HGET", shard.audited, "n").integer ?? 0)
  }

  /// Entries with a number above `after`, oldest first, at most `count`: each a JSON object as it lies in Redis, which is
  /// UTF-8 but for the bytes of an event that is not. Empty when there are none yet. The first may have a higher number
  /// than `after + 1` when older ones were trimmed.
  public static func read(
    _ shard: ShardKeys, after: Int64 = 0, count: Int = page, on connection: isolated RedisConnection
  ) throws(RedisError) -> [[UInt8]] {
    try connection.turn(to: shard.tag)
    while true {
      guard let oldest = try connection.send("LINDEX", shard.audit, "0").bytes else { return [] }
      guard let first = number(of: oldest) else { throw .unexpectedReply("LINDEX") }
      let start = max(0, after + 1 - first)
      let rows = try connection.send(
        "LRANGE", shard.audit, String(start), String(start + Int64(count) - 1))
      let entries = (rows.array ?? []).compactMap(\.bytes)
      // Trimmed between the two looks: what was at this place is further ahead now.
      if start > 0, let found = entries.first.flatMap(number), found > after + 1 { continue }
      return entries.filter { (number(of: $0) ?? 0) > after }
    }
  }

  /// The number of an entry, which it begins with: `{"i":12,…`.
  public static func number(of entry: [UInt8]) -> Int64? {
    guard entry.starts(with: Array(#"{"i":"#.utf8)) else { return nil }
    let digits = entry.dropFirst(5).prefix { (48...57).contains($0) }
    return Int64(String(decoding: digits, as: UTF8.self))
  }

  private static func inOneStep(
    on connection: isolated RedisConnection, _ fill: (inout RedisPipeline) -> Void
  ) throws(RedisError) {
    var commands = RedisPipeline()
    commands.append("MULTI")
    fill(&commands)
    commands.append("EXEC")
    for reply in try connection.pipeline(commands) {
      if let error = reply.error { throw .server(error) }
    }
  }
}
