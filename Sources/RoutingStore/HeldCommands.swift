public import HiredisClient
public import Routing

/// Commands that are held back until enough replicas have them; see `held.lua`.
public enum HeldCommands {
  /// The most commands that one release moves.
  public static let step = 2_000

  /// Hands out the oldest `covered` commands, which enough replicas have, and waits up to `patience` until so many
  /// replicas have what is held now.
  ///
  /// - Returns: how many are held, and how many replicas have them; nil if the lease of partition 0 has passed on.
  public static func release(
    _ fence: Fence, covered: Int64, replicas: Int, patience: Duration, now: Moment, shard: ShardKeys,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> (held: Int64, replicas: Int64)? {
    let reply = try connection.call(
      Functions.outboxRelease, keys: [shard.tag],
      arguments: [fence.owner, String(fence.epoch), String(covered), String(now.rawValue)])
    guard let parts = reply.array, let word = parts.first?.text else {
      throw .unexpectedReply("outbox_release")
    }
    if word == "fenced" { return nil }
    guard let held = parts.last?.integer else { throw .unexpectedReply("outbox_release") }
    guard held > 0 else { return (0, 0) }
    let milliseconds = Int(patience / .milliseconds(1))
    let count = try connection.send(
      "WAIT", String(replicas), String(milliseconds), deadline: patience + .seconds(5))
    return (held, count.integer ?? 0)
  }

  /// Waits until something is held, without changing anything: source and destination are one list.
  public static func await(
    within time: Duration, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Bool {
    let seconds = "\(time / .seconds(1))"
    let reply = try connection.send(
      "BLMOVE", shard.held, shard.held, "LEFT", "LEFT", seconds, deadline: time + .seconds(5))
    return !reply.isNull
  }

  /// Lets the partitions hold commands back, or hands out what is held, as the shard's settings say.
  public static func settle(
    shard: ShardKeys, partitions: Int, now: Moment, on connection: isolated RedisConnection
  ) throws(RedisError) {
    _ = try connection.call(
      Functions.durabilitySettle, keys: [shard.tag],
      arguments: [String(partitions), String(now.rawValue)])
  }
}
