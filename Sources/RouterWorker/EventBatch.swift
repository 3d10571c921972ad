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
  struct Item {
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

  let context: WorkerContext
  let fence: Fence
  let logger: Logger
  let guesses: Guesses
  var items: [Item]
  /// The first one that is not committed.
  private(set) var next = 0
  /// How many events of the partition are committed.
  private(set) var position: Int64

  /// Decodes a batch; with `settingAside`, rejects it for this reason without even looking into it.
  init(
    _ raw: [[UInt8]], context: WorkerContext, fence: Fence, position: Int64, logger: Logger,
    guesses: Guesses, settingAside reason: String? = nil
  ) {
    self.guesses = guesses
    self.context = context
    self.fence = fence
    self.position = position
    self.logger = logger
    items = raw.map { bytes in
      if let reason { return Item(raw: bytes, rejection: Rejection(error: reason)) }
      if let hook = context.options.crashOn { Self.crash(ifContains: hook, bytes) }
      switch EventDecoder.decode(bytes) {
      case .success(let event):
        let listens = event.needsConversation || guesses.listeners.expect(event)
        return Item(raw: bytes, event: event, listens: listens)
      case .failure(let rejection): return Item(raw: bytes, rejection: rejection)
      }
    }
  }

  /// Commits all events of the batch, or as many as come before an interruption.
  ///
  /// - Parameter look: is sent behind the last commits, in the same write.
  /// - Returns: whether its replies are to be taken from the connection.
  mutating func apply(
    lookingAhead look: InboxLook? = nil, on connection: isolated RedisConnection
  ) throws -> Bool {
    var snapshots: [Int: Snapshot] = [:]
    while next < items.count {
      let wave = next..<waveEnd()
      let look = wave.upperBound == items.count ? look : nil
      let sent = try commit(wave, &snapshots, lookingAhead: look, on: connection)
      let obstacle = try advance(sent)
      if next == items.count { return look != nil }
      // It has seen what is still to be done here, and so has not waited.
      if look != nil { _ = try connection.takeLeft() }
      if let obstacle { try clear(obstacle, on: connection) }
    }
    return false
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

  /// Moves past what was committed; what stopped it, if something did. A call that has done enough stops without an
  /// obstacle: what it left comes again, with all behind it. Nothing is done any more once the lease is lost.
  private mutating func advance(_ outcomes: [Outcome]) throws -> CommitReply? {
    for outcome in outcomes {
      for reply in outcome.replies {
        if reply == .fenced { throw PartitionLoop.LeaseLost() }
        guard reply == .committed || reply == .duplicate else { return reply }
        next += 1
        position += 1
      }
      guard !outcome.replies.isEmpty else { throw RedisError.unexpectedReply("a commit answered nothing") }
      if outcome.replies.count < outcome.events { return nil }
    }
    return nil
  }

  /// The test hook ``WorkerOptions/crashOn``.
  private static func crash(ifContains text: String, _ bytes: [UInt8]) {
    if String(decoding: bytes, as: UTF8.self).contains(text) { kill(getpid(), SIGKILL) }
  }
}
