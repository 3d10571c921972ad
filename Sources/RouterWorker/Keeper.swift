import HiredisClient
import Logging
import Routing
import RoutingStore

/// The shard's keeper, in the holder of partition 0: fires timers and, when a configuration was applied,
/// brings the records of groups and agents to it. Besides, it tells of gateways that do not take their commands, and counts
/// what commits have left to be counted. All in small steps, each a short call of Redis; ``KeeperLoop`` goes from one to the next.
final class Keeper {
  private static let timersPerTick = 64
  private let context: WorkerContext
  private let fence: Fence
  private var newest: Int64 = 0
  private var jobs: [SettleJob] = []
  private var nextTick = ContinuousClock.now
  /// What is to be counted, as far as it is known.
  private var facts = TickReply.FactsState()
  /// When it was last counted.
  private var lastCount: ContinuousClock.Instant?
  private var deafGateways = DeafGateways()
  private var nextListening = ContinuousClock.now

  init(_ context: WorkerContext, _ fence: Fence) {
    self.context = context
    self.fence = fence
  }

  /// One step of the records, a tick if it is time, and some counting if it is time for that.
  ///
  /// - Parameter now: by this the keeper goes.
  /// - Returns: when there is something to do again.
  func pass(
    at now: ContinuousClock.Instant, on connection: isolated RedisConnection
  ) throws -> ContinuousClock.Instant {
    try stepJobs(on: connection)
    if now >= nextTick { try tick(at: now, on: connection) }
    if facts.waiting > 0, now >= nextCount ?? now { try count(at: now, on: connection) }
    if now >= nextListening { try listen(at: now, on: connection) }
    guard jobs.isEmpty else { return now }
    return facts.waiting > 0 ? min(nextTick, nextCount ?? now) : nextTick
  }

  /// When the next step of counting is due: the steps lie so far apart that what waits now is gone after
  /// ``WorkerOptions/countingPatience``. All in a row, they would take a core away from those who serve events meanwhile.
  /// Nil is at once.
  private var nextCount: ContinuousClock.Instant? {
    guard facts.waiting < Facts.many else { return nil }
    let share = Double(Facts.few) / Double(max(Facts.few, facts.waiting))
    return lastCount?.advanced(by: context.options.countingPatience * share)
  }

  // MARK: Gateways

  /// Tells of gateways that do not take their commands.
  private func listen(
    at moment: ContinuousClock.Instant, on connection: isolated RedisConnection
  ) throws(RedisError) {
    nextListening = moment.advanced(by: .seconds(1))
    let found: [Overview.Outbox]
    do throws(RedisError) {
      found = try Outboxes.onceHalfFull(shard: context.shard, on: connection)
    } catch .server(let error) where error.isOfOneCall {
      // Somebody has made something else of the key: no reason not to serve.
      return
    }
    let news = deafGateways.look(found)
    for (outbox, change) in news {
      let about: Logger.Metadata = [
        "gateway": "\(outbox.gateway)", "commands": "\(outbox.length)", "dropped": "\(outbox.dropped)",
      ]
      switch change {
      case .halfFull:
        context.logger.warning(
          "a gateway does not take its commands: its outbox is half full", metadata: about)
      case .drops:
        context.logger.error("a gateway does not take its commands: the oldest are dropped", metadata: about)
      case .takes: context.logger.notice("a gateway takes its commands again", metadata: about)
      }
    }
  }

  // MARK: Timers

  private func tick(at moment: ContinuousClock.Instant, on connection: isolated RedisConnection) throws {
    guard let now = context.clock.now else { return }
    let reply = try Tick.fire(
      fence, now: now, limit: Self.timersPerTick, newerThan: newest, shard: context.shard, on: connection)
    switch reply {
    case .fenced: throw PartitionLoop.LeaseLost()
    case .behind(let shop, let record): try settle(record, of: shop, on: connection)
    case .ticked(_, let nextDue, let changed, let failures, let facts):
      for failure in failures { context.logger.error("a timer failed", metadata: ["timer": "\(failure)"]) }
      for shop in changed {
        newest = max(newest, shop.version)
        try begin(shop.shop, on: connection)
      }
      self.facts = facts
      // It is due at once where the tick left something: it does no more than keeps nobody else waiting.
      var wait = context.options.tick
      if let nextDue { wait = min(wait, .milliseconds(max(0, nextDue.rawValue - now.rawValue))) }
      nextTick = moment.advanced(by: changed.isEmpty ? wait : .zero)
    }
  }

  /// Counts some of what commits have left.
  private func count(at moment: ContinuousClock.Instant, on connection: isolated RedisConnection) throws {
    lastCount = moment
    switch try Facts.fold(
      fence, waiting: facts.waiting, folded: facts.folded, shard: context.shard, on: connection)
    {
    case .counted(let count):
      facts.waiting -= count
      facts.folded += Int64(count)
    case .moved:
      // The next tick tells how many are left.
      facts.waiting = 0
      nextTick = moment
    case .fenced: throw PartitionLoop.LeaseLost()
    }
  }

  // MARK: Records

  private func begin(_ shop: ShopID, on connection: isolated RedisConnection) throws {
    // Only the versions first: a keeper that starts sees every shop, and most are settled.
    let reply = try connection.send("HMGET", context.shard.shop(shop).config, "version", "settled")
    let versions = (reply.array ?? []).map(\.integer)
    guard versions.count == 2, let version = versions[0], version != versions[1] else { return }
    jobs.removeAll { $0.shop == shop }
    if let job = try SettleJob(shop, context: context, fence: fence, on: connection) { jobs.append(job) }
  }

  private func stepJobs(on connection: isolated RedisConnection) throws {
    guard !jobs.isEmpty else { return }
    switch try jobs[0].step(on: connection) {
    case .goesOn: break
    case .finished, .overtaken: jobs.removeFirst()
    }
  }

  private func settle(
    _ record: CommitReply.Record, of shop: ShopID, on connection: isolated RedisConnection
  ) throws {
    guard let now = context.clock.now,
      let entry = try context.configurations.read(shop, shard: context.shard, on: connection),
      let plan = entry.plan
    else {
      // Its configuration cannot be read by this version; the timer is tried again later, not at once.
      nextTick = .now.advanced(by: context.options.tick)
      return
    }
    let call = SettleCall(fence: fence, now: now, version: entry.version, plan: plan, shard: context.shard)
    var pipeline = RedisPipeline()
    call.append(record, to: &pipeline)
    for reply in try SettleCall.send(pipeline, on: connection) {
      switch reply {
      case .fenced: throw PartitionLoop.LeaseLost()
      case .failed(let error):
        guard error.isOfOneCall else { throw RedisError.server(error) }
        context.logger.error("a record was left out", metadata: ["shop": "\(shop)", "error": "\(error)"])
        nextTick = .now.advanced(by: context.options.tick)
      case .done, .more, .stale, .behind: break
      }
    }
  }
}
