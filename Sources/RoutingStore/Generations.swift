public import HiredisClient
public import Routing

/// The generation of a shard's data: grows whenever its last moments may be lost; see `generation.lua`.
public enum Generations {
  /// How far `seq` of every gateway jumps with a generation in which something may be lost; `generation.lua` has the same.
  public static let jump: Int64 = 1_000_000

  /// What may be missing at a server whose history is not the one that was known.
  public enum Missing: String, Sendable, Equatable {
    /// Nothing: the server had every write on disk.
    case nothing
    /// Nothing that a gateway was told, if the server goes on from the history that the shard knows.
    case unseen
    /// Some of the last moments.
    case some
    /// Some that the caller has seen at the old server.
    case seen
  }

  /// What became of it.
  public enum Outcome: String, Sendable, Equatable {
    /// The history is the one that the shard knows.
    case same
    /// It is the first one.
    case begun
    /// Another name, the same data: nothing has changed.
    case kept
    /// A new generation, in which every number of a command goes on: all epochs are void.
    case complete
    /// A new generation: all epochs are void, and `seq` of every gateway has jumped.
    case lost
  }

  /// Settles to which history the shard's data belongs, before a lease is taken in it.
  public static func settle(
    _ dataset: Dataset, missing: Missing, shard: ShardKeys, partitions: Int, now: Moment,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> (outcome: Outcome, generation: Int64) {
    let reply = try connection.call(
      Functions.generationSettle, keys: [shard.tag],
      arguments: [
        dataset.history, dataset.origin, missing.rawValue, String(partitions), String(now.rawValue),
      ])
    guard let parts = reply.array, parts.count == 2,
      let outcome = parts[0].text.flatMap(Outcome.init(rawValue:)), let generation = parts[1].integer
    else { throw .unexpectedReply("generation_settle") }
    return (outcome, generation)
  }

  /// How the generation of a shard stands.
  public struct State: Sendable, Equatable {
    /// The generation, from 1; 0 before the first worker.
    public var generation: Int64
    /// When it was seen last that something may be lost, if it ever was.
    public var lostAt: Moment?
  }

  /// How the generation of a shard stands.
  public static func state(
    of shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> State {
    try connection.turn(to: shard.tag)
    let fields = try connection.send("HMGET", shard.settings, "generation", "lost_at").array ?? []
    return State(
      generation: fields.first?.integer ?? 0, lostAt: fields.last?.integer.map { Moment($0) })
  }
}
