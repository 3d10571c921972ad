public import HiredisClient
public import Routing

/// A configuration as it is stored: its text and the version that it was given.
public struct StoredConfiguration: Sendable, Equatable {
  /// Grows with every configuration applied in the shard.
  public var version: Int64
  /// The YAML as it was applied.
  public var document: String
  /// The version that the records of groups and agents have all reached.
  public var settled: Int64
}

/// What `apply` did.
public enum ApplyOutcome: Sendable, Equatable {
  /// The configuration is in force under this version.
  case applied(version: Int64)
  /// The same text was in force already.
  case unchanged(version: Int64)
}

/// Where the bringing of a record to the configuration in force stands.
public enum SettleReply: Sendable, Equatable {
  /// Done.
  case done
  /// Another call goes on with it.
  case more
  /// The lease has passed to another.
  case fenced
  /// A newer configuration is in force.
  case stale
  /// Another record comes first.
  case behind(CommitReply.Record)
  /// The server refused or the function failed.
  case failed(RedisServerError)

  init(_ value: RedisValue) {
    if case .error(let error) = value {
      self = .failed(error)
      return
    }
    switch value.text {
    case "done": self = .done
    case "more": self = .more
    case "fenced": self = .fenced
    case "stale": self = .stale
    case let text?:
      if text.hasPrefix("behind "), let record = CommitReply.Record(text.dropFirst(7)) {
        self = .behind(record)
      } else {
        self = .failed(RedisServerError("ERR a function answered with '\(text)'"))
      }
    case nil: self = .failed(RedisServerError("ERR a function answered with something else than a word"))
    }
  }
}

/// Configurations in Redis; see `config.lua`.
public enum Configurations {
  /// Puts a configuration in force, in calls of which none takes longer where the shop is larger. `document` is the text
  /// that `configuration` was parsed from.
  public static func apply(
    _ configuration: ShopConfiguration, document: String, shard: ShardKeys,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> ApplyOutcome {
    try connection.turn(to: shard.tag)
    return try PreparedConfiguration(configuration, document: document, shard: shard).apply(on: connection)
  }

  /// The version of a shop's configuration in force, or nil if it has none: for who knows the document of one already.
  public static func version(
    of shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Int64? {
    try connection.send("HGET", shard.shop(shop).config, "version").integer
  }

  /// The stored configuration of a shop, or nil if it has none.
  public static func read(
    _ shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> StoredConfiguration? {
    let key = shard.shop(shop).config
    while true {
      let reply = try connection.send(
        "HMGET", key, "version", "settled", "document_parts", DocumentParts.field(0))
      guard let fields = reply.array, fields.count == 4, let version = fields[0].integer,
        let first = fields[3].text
      else { return nil }
      var stored = StoredConfiguration(version: version, document: first, settled: fields[1].integer ?? 0)
      guard let parts = fields[2].integer, parts > 1 else { return stored }
      var reads = RedisPipeline()
      for index in 1..<Int(parts) { reads.append("HGET", key, DocumentParts.field(index)) }
      reads.append("HGET", key, "version")
      let rest = try connection.pipeline(reads)
      if let error = rest.lazy.compactMap(\.error).first { throw .server(error) }
      // Another may have come into force between two parts.
      guard rest.last?.integer == version else { continue }
      for part in rest.dropLast() { stored.document += part.text ?? "" }
      return stored
    }
  }

  /// Groups with a record, agents with a record.
  public static func records(
    of shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> (groups: [GroupID], agents: [AgentID]) {
    let keys = shard.shop(shop)
    return (
      try Listing.all(keys.groups, on: connection).map(GroupID.init(unchecked:)),
      try Listing.all(keys.agents, on: connection).map(AgentID.init(unchecked:))
    )
  }
}

/// The call that brings one record to the configuration in force.
public struct SettleCall: Sendable {
  /// The right to do so: any partition of the shard.
  public var fence: Fence
  /// The worker's estimate of the server's time.
  public var now: Moment
  /// The version that `configuration` has.
  public var version: Int64
  /// The configuration in force.
  public var plan: RoutingPlan
  /// The shard.
  public var shard: ShardKeys

  /// Makes a call.
  public init(
    fence: Fence, now: Moment, version: Int64, plan: RoutingPlan, shard: ShardKeys
  ) {
    self.fence = fence
    self.now = now
    self.version = version
    self.plan = plan
    self.shard = shard
  }

  /// Adds the bringing up to date of a record to a pipeline.
  public func append(_ record: CommitReply.Record, to pipeline: inout RedisPipeline) {
    switch record {
    case .group(let id):
      let settings = plan.functionSettings(of: id, at: now) ?? []
      begin(&pipeline, Functions.groupConfigure, [id.rawValue] + settings)
    case .agent(let id):
      let settings = AgentSettings(of: id, in: plan.configuration)
      begin(&pipeline, Functions.agentConfigure, [id.rawValue] + settings.words)
    }
  }

  /// Adds the retirement of a group that the configuration has no more.
  public func appendRetirement(of group: GroupID, to pipeline: inout RedisPipeline) {
    begin(&pipeline, Functions.groupRetire, [group.rawValue])
  }

  /// Adds the note that all records have reached the version.
  public func appendSettled(to pipeline: inout RedisPipeline) {
    begin(&pipeline, Functions.configSettled, [])
  }

  private func begin(_ pipeline: inout RedisPipeline, _ function: String, _ own: [String]) {
    pipeline.append(
      [
        "FCALL", function, "1", shard.tag, fence.owner, String(fence.epoch), String(fence.partition),
        String(now.rawValue), plan.configuration.shop.rawValue, String(version),
      ] + own)
  }

  /// Sends a pipeline made by the methods above.
  public static func send(
    _ pipeline: RedisPipeline, on connection: isolated RedisConnection
  ) throws(RedisError) -> [SettleReply] {
    try connection.pipeline(pipeline).map(SettleReply.init)
  }
}
