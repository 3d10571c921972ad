import HiredisClient
import Logging
import Routing
import RoutingStore

/// The shard's keeper, in the holder of partition 0: fires timers and, when a configuration was applied,
/// brings the records of groups and agents to it. Both in small steps between the partition's batches. Besides, it tells
/// of gateways that do not take their commands, and counts what commits have left to be counted.
final class Keeper {
  private static let timersPerTick = 64
  /// Steps of folding in one pass: one more for so many entries that wait and so many events that were applied in the pass
  /// before, lest those that come meanwhile wait longer for the counting than for the events before them.
  private static let (factsPerFold, eventsPerFold) = (250, 64)

  private let context: WorkerContext
  private let fence: Fence
  private var newest: Int64 = 0
  private var jobs: [SettleJob] = []
  private var nextTick = ContinuousClock.now
  /// What is to be counted, as far as it is known.
  private var facts = TickReply.FactsState()
  /// How many events of the partition were applied since it was last counted.
  private var eventsSince = 0
  private var deafGateways = DeafGateways()
  private var nextListening = ContinuousClock.now

  init(_ context: WorkerContext, _ fence: Fence) {
    self.context = context
    self.fence = fence
  }

  /// For how many milliseconds the partition may wait for events.
  var pause: Int64 {
    guard jobs.isEmpty, facts.waiting == 0 else { return 0 }
    let (seconds, attoseconds) = ContinuousClock.now.duration(to: nextTick).components
    return max(0, seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
  }

  /// So many events were applied.
  func note(events: Int) { eventsSince += events }

  /// One step of the records, a tick if it is time, and some counting if there is any to do.
  func passIfDue(on connection: isolated RedisConnection) throws {
    try stepJobs(on: connection)
    if ContinuousClock.now >= nextTick { try tick(on: connection) }
    try fold(on: connection)
    if ContinuousClock.now >= nextListening { try listen(on: connection) }
  }

  // MARK: Gateways

  /// Tells of gateways that do not take their commands.
  private func listen(on connection: isolated RedisConnection) throws(RedisError) {
    nextListening = .now.advanced(by: .seconds(1))
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

  private func tick(on connection: isolated RedisConnection) throws {
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
      nextTick = .now.advanced(by: changed.isEmpty ? wait : .zero)
    }
  }

  /// Counts some of what commits have left: in several steps where much is, so that it does not grow.
  private func fold(on connection: isolated RedisConnection) throws {
    let steps = 1 + min(facts.waiting / Self.factsPerFold, eventsSince / Self.eventsPerFold)
    eventsSince = 0
    for _ in 0..<steps where facts.waiting > 0 {
      switch try Facts.fold(
        fence, waiting: facts.waiting, folded: facts.folded, shard: context.shard, on: connection)
      {
      case .counted(let count):
        facts.waiting -= count
        facts.folded += Int64(count)
      case .moved:
        // The next tick tells how many are left.
        facts.waiting = 0
        nextTick = .now
      case .fenced: throw PartitionLoop.LeaseLost()
      }
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

/// The way of one shop's records to the configuration in force: its groups, then the agents that have a
/// record, then the groups that it has no more.
struct SettleJob {
  enum Step {
    case goesOn, finished, overtaken
  }

  /// Records in one pipeline. Each is a call of its own, so nothing blocks Redis for long.
  private static let recordsPerStep = 64

  let shop: ShopID
  private let context: WorkerContext
  private let fence: Fence
  private let version: Int64
  private let plan: RoutingPlan
  private var records: [CommitReply.Record]
  private var retired: [GroupID]

  /// Nil if the shop has no configuration that this program can read.
  init?(
    _ shop: ShopID, context: WorkerContext, fence: Fence, on connection: isolated RedisConnection
  ) throws {
    guard let entry = try context.configurations.read(shop, shard: context.shard, on: connection) else {
      return nil
    }
    guard let plan = entry.plan else {
      context.logger.error(
        "the stored configuration cannot be read by this version", metadata: ["shop": "\(shop)"])
      return nil
    }
    self.shop = shop
    self.context = context
    self.fence = fence
    self.plan = plan
    version = entry.version
    let found = try Configurations.records(of: shop, shard: context.shard, on: connection)
    // Taken from the end: groups first, then agents.
    records = found.agents.reversed().map { .agent($0) }
    records += plan.configuration.groupOrder.reversed().map { .group($0) }
    retired = found.groups.filter { plan.configuration.groups[$0] == nil }
  }

  /// Brings some records on.
  mutating func step(on connection: isolated RedisConnection) throws -> Step {
    guard let now = context.clock.now else { return .goesOn }
    let call = SettleCall(
      fence: fence, now: now, version: version, plan: plan, shard: context.shard)
    var pipeline = RedisPipeline()
    if !records.isEmpty {
      for record in records.suffix(Self.recordsPerStep).reversed() { call.append(record, to: &pipeline) }
      let replies = try SettleCall.send(pipeline, on: connection)
      return try take(replies) { job, count in job.records.removeLast(count) }
    }
    if let group = retired.last {
      call.appendRetirement(of: group, to: &pipeline)
      return try take(try SettleCall.send(pipeline, on: connection)) { job, _ in job.retired.removeLast() }
    }
    call.appendSettled(to: &pipeline)
    let reply = try take(try SettleCall.send(pipeline, on: connection)) { _, _ in }
    if case .overtaken = reply { return .overtaken }
    context.logger.info(
      "configuration in force", metadata: ["shop": "\(shop)", "version": "\(version)"])
    return .finished
  }

  /// Counts what is done; clears the way for what is not.
  private mutating func take(
    _ replies: [SettleReply], _ finish: (inout SettleJob, Int) -> Void
  ) throws -> Step {
    var done = 0
    defer { if done > 0 { finish(&self, done) } }
    for reply in replies {
      switch reply {
      case .done: done += 1
      case .more: return .goesOn
      case .behind(let record):
        finish(&self, done)
        done = 0
        records.append(record)
        return .goesOn
      case .stale: return .overtaken
      case .fenced: throw PartitionLoop.LeaseLost()
      case .failed(let error):
        guard error.isOfOneCall else { throw RedisError.server(error) }
        // One record that is not what it should be must not keep all others from the configuration.
        context.logger.error("a record was left out", metadata: ["shop": "\(shop)", "error": "\(error)"])
        done += 1
      }
    }
    return .goesOn
  }
}
