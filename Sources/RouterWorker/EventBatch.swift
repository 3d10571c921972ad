import HiredisClient
import Logging
import Routing
import RoutingStore

#if canImport(Glibc)
  import Glibc
#endif

/// A batch of events on its way from bytes to commits.
///
/// Within a batch an event that needs a record which an earlier one may change waits for that one's commit
/// (a new wave); everything else shares round trips. Commits carry their positions, so when one is refused,
/// all behind it are refused too and order is kept; the obstacle is cleared and the rest goes again.
struct EventBatch {
  private struct Item {
    let raw: [UInt8]
    /// The event; nil when it could not be decoded or must not be touched.
    var event: Event?
    /// Why it is not applied.
    var rejection: Rejection?
    /// How often its commit was refused or failed.
    var attempts = 0
    /// How often a record had to be brought to the configuration first, or had changed since it was read.
    var records = 0
    /// Whether what was said in its conversation is read for it.
    var listens = false
  }

  /// What is left when an event is refused again and again: no obstacle needs so many rounds.
  private static let attemptsAllowed = 20
  /// How often one event may have to wait for records: it may look at as many agents, and a customer who comes through
  /// several partitions at once may be changed again and again.
  private static let recordsAllowed = 5_000

  private let context: WorkerContext
  private let fence: Fence
  private let logger: Logger
  private let listeners: Listeners
  private var items: [Item]
  private var next = 0
  /// How many events of the partition are committed.
  private(set) var position: Int64

  /// Decodes a batch; with `settingAside`, rejects it for this reason without even looking into it.
  init(
    _ raw: [[UInt8]], context: WorkerContext, fence: Fence, position: Int64, logger: Logger,
    listeners: Listeners, settingAside reason: String? = nil
  ) {
    self.listeners = listeners
    self.context = context
    self.fence = fence
    self.position = position
    self.logger = logger
    items = raw.map { bytes in
      if let reason { return Item(raw: bytes, rejection: Rejection(error: reason)) }
      if let hook = context.options.crashOn { Self.crash(ifContains: hook, bytes) }
      switch EventDecoder.decode(bytes) {
      case .success(let event):
        return Item(raw: bytes, event: event, listens: event.needsConversation || listeners.expect(event))
      case .failure(let rejection): return Item(raw: bytes, rejection: rejection)
      }
    }
  }

  /// Commits all events of the batch, or as many as come before an interruption.
  mutating func apply(on connection: isolated RedisConnection) throws {
    while next < items.count {
      let wave = next..<waveEnd()
      let snapshots = try read(wave, on: connection)
      let outcomes = try commit(wave, snapshots, on: connection)
      if let obstacle = try advance(outcomes) { try clear(obstacle, on: connection) }
    }
  }

  // MARK: Waves

  /// Decisions of a wave see what was so before it. So an event that looks at a customer or a conversation waits for
  /// those before it that may change what it sees.
  private func waveEnd() -> Int {
    var customers: Set<CustomerID> = []
    var conversations: Set<ConversationID> = []
    for index in next..<items.count {
      guard let event = items[index].event else { continue }
      if let conversation = event.conversation {
        // Whose conversation it is, only the record tells.
        if items[index].listens, conversations.contains(conversation) || !customers.isEmpty { return index }
        conversations.insert(conversation)
      }
      if let customer = event.customer {
        if event.needsCustomer, customers.contains(customer) { return index }
        if event.changesCustomer { customers.insert(customer) }
      }
    }
    return items.count
  }

  /// Reads, in one pipeline, what the wave's decisions need: indices into the wave, with their snapshots.
  private func read(
    _ wave: Range<Int>, on connection: isolated RedisConnection
  ) throws(RedisError) -> [Int: Snapshot] {
    var reads = RedisPipeline()
    var readers: [Int] = []
    for index in wave {
      guard let event = items[index].event else { continue }
      if event.needsCustomer, let customer = event.customer {
        reads.appendRead(of: customer, shop: event.shop, shard: context.shard)
        readers.append(index)
      } else if items[index].listens, let conversation = event.conversation {
        reads.appendContext(of: conversation, shop: event.shop, shard: context.shard)
        readers.append(index)
      }
    }
    guard !readers.isEmpty else { return [:] }
    let replies = try connection.pipeline(reads)
    var snapshots: [Int: Snapshot] = [:]
    for (index, reply) in zip(readers, replies) {
      if case .error(let error) = reply { throw .server(error) }
      snapshots[index] =
        items[index].listens
        ? Snapshot(conversation: HeardConversation(reply: reply))
        : Snapshot(customer: StoredCustomer(reply: reply))
    }
    return snapshots
  }

  // MARK: Deciding and committing

  /// What one call of `commit` answered, and how many events it had.
  private struct Outcome {
    let events: Int
    let replies: [CommitReply]
  }

  private mutating func commit(
    _ wave: Range<Int>, _ snapshots: [Int: Snapshot], on connection: isolated RedisConnection
  ) throws -> [Outcome] {
    guard let now = context.clock.now else { throw RedisError.notConnected }
    var commits = RedisPipeline(reservingCapacity: wave.count * 512)
    var unknown: Set<ShopID> = []
    var sizes: [Int] = []
    var call = emptyCall(at: wave.lowerBound, now)
    for index in wave {
      if call.isFull {
        sizes.append(call.count)
        call.append(to: &commits)
        call = emptyCall(at: index, now)
      }
      if let rejection = items[index].rejection {
        append(rejection, index, version: 0, now, to: &call)
      } else if let event = items[index].event {
        let entry = try configuration(of: event.shop, &unknown, on: connection)
        let version = entry?.version ?? 0
        let decision = decide(event, snapshots[index] ?? Snapshot(), under: entry?.plan, at: now)
        listeners.note(decision)
        if case .reject(let reason) = decision {
          append(Rejection(error: reason, of: event), index, version: version, now, to: &call)
        } else {
          call.append(decision, of: event, version: version)
        }
      }
    }
    sizes.append(call.count)
    call.append(to: &commits)
    return zip(sizes, try connection.pipeline(commits)).map {
      Outcome(events: $0, replies: CommitReply.all(in: $1))
    }
  }

  private func emptyCall(at index: Int, _ now: Moment) -> CommitCall {
    let header = CommitHeader(fence: fence, position: position + Int64(index - next), now: now)
    return CommitCall(shard: context.shard, header: header)
  }

  private func append(
    _ rejection: Rejection, _ index: Int, version: Int64, _ now: Moment, to call: inout CommitCall
  ) {
    let item = items[index]
    let letter = DeadLetter(event: item.raw, error: rejection.error, at: now, partition: fence.partition)
    call.append(
      rejection, letter: letter.json, source: item.event?.source, n: item.event?.n, version: version)
  }

  private func configuration(
    of shop: ShopID, _ unknown: inout Set<ShopID>, on connection: isolated RedisConnection
  ) throws(RedisError) -> ConfigurationCache.Entry? {
    if let known = context.configurations.remembered(shop) { return known }
    if unknown.contains(shop) { return nil }
    let found = try context.configurations.read(shop, shard: context.shard, on: connection)
    if found == nil { unknown.insert(shop) }
    return found
  }

  // MARK: Obstacles

  /// Moves past what was committed; what stopped it, if something did. A call that has done enough stops without an
  /// obstacle: what it left comes again, with all behind it.
  private mutating func advance(_ outcomes: [Outcome]) throws -> CommitReply? {
    for outcome in outcomes {
      for reply in outcome.replies {
        guard reply == .committed || reply == .duplicate else { return reply }
        next += 1
        position += 1
      }
      guard !outcome.replies.isEmpty else { throw RedisError.unexpectedReply("a commit answered nothing") }
      if outcome.replies.count < outcome.events { return nil }
    }
    return nil
  }

  /// Clears what stopped the event at `next`, so that it can go again.
  private mutating func clear(_ obstacle: CommitReply, on connection: isolated RedisConnection) throws {
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
      if let conversation = event.conversation { listeners.add(conversation) }
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

  /// The test hook ``WorkerOptions/crashOn``.
  private static func crash(ifContains text: String, _ bytes: [UInt8]) {
    if String(decoding: bytes, as: UTF8.self).contains(text) { kill(getpid(), SIGKILL) }
  }
}

extension RedisServerError {
  /// Whether the fault lies in this one call (the function failed, a key has a foreign type), not in the
  /// state of the server.
  var isOfOneCall: Bool { advice == .fixCaller }
}
