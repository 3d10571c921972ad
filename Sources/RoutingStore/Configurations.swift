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
  /// Puts a configuration in force. `document` is the text that `configuration` was parsed from.
  public static func apply(
    _ configuration: ShopConfiguration, document: String, shard: ShardKeys,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> ApplyOutcome {
    try connection.turn(to: shard.tag)
    let reply = try connection.call(
      Functions.configApply, keys: [shard.tag],
      arguments: [configuration.shop.rawValue, document, String(configuration.groupOrder.count)]
        + configuration.groupOrder.map(\.rawValue) + configuration.functionSettings)
    guard let parts = reply.array, parts.count == 2, let version = parts[1].integer else {
      throw .unexpectedReply("config_apply")
    }
    return parts[0].text == "applied" ? .applied(version: version) : .unchanged(version: version)
  }

  /// The stored configuration of a shop, or nil if it has none.
  public static func read(
    _ shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> StoredConfiguration? {
    let reply = try connection.send("HMGET", shard.shop(shop).config, "version", "document", "settled")
    guard let fields = reply.array, fields.count == 3, let version = fields[0].integer,
      let document = fields[1].text
    else { return nil }
    return StoredConfiguration(version: version, document: document, settled: fields[2].integer ?? 0)
  }

  /// Groups with a record, agents with a record.
  public static func records(
    of shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> (groups: [GroupID], agents: [AgentID]) {
    var reads = RedisPipeline()
    reads.append("ZRANGE", shard.shop(shop).groups, "0", "-1")
    reads.append("ZRANGE", shard.shop(shop).agents, "0", "-1")
    let replies = try connection.pipeline(reads)
    if let error = replies.lazy.compactMap(\.error).first { throw .server(error) }
    return (
      (replies[0].array ?? []).compactMap(\.text).map(GroupID.init(unchecked:)),
      (replies[1].array ?? []).compactMap(\.text).map(AgentID.init(unchecked:))
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
