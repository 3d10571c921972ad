public import HiredisClient

/// How a partition's lease stood when it was looked at.
public struct LeaseView: Sendable, Equatable {
  /// The holder; empty when nobody holds it.
  public var owner: String
  /// The epoch.
  public var epoch: Int64
  /// Grows with every renewal.
  public var renewal: Int64

  /// Makes a view.
  public init(owner: String, epoch: Int64, renewal: Int64) {
    self.owner = owner
    self.epoch = epoch
    self.renewal = renewal
  }
}

/// What a beat tells.
public struct BeatReply: Sendable {
  /// The server's time in milliseconds.
  public var time: Int64
  /// Every member with the number of its beats.
  public var members: [String: Int64]
  /// The lease of each partition.
  public var leases: [LeaseView]
  /// What a crash may lose, as it was chosen; nil if it was not.
  public var durability: Durability?
  /// How many partitions hold their commands back, and how many commands are held.
  public var holders: Int
  /// See ``holders``.
  public var held: Int64
}

/// A lease that was taken.
public struct LeaseGrant: Sendable, Equatable {
  /// The new epoch.
  public var epoch: Int64
  /// How many events were committed so far.
  public var position: Int64
  /// How often in a row a holder ended uncleanly at this position.
  public var strikes: Int64
  /// Up to this position events are approached in small groups.
  public var suspectUntil: Int64
  /// Up to this position events are approached one by one.
  public var singleUntil: Int64

  /// Makes a grant.
  public init(epoch: Int64, position: Int64, strikes: Int64, suspectUntil: Int64, singleUntil: Int64) {
    self.epoch = epoch
    self.position = position
    self.strikes = strikes
    self.suspectUntil = suspectUntil
    self.singleUntil = singleUntil
  }
}

/// Membership and leases; see `lease.lua`.
public enum Leases {
  /// Signs the worker in, renews the leases it holds, and tells how things stand.
  public static func beat(
    _ owner: String, shard: ShardKeys, partitions: Int, held: [(partition: Int, epoch: Int64)],
    on connection: isolated RedisConnection
  ) throws(RedisError) -> BeatReply {
    var arguments = [owner, String(partitions)]
    for lease in held { arguments += [String(lease.partition), String(lease.epoch)] }
    let reply = try connection.call(Functions.memberBeat, keys: [shard.tag], arguments: arguments)
    guard let parts = reply.array, parts.count == 4, let time = parts[0].integer,
      let pairs = parts[1].array, let rows = parts[2].array, let mode = parts[3].array, mode.count == 4
    else { throw .unexpectedReply("member_beat") }
    var members: [String: Int64] = [:]
    for index in stride(from: 0, to: pairs.count - 1, by: 2) {
      if let member = pairs[index].text, let beats = pairs[index + 1].integer { members[member] = beats }
    }
    let leases = rows.map { row in
      let fields = row.array ?? []
      return LeaseView(
        owner: fields.first?.text ?? "", epoch: fields.dropFirst().first?.integer ?? 0,
        renewal: fields.dropFirst(2).first?.integer ?? 0)
    }
    return BeatReply(
      time: time, members: members, leases: leases,
      durability: Durability(mode: mode[0], replicas: mode[1]), holders: Int(mode[2].integer ?? 0),
      held: mode[3].integer ?? 0)
  }

  /// Removes a member whose beats have stood still at `beats`.
  public static func drop(
    _ member: String, beats: Int64, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) {
    _ = try connection.call(Functions.memberDrop, keys: [shard.tag], arguments: [member, String(beats)])
  }

  /// Signs the worker off.
  public static func leave(
    _ owner: String, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) {
    _ = try connection.call(Functions.memberLeave, keys: [shard.tag], arguments: [owner])
  }

  /// Takes a partition if its lease still stands as it was watched; nil if it has moved since.
  public static func take(
    _ owner: String, partition: Int, watched: LeaseView, shard: ShardKeys,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> LeaseGrant? {
    let reply = try connection.call(
      Functions.leaseTake, keys: [shard.tag],
      arguments: [
        owner, String(partition), watched.owner, String(watched.epoch), String(watched.renewal),
      ])
    guard let parts = reply.array, parts.first?.text == "taken" else { return nil }
    let numbers = parts.dropFirst().compactMap(\.integer)
    guard numbers.count == 5 else { throw .unexpectedReply("lease_take") }
    return LeaseGrant(
      epoch: numbers[0], position: numbers[1], strikes: numbers[2], suspectUntil: numbers[3],
      singleUntil: numbers[4])
  }

  /// Hands a partition over. False if it was not ours any more.
  @discardableResult
  public static func release(
    _ fence: Fence, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Bool {
    let reply = try connection.call(
      Functions.leaseRelease, keys: [shard.tag],
      arguments: [fence.owner, String(fence.partition), String(fence.epoch)])
    return reply.text == "released"
  }

  /// Marks `count` events from `position` before they are touched, so that one that ends its worker is found.
  /// False if the partition is not ours any more.
  public static func attempt(
    _ fence: Fence, position: Int64, count: Int, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Bool {
    let reply = try connection.call(
      Functions.leaseAttempt, keys: [shard.tag],
      arguments: [
        fence.owner, String(fence.partition), String(fence.epoch), String(position), String(count),
      ])
    return reply.text == "marked"
  }
}
