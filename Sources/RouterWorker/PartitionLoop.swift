import HiredisClient
import Logging
import Routing
import RoutingStore

/// Applies the events of one partition, in order, as long as the lease is this worker's.
///
/// One pass in straight lines, all on the connection's thread: peek a batch, decode, read what the decisions
/// need in one pipeline, decide, commit in one pipeline. The list is not touched before the commit that
/// applies an event removes it, so an end at any moment loses nothing and repeats nothing.
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
  private let listeners = Listeners()
  private let keeper: Keeper?

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
    // The shard's timers fire in the holder of its partition 0.
    keeper = partition == 0 ? Keeper(context, fence) : nil
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
      connection.recorder = nil
      if let recorder = context.options.recorder {
        connection.recorder = { recorder(partition, $0) }
      }
      context.options.failPoint?.watch(connection)
      while !control.stopRequested {
        try loop.pass(on: connection)
        await makeRoom(context, control, on: connection)
      }
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

  /// One pass: timers if they are due, then one batch of events, or a wait for one.
  func pass(on connection: isolated RedisConnection) throws {
    control.notePass()
    if let keeper { try context.gate.together { try keeper.passIfDue(on: connection) } }
    if struckOut || position < max(suspectUntil, singleUntil) {
      try carefulPass(on: connection)
      return
    }
    let events = try peekEvents(peek.count, on: connection)
    peek.adapt(to: events)
    if events.isEmpty {
      let event = try awaitEvent(on: connection)
      if !event.isEmpty, !control.stopRequested { try apply(event, on: connection) }
    } else {
      try apply(events, on: connection)
    }
  }

  /// A few events at a time, marked before they are touched, after a holder ended uncleanly: so the one event
  /// that ends workers, if there is one, is known in the end. The innocent around it are not blamed, nor those at
  /// the heads of other partitions: a single event is touched while no other loop of this process touches one. See
  /// `lease.lua` for the steps.
  private func carefulPass(on connection: isolated RedisConnection) throws {
    let single = struckOut || position < singleUntil
    let events = try peekEvents(single ? 1 : Self.group, on: connection)
    guard !events.isEmpty else {
      (struckOut, suspectUntil, singleUntil) = (false, 0, 0)
      return
    }
    if struckOut {
      struckOut = false
      logger.error("event set aside: workers ended at it", metadata: ["position": "\(position)"])
      try apply(
        events, on: connection,
        settingAside: "set aside: it ended \(Self.strikesAllowed) workers one after the other")
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
    try commit(events, on: connection)
  }

  private func peekEvents(
    _ count: Int, on connection: isolated RedisConnection
  ) throws(RedisError) -> [[UInt8]] {
    let inbox = context.shard.inbox(fence.partition)
    let reply = try connection.send("LRANGE", inbox, "0", String(count - 1))
    return (reply.array ?? []).compactMap(\.bytes)
  }

  /// Waits for an event without taking it: source and destination are one list, so the call blocks and wakes
  /// without changing anything, and a worker frozen in it swallows nothing.
  private func awaitEvent(on connection: isolated RedisConnection) throws(RedisError) -> [[UInt8]] {
    let inbox = context.shard.inbox(fence.partition)
    let pause = keeper?.pause ?? 1_000
    guard pause > 0 else { return [] }
    let seconds = "\(Double(pause) / 1_000)"
    let reply = try connection.send(
      "BLMOVE", inbox, inbox, "LEFT", "LEFT", seconds, deadline: .milliseconds(pause) + .seconds(5))
    return reply.bytes.map { [$0] } ?? []
  }

  private func apply(
    _ events: [[UInt8]], on connection: isolated RedisConnection, settingAside reason: String? = nil
  ) throws {
    try context.gate.together { try commit(events, on: connection, settingAside: reason) }
  }

  private func commit(
    _ events: [[UInt8]], on connection: isolated RedisConnection, settingAside reason: String? = nil
  ) throws {
    var batch = EventBatch(
      events, context: context, fence: fence, position: position, logger: logger, listeners: listeners,
      settingAside: reason)
    defer { position = batch.position }
    try batch.apply(on: connection)
  }
}

/// How many events are peeked at once: many when they are small, few when they are huge, so that a flood of
/// 10 MB events does not fill the worker's memory.
private struct PeekSize {
  private(set) var count = 32

  mutating func adapt(to events: [[UInt8]]) {
    let bytes = events.reduce(0) { $0 + $1.count }
    if bytes > 4 << 20 {
      count = max(1, count / 8)
    } else if events.count == count, bytes < 1 << 20 {
      count = min(512, count * 2)
    }
  }
}
