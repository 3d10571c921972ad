import HiredisClient
import Logging
import Routing
import RoutingStore

/// A worker's membership in one shard: it signs in with every beat, renews the leases that the worker holds,
/// watches those of others, takes what is its own share, and hands over what is not.
///
///     free ──take──▶ held ──renew…──▶ held ──stop──▶ free            (clean handover)
///                      └── holder dead or frozen: stands still for the lease time ──▶ taken by a rival
///
/// Renewals have this connection and thread of their own, so that a long batch does not cost a lease.
final class ShardMember: Sendable {
  private let context: WorkerContext
  private let connection: RedisConnection

  init(_ context: WorkerContext) {
    self.context = context
    connection = RedisConnection(
      to: context.endpoint, name: "fenliu-\(context.owner)-s\(context.shard.index)")
  }

  /// Works until the task is cancelled, then hands over.
  func run() async {
    await MemberLoop(context).run(on: connection)
  }
}

/// The state of a membership; lives on the connection's thread.
private final class MemberLoop {
  /// A partition that this worker holds.
  private struct Held {
    var epoch: Int64
    var control: PartitionControl
    var task: Task<Void, Never>
  }

  private let context: WorkerContext
  private var held: [Int: Held] = [:]
  private var connections: [Int: RedisConnection] = [:]
  private var leaseWatch = StandstillWatch<Int, LeaseView>()
  private var memberWatch = StandstillWatch<String, Int64>()
  private var away = false
  /// What was seen of the primary's data last, where a failover may bring another one.
  private var dataset: Dataset?

  init(_ context: WorkerContext) { self.context = context }

  func run(on connection: isolated RedisConnection) async {
    context.options.failPoint?.watch(connection)
    var backoff = Backoff()
    while !Task.isCancelled {
      do throws(RedisError) {
        try signIn(on: connection)
        try beat(on: connection)
        backoff.reset()
        try? await Task.sleep(for: context.options.beat)
      } catch {
        loseSight(error, connection)
        try? await Task.sleep(for: backoff.next())
      }
    }
    await handOver(on: connection)
  }

  /// Opens the connection if there is none, and makes the functions known.
  private func signIn(on connection: isolated RedisConnection) throws(RedisError) {
    guard !connection.isConnected else { return }
    try connection.connect()
    try Functions.load(on: connection)
    if away {
      context.logger.info("Redis is back")
      away = false
    }
  }

  private func loseSight(_ error: RedisError, _ connection: isolated RedisConnection) {
    if !away { context.logger.warning("Redis is away, trying on", metadata: ["error": "\(error)"]) }
    away = true
    connection.close()
    leaseWatch.reset()
    memberWatch.reset()
  }

  /// Says what a failover has lost, as far as can be known: Redis replicates behind the replies that it gives.
  private func lookAtData(on connection: isolated RedisConnection) throws(RedisError) {
    guard connection.endpoint.mayFailOver, let present = try Dataset.read(on: connection) else { return }
    if let seen = dataset {
      let server: Logger.Metadata = ["primary": "\(connection.server.map { "\($0)" } ?? "")"]
      switch present.succession(after: seen) {
      case .same: break
      case .complete:
        context.logger.notice("a new primary: it has all that was seen of the old one", metadata: server)
      case .missing(let bytes):
        context.logger.error(
          "a new primary: at least the last \(bytes) bytes of writes at the old one are lost",
          metadata: server)
      case .unknown where connection.endpoint.isInCluster:
        context.logger.warning(
          "another node has the shard now, with data of its own history: either the shard was moved there, or what was written last may be lost",
          metadata: server)
      case .unknown:
        context.logger.error(
          "a new primary with data of another history: what was written last may be lost", metadata: server)
      }
    }
    dataset = present
  }

  private func beat(on connection: isolated RedisConnection) throws(RedisError) {
    try lookAtData(on: connection)
    let renewed = held.filter {
      !$0.value.control.ended && $0.value.control.sinceLastPass < context.options.hung
    }
    let sent = ContinuousClock.now
    let reply = try Leases.beat(
      context.owner, shard: context.shard, partitions: context.partitions,
      held: renewed.map { (partition: $0.key, epoch: $0.value.epoch) }, on: connection)
    context.clock.synchronise(time: reply.time, sent: sent)

    let now = ContinuousClock.now
    memberWatch.look(reply.members, at: now)
    leaseWatch.look(Dictionary(uniqueKeysWithValues: reply.leases.enumerated().map { ($0, $1) }), at: now)
    try dropDead(reply.members, at: now, on: connection)
    try settleLeases(reply, at: now, on: connection)
  }

  /// Members that have long stood still are removed, so the list stays as long as the fleet.
  private func dropDead(
    _ members: [String: Int64], at now: ContinuousClock.Instant, on connection: isolated RedisConnection
  ) throws(RedisError) {
    for (member, beats) in members
    where member != context.owner
      && memberWatch.standstill(of: member, at: now) >= context.options.lease * 4
    {
      try Leases.drop(member, beats: beats, shard: context.shard, on: connection)
    }
  }

  private func settleLeases(
    _ reply: BeatReply, at now: ContinuousClock.Instant, on connection: isolated RedisConnection
  ) throws(RedisError) {
    let alive = reply.members.keys.filter {
      $0 == context.owner || memberWatch.standstill(of: $0, at: now) < context.options.lease
    }
    let targets = Assignment.targets(
      members: alive, shard: context.shard.index, partitions: context.partitions)
    for (partition, lease) in reply.leases.enumerated() {
      if let mine = held[partition] {
        if mine.control.ended {
          held[partition] = nil
        } else {
          if lease.owner != context.owner || lease.epoch != mine.epoch || targets[partition] != context.owner
          {
            stop(mine, on: connection)
          }
          continue
        }
      }
      var target = targets[partition]
      let stale = leaseWatch.standstill(of: partition, at: now) >= context.options.lease
      if stale, lease.owner == target, lease.owner != context.owner {
        // Its worker signs in but does not renew: that loop hangs. The next in rank takes over.
        let others = alive.filter { $0 != lease.owner }
        let ranked = Assignment.ranking(members: others, shard: context.shard.index, partition: partition)
        target = ranked.first ?? target
      }
      guard target == context.owner else {
        // A loop of ours ended (Redis was away, say) and the partition is another's share by now. Its worker
        // need not wait for the lease to stand still.
        if lease.owner == context.owner {
          let fence = Fence(owner: context.owner, epoch: lease.epoch, partition: partition)
          try Leases.release(fence, shard: context.shard, on: connection)
        }
        continue
      }
      if lease.owner.isEmpty || lease.owner == context.owner || stale {
        try take(partition, watched: lease, on: connection)
      }
    }
  }

  private func take(
    _ partition: Int, watched: LeaseView, on connection: isolated RedisConnection
  ) throws(RedisError) {
    guard
      let grant = try Leases.take(
        context.owner, partition: partition, watched: watched, shard: context.shard, on: connection)
    else { return }
    context.logger.info(
      "partition taken",
      metadata: [
        "partition": "\(partition)", "epoch": "\(grant.epoch)", "position": "\(grant.position)",
        "from": "\(watched.owner.isEmpty ? "nobody" : watched.owner)", "strikes": "\(grant.strikes)",
      ])
    let loopConnection =
      connections[partition]
      ?? RedisConnection(
        to: context.endpoint, name: "fenliu-\(context.owner)-s\(context.shard.index)-p\(partition)",
        library: Functions.work)
    connections[partition] = loopConnection
    let control = PartitionControl()
    let context = context
    let task = Task.detached {
      await PartitionLoop.run(
        on: loopConnection, context: context, partition: partition, grant: grant, control: control)
    }
    held[partition] = Held(epoch: grant.epoch, control: control, task: task)
  }

  /// Asks a loop to end, and wakes it if it waits for events.
  private func stop(_ held: Held, on connection: isolated RedisConnection) {
    held.control.requestStop()
    if let client = held.control.clientID, connection.isConnected {
      _ = try? connection.send("CLIENT", "UNBLOCK", String(client))
    }
  }

  /// The end: loops finish their pass and release their leases, then the worker signs off.
  private func handOver(on connection: isolated RedisConnection) async {
    for held in held.values { stop(held, on: connection) }
    for held in held.values { await held.task.value }
    held = [:]
    if connection.isConnected {
      try? Leases.leave(context.owner, shard: context.shard, on: connection)
    }
    connection.close()
  }
}
