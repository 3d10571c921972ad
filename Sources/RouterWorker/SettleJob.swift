import HiredisClient
import Logging
import Routing
import RoutingStore

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
