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
  /// A partition that this worker holds, or what works beside partition 0 in the same epoch.
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
  private var data: DataWatch
  /// Fires timers, settles records and counts while partition 0 is held.
  private var keeper: Held?
  /// Hands out held commands while partition 0 is held.
  private var release: Held?

  init(_ context: WorkerContext) {
    self.context = context
    data = DataWatch(context)
  }

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
    try data.look(replicas: context.heldBack.replicas, on: connection)
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
    context.heldBack.forget()
  }

  private func beat(on connection: isolated RedisConnection) throws(RedisError) {
    // Elsewhere a server cannot become another one under its connections.
    if connection.endpoint.hasSentinels {
      try data.look(replicas: context.heldBack.replicas, on: connection)
    }
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
    try settleHolding(reply, on: connection)
    try settleLeases(reply, at: now, on: connection)
    startKeeper()
    startRelease()
  }

  /// All partitions hold commands back, or none does, as the mode says: of two commands for a gateway one must not
  /// overtake the other. So it is settled before a partition is taken.
  private func settleHolding(
    _ reply: BeatReply, on connection: isolated RedisConnection
  ) throws(RedisError) {
    context.heldBack.note(reply)
    let holds = reply.durability?.mode == .replicated
    if reply.holders != (holds ? context.partitions : 0) {
      try HeldCommands.settle(
        shard: context.shard, partitions: context.partitions, now: Moment(reply.time), on: connection)
    }
  }

  /// Whoever holds partition 0 keeps the shard.
  private func startKeeper() {
    guard let mine = held[0], isMissing(keeper, beside: mine) else { return }
    let connection = companionConnection("keeper")
    let control = PartitionControl()
    var context = context
    context.history = data.history
    let fence = Fence(owner: context.owner, epoch: mine.epoch, partition: 0)
    let task = Task.detached { [context] in
      await KeeperLoop.run(
        on: connection, context: context, fence: fence, of: mine.control, control: control)
    }
    keeper = Held(epoch: mine.epoch, control: control, task: task)
  }

  /// Whoever holds partition 0 hands out what is held back.
  private func startRelease() {
    guard context.heldBack.replicas > 0, let mine = held[0], isMissing(release, beside: mine) else { return }
    let connection = companionConnection("held")
    var context = context
    context.history = data.history
    let fence = Fence(owner: context.owner, epoch: mine.epoch, partition: 0)
    let control = PartitionControl()
    let start = HeldRelease(context, fence, of: mine.control, control)
    let task = Task.detached { await HeldRelease.run(start, on: connection) }
    release = Held(epoch: mine.epoch, control: control, task: task)
  }

  /// Whether there is none in this epoch. Of one lease there is never a second: two that hand out commands would count each
  /// other's as their own.
  private func isMissing(_ companion: Held?, beside partition: Held) -> Bool {
    guard !partition.control.ended, !partition.control.stopRequested else { return false }
    guard let companion, companion.epoch == partition.epoch else { return true }
    return companion.control.ended
  }

  private func companionConnection(_ name: String) -> RedisConnection {
    RedisConnection(
      to: context.endpoint, name: "fenliu-\(context.owner)-s\(context.shard.index)-\(name)",
      library: Functions.work)
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
    var context = context
    context.history = data.history
    let task = Task.detached { [context] in
      await PartitionLoop.run(
        on: loopConnection, context: context, partition: partition, grant: grant, control: control)
    }
    held[partition] = Held(epoch: grant.epoch, control: control, task: task)
  }

  /// Asks a loop to end, and wakes it if it waits for events.
  private func stop(_ held: Held, on connection: isolated RedisConnection) {
    held.control.requestStop()
    if held.epoch == keeper?.epoch, held.control === self.held[0]?.control { keeper?.task.cancel() }
    if let client = held.control.clientID, connection.isConnected {
      _ = try? connection.send("CLIENT", "UNBLOCK", String(client))
    }
  }

  /// The end: loops finish their pass and release their leases, then the worker signs off.
  private func handOver(on connection: isolated RedisConnection) async {
    for held in held.values { stop(held, on: connection) }
    for held in held.values { await held.task.value }
    await keeper?.task.value
    await release?.task.value
    held = [:]
    if connection.isConnected {
      try? Leases.leave(context.owner, shard: context.shard, on: connection)
    }
    connection.close()
  }
}
