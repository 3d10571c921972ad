import HiredisClient
import Logging
import Routing
import RoutingStore

/// Applies the events of one partition, in order, as long as the lease is this worker's.
///
/// One pass in straight lines, all on the connection's thread: peek a batch, decode, read what the decisions
/// need in one pipeline, decide, commit in one pipeline. The list is not touched before the commit that
/// applies an event removes it, so an end at any moment loses nothing and repeats nothing.
///
/// The next peek leaves behind the commits, in the same write; what it answers is taken by the next pass. It sees what these
/// commits have left in the list: if one was refused it counts for nothing, and the pass goes on with what it has.
final class PartitionLoop {
  /// The lease has passed to another worker.
  struct LeaseLost: Error {}

  let context: WorkerContext
  let fence: Fence
  let control: PartitionControl
  let logger: Logger
  /// How many events of the partition are committed.
  var position: Int64
  private var suspectUntil: Int64
  private var singleUntil: Int64
  private var struckOut: Bool
  private var peek = PeekSize()
  /// Whether a look at the list has been sent whose replies are to be taken yet.
  private var isLooking = false
  private let guesses = Guesses()

  private init(_ context: WorkerContext, _ partition: Int, _ grant: LeaseGrant, _ control: PartitionControl) {
    self.context = context
    self.control = control
    fence = Fence(owner: context.owner, epoch: grant.epoch, partition: partition)
    position = grant.position
    suspectUntil = grant.suspectUntil
    singleUntil = grant.singleUntil
    struckOut = grant.strikes >= Self.strikesAllowed
    var logger = context.logger
    logger[metadataKey: "partition"] = "\(partition)"
    self.logger = logger
  }

  /// An event at which so many holders ended that had marked it before is set aside.
  static let strikesAllowed = 3
  /// How many events are marked together after an unclean end, as long as no mark was hit.
  private static let group = 16

  /// Works until told to stop or the lease or the connection is lost. After any error everything is
  /// forgotten; the next loop takes a new epoch and reads again.
  static func run(
    on connection: isolated RedisConnection, context: WorkerContext, partition: Int, grant: LeaseGrant,
    control: PartitionControl
  ) async {
    let loop = PartitionLoop(context, partition, grant, control)
    defer { control.noteEnd() }
    do {
      try connection.connect()
      try expectHistory(context.history, on: connection)
      control.clientID = connection.clientID
      context.options.watch(connection, as: partition)
      while !control.stopRequested {
        try loop.pass(on: connection)
        await makeRoom(context, control, on: connection)
      }
      // Told to stop while the commits were on their way, it has a look behind them that is to be taken yet.
      if loop.isLooking { _ = try connection.takeLeft() }
      try Leases.release(loop.fence, shard: context.shard, on: connection)
      loop.logger.info("partition handed over", metadata: ["position": "\(loop.position)"])
    } catch is LeaseLost {
      loop.logger.info("lease lost to another worker")
    } catch {
      loop.logger.warning("partition interrupted", metadata: ["error": "\(error)"])
    }
    control.clientID = nil
    connection.close()
  }

  /// One pass: what events there are, or come within a while.
  func pass(on connection: isolated RedisConnection) throws {
    control.notePass()
    let events: [[UInt8]]
    if isLooking {
      isLooking = false
      events = try InboxLook.events(in: connection.takeLeft())
    } else {
      if struckOut || position < max(suspectUntil, singleUntil) {
        try carefulPass(on: connection)
        return
      }
      events = try look(InboxLook(inbox: inbox, most: peek.count, wait: Self.pause), on: connection)
    }
    guard !events.isEmpty, !control.stopRequested else { return }
    peek.adapt(to: events)
    try apply(events, lookingAhead: nextLook, on: connection)
  }

  /// The look that is sent behind the commits of a batch; nil where something else comes first: a pause, the end.
  private var nextLook: InboxLook? {
    guard !control.stopRequested, !context.heldBack.isTooMuch else { return nil }
    // Where there is more than was seen nothing needs to be waited for.
    return InboxLook(inbox: inbox, most: peek.count, wait: peek.wasFull ? 0 : Self.pause)
  }

  private var inbox: String { context.shard.inbox(fence.partition) }
  /// For how many milliseconds an event may be waited for.
  private static let pause: Int64 = 1_000

  private func look(
    _ look: InboxLook, on connection: isolated RedisConnection
  ) throws(RedisError) -> [[UInt8]] {
    var pipeline = RedisPipeline()
    look.append(to: &pipeline)
    return try InboxLook.events(in: connection.pipeline(pipeline, deadline: look.patience))
  }

  /// A few events at a time, marked before they are touched, after a holder ended uncleanly: so the one event
  /// that ends workers, if there is one, is known in the end. The innocent around it are not blamed, nor those at
  /// the heads of other partitions: a single event is touched while no other loop of this process touches one. See
  /// `lease.lua` for the steps.
  private func carefulPass(on connection: isolated RedisConnection) throws {
    let single = struckOut || position < singleUntil
    let events = try look(InboxLook(inbox: inbox, most: single ? 1 : Self.group, wait: 0), on: connection)
    guard !events.isEmpty else {
      (struckOut, suspectUntil, singleUntil) = (false, 0, 0)
      return
    }
    if struckOut {
      struckOut = false
      logger.error("event set aside: workers ended at it", metadata: ["position": "\(position)"])
      try apply(
        events, settingAside: "set aside: it ended \(Self.strikesAllowed) workers one after the other",
        on: connection)
      return
    }
    if events.count == 1 {
      try context.gate.alone { try applyMarked(events, on: connection) }
    } else {
      try context.gate.together { try applyMarked(events, on: connection) }
    }
  }

  private func applyMarked(_ events: [[UInt8]], on connection: isolated RedisConnection) throws {
    guard
      try Leases.attempt(
        fence, position: position, count: events.count, shard: context.shard, on: connection)
    else { throw LeaseLost() }
    // Nothing is looked at ahead: the next event is marked before it is touched.
    try commit(events, on: connection)
  }

  private func apply(
    _ events: [[UInt8]], settingAside reason: String? = nil, lookingAhead look: InboxLook? = nil,
    on connection: isolated RedisConnection
  ) throws {
    try context.gate.together {
      try commit(events, settingAside: reason, lookingAhead: look, on: connection)
    }
  }

  private func commit(
    _ events: [[UInt8]], settingAside reason: String? = nil, lookingAhead look: InboxLook? = nil,
    on connection: isolated RedisConnection
  ) throws {
    var batch = EventBatch(
      events, context: context, fence: fence, position: position, logger: logger, guesses: guesses,
      settingAside: reason)
    defer { position = batch.position }
    isLooking = try batch.apply(lookingAhead: look, on: connection)
  }
}
