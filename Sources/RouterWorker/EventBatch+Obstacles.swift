import HiredisClient
import Logging
import Routing
import RoutingStore

/// What becomes of an event whose commit was refused or failed.
extension EventBatch {
  /// What is left when an event is refused again and again: no obstacle needs so many rounds.
  private static let attemptsAllowed = 20
  /// How often one event may have to wait for records: it may look at as many agents, and a customer who comes through
  /// several partitions at once may be changed again and again.
  private static let recordsAllowed = 5_000

  /// Clears what stopped the event at `next`, so that it can go again.
  mutating func clear(_ obstacle: CommitReply, on connection: isolated RedisConnection) throws {
    guard let event = items[next].event, items[next].rejection == nil else {
      try clearForRejection(obstacle)
    }
    switch obstacle {
    // Not the event's fault: a record comes first, or another partition was faster.
    case .behind, .moved: items[next].records += 1
    default: items[next].attempts += 1
    }
    if items[next].attempts > Self.attemptsAllowed || items[next].records > Self.recordsAllowed {
      items[next].rejection = Rejection(error: "could not be applied: \(obstacle)", of: event)
      return
    }
    switch obstacle {
    case .committed, .duplicate, .moved: break
    case .listen:
      items[next].listens = true
      if let conversation = event.conversation { guesses.listeners.add(conversation) }
    case .fenced: throw PartitionLoop.LeaseLost()
    case .position: throw RedisError.unexpectedReply("the partition stands at another position")
    case .stale: _ = try context.configurations.read(event.shop, shard: context.shard, on: connection)
    case .behind(let record): try settle(record, for: event, on: connection)
    case .rejected(let reason): items[next].rejection = Rejection(error: reason, of: event)
    case .failed(let error): try strike(error, event)
    }
  }

  private func clearForRejection(_ obstacle: CommitReply) throws -> Never {
    switch obstacle {
    case .fenced: throw PartitionLoop.LeaseLost()
    case .failed(let error): throw RedisError.server(error)
    default: throw RedisError.unexpectedReply("a rejection was answered with \(obstacle)")
    }
  }

  private mutating func settle(
    _ record: CommitReply.Record, for event: Event, on connection: isolated RedisConnection
  ) throws {
    guard let now = context.clock.now,
      let entry = try context.configurations.read(event.shop, shard: context.shard, on: connection),
      let plan = entry.plan
    else { return }
    let call = SettleCall(
      fence: fence, now: now, version: entry.version, plan: plan, shard: context.shard)
    var pipeline = RedisPipeline()
    call.append(record, to: &pipeline)
    for reply in try SettleCall.send(pipeline, on: connection) {
      switch reply {
      case .fenced: throw PartitionLoop.LeaseLost()
      // A spoilt record counts against the event that needs it, or it would hold up the partition for ever.
      case .failed(let error): try strike(error, event)
      case .done, .more, .stale, .behind: break
      }
    }
  }

  /// The function failed at this event. Where the server is at fault everything waits for it; where the event
  /// is, it is rejected after three attempts, so that it does not hold up what lies behind it.
  private mutating func strike(_ error: RedisServerError, _ event: Event) throws {
    guard error.isOfOneCall else { throw RedisError.server(error) }
    logger.error(
      "a commit failed", metadata: ["error": "\(error)", "position": "\(position)"])
    if items[next].attempts >= PartitionLoop.strikesAllowed {
      items[next].rejection = Rejection(error: "could not be applied: \(error.message)", of: event)
    }
  }
}

extension RedisServerError {
  /// Whether the fault lies in this one call (the function failed, a key has a foreign type), not in the
  /// state of the server.
  var isOfOneCall: Bool { advice == .fixCaller }
}
