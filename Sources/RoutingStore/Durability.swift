public import HiredisClient

/// What a crash of Redis may lose; chosen by `fenliu topology --durability`, see "Guarantees" in the wire protocol and
/// deploy/durability.md.
public struct Durability: Sendable, Equatable {
  /// The three promises.
  public enum Mode: String, Sendable, CaseIterable {
    /// One server that has every write on disk before it answers: nothing that was acknowledged is lost.
    case always
    /// Commands are handed out, and pushes count, when replicas have them: nothing is lost as long as one of those
    /// replicas takes over.
    case replicated
    /// The last moments may be lost; that is noticed and told, and gateways push them again.
    case fast
  }

  /// The promise.
  public var mode: Mode
  /// How many replicas are waited for in the mode ``Mode/replicated``; 0 in the others.
  public var replicas: Int

  /// Makes one. `replicas` counts in the mode `replicated` only, and is 1 at least there.
  public init(_ mode: Mode, replicas: Int = 1) {
    self.mode = mode
    self.replicas = mode == .replicated ? max(1, replicas) : 0
  }

  /// From the fields `durability` and `replicas`, as topology and settings have them; nil where none was chosen.
  init?(mode: RedisValue?, replicas: RedisValue?) {
    guard let mode = mode?.text.flatMap(Mode.init(rawValue:)) else { return nil }
    self.init(mode, replicas: Int(replicas?.integer ?? 1))
  }

  /// What was chosen, as gateways read it beside the topology; nil if nothing was.
  public static func read(
    _ keys: Keys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Durability? {
    try read(keys.topology, on: connection)
  }

  /// What was chosen, as it lies with a shard.
  public static func read(
    _ shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Durability? {
    try read(shard.settings, on: connection)
  }

  private static func read(
    _ key: String, on connection: isolated RedisConnection
  ) throws(RedisError) -> Durability? {
    try connection.turn(to: key)
    let fields = try connection.send("HMGET", key, "durability", "replicas").array ?? []
    return Durability(mode: fields.first, replicas: fields.last)
  }

  /// Chooses it, for gateways and for each shard's workers, who go by it within a beat.
  public func store(
    _ keys: Keys, _ topology: Topology, on connection: isolated RedisConnection
  ) throws(RedisError) {
    // The shards first: a gateway that counts on replicas shall not be earlier than the workers.
    for places in [(0..<topology.shards).map { keys.shard($0).settings }, [keys.topology]] {
      var writes = SpreadPipeline()
      for key in places {
        writes.append(["HSET", key, "durability", mode.rawValue, "replicas", String(replicas)], at: key)
      }
      for reply in try writes.send(on: connection) {
        if let error = reply.error { throw .server(error) }
      }
    }
  }

  /// What holds where nothing was chosen: `always` if the server flushes every write and nobody can take its place,
  /// otherwise `fast`.
  public static func inferred(on connection: isolated RedisConnection) throws(RedisError) -> Durability {
    guard !connection.endpoint.mayFailOver else { return Durability(.fast) }
    do throws(RedisError) {
      let reply = try connection.send("CONFIG", "GET", "appendonly", "appendfsync")
      let words = (reply.array ?? []).compactMap(\.text)
      let isSafe = words.contains("yes") && words.contains("always")
      return Durability(isSafe ? .always : .fast)
    } catch .server(let refusal) where refusal.kind == .noPermission {
      return Durability(.fast)
    }
  }
}
