import HiredisClient
import Proving
import Routing
import RoutingStore

/// Plays one worker on the real functions, in virtual time: peek, decode, read, decide, commit, and what the
/// replies ask for. One shop, one partition.
///
/// Not `Sendable`: it lives on the connection's thread, within one function that is isolated to it.
final class StoreHarness {
  struct Stuck: Error {
    var event: String
    var reply: String
  }

  /// 2026, so that every level's band of the queue's score is in use as in production.
  static let start: Int64 = 1_790_000_000_000

  let keys: Keys
  let shard: ShardKeys
  let shop: ShopID
  var now = StoreHarness.start
  private(set) var fence: Fence
  private(set) var position: Int64
  /// The configuration in force.
  private(set) var configuration: ShopConfiguration
  private(set) var version: Int64
  /// What a worker remembers, which may be older than what is in force.
  private var remembered: (plan: RoutingPlan, version: Int64)
  private(set) var plan: RoutingPlan

  /// Takes the lease of partition 0 and puts a configuration in force, its records settled.
  init(
    _ configuration: ShopConfiguration, prefix: String = "fl:", on connection: isolated RedisConnection
  ) throws {
    keys = Keys(prefix: prefix)
    shard = keys.shard(0)
    shop = configuration.shop
    self.configuration = configuration
    try Functions.load(on: connection)
    try Topology(shards: 1, partitions: 1).store(keys, on: connection)
    let view = LeaseView(owner: "", epoch: 0, renewal: 0)
    guard let grant = try Leases.take("harness", partition: 0, watched: view, shard: shard, on: connection)
    else { throw RedisError.unexpectedReply("lease_take") }
    fence = Fence(owner: "harness", epoch: grant.epoch, partition: 0)
    position = grant.position
    version = 0
    plan = RoutingPlan(configuration)
    remembered = (plan, 0)
    try apply(configuration, on: connection)
    remembered = (plan, version)
    try settleAll(on: connection)
  }

  /// Takes note of commits that a test made by itself.
  func catchUp(by events: Int) { position += Int64(events) }

  /// Takes the lease again as it stands, as after a new generation.
  func takeAgain(on connection: isolated RedisConnection) throws {
    let beat = try Leases.beat("harness", shard: shard, partitions: 1, held: [], on: connection)
    guard
      let grant = try Leases.take(
        "harness", partition: 0, watched: beat.leases[0], shard: shard, on: connection)
    else { throw Stuck(event: "lease_take", reply: "moved") }
    fence.epoch = grant.epoch
    position = grant.position
  }

  // MARK: Configuration

  /// Puts a configuration in force; its records follow when they are touched, or with `settleAll`.
  func apply(_ configuration: ShopConfiguration, on connection: isolated RedisConnection) throws {
    let outcome = try Configurations.apply(
      configuration, document: "version after \(version)", shard: shard, on: connection)
    guard case .applied(let version) = outcome else { throw RedisError.unexpectedReply("\(outcome)") }
    self.configuration = configuration
    plan = RoutingPlan(configuration)
    self.version = version
  }

  private var settleCall: SettleCall {
    SettleCall(
      fence: fence, now: Moment(now), version: version, plan: plan, shard: shard)
  }

  /// Brings all records to the configuration in force, as the keeper does: groups, agents, groups that are gone.
  func settleAll(on connection: isolated RedisConnection) throws {
    let found = try Configurations.records(of: shop, shard: shard, on: connection)
    for group in configuration.groupOrder { try settle(.group(group), on: connection) }
    for agent in found.agents { try settle(.agent(agent), on: connection) }
    for group in found.groups where configuration.groups[group] == nil {
      try retire(group, on: connection)
    }
    var pipeline = RedisPipeline()
    settleCall.appendSettled(to: &pipeline)
    try expectDone(SettleCall.send(pipeline, on: connection))
  }

  private func settle(_ record: CommitReply.Record, on connection: isolated RedisConnection) throws {
    while true {
      var pipeline = RedisPipeline()
      settleCall.append(record, to: &pipeline)
      let replies = try SettleCall.send(pipeline, on: connection)
      if replies != [.more] { return try expectDone(replies) }
    }
  }

  private func retire(_ group: GroupID, on connection: isolated RedisConnection) throws {
    while true {
      var pipeline = RedisPipeline()
      settleCall.appendRetirement(of: group, to: &pipeline)
      let replies = try SettleCall.send(pipeline, on: connection)
      if replies == [.more] { continue }
      if case .behind(let record)? = replies.first {
        try settle(record, on: connection)
        continue
      }
      return try expectDone(replies)
    }
  }

  private func expectDone(_ replies: [SettleReply]) throws {
    if replies != [.done] { throw Stuck(event: "settle", reply: "\(replies)") }
  }

  // MARK: Events

  /// Pushes an event and commits it, as the worker does.
  @discardableResult
  func play(_ event: Event, on connection: isolated RedisConnection) throws -> CommitReply {
    try play(raw: Array(event.json.utf8), on: connection)
  }

  /// Pushes the bytes of an event and commits them. The reply is that of the commit which acknowledged it.
  @discardableResult
  func play(raw: [UInt8], on connection: isolated RedisConnection) throws -> CommitReply {
    var push = RedisPipeline()
    push.begin(3)
    push.word("RPUSH")
    push.word(shard.inbox(0))
    push.word(raw)
    _ = try connection.pipeline(push)
    var decoded = EventDecoder.decode(raw)
    var listens = false
    if case .success(let event) = decoded { listens = event.needsConversation }
    for _ in 0..<400 {
      let reply = try commit(raw, decoded, listens, on: connection)
      switch reply {
      case .committed, .duplicate:
        position += 1
        return reply
      case .stale: remembered = (plan, version)
      case .listen: listens = true
      case .behind(let record): try settle(record, on: connection)
      case .moved: break
      case .rejected(let reason):
        guard case .success(let event) = decoded else { throw Stuck(event: "\(raw)", reply: reason) }
        decoded = .failure(Rejection(error: reason, of: event))
      case .fenced, .position, .failed:
        throw Stuck(event: String(decoding: raw, as: UTF8.self), reply: "\(reply)")
      }
    }
    throw Stuck(event: String(decoding: raw, as: UTF8.self), reply: "no end of obstacles")
  }

  func header() -> CommitHeader {
    CommitHeader(fence: fence, position: position, now: Moment(now))
  }

  private func commit(
    _ raw: [UInt8], _ decoded: Result<Event, Rejection>, _ listens: Bool,
    on connection: isolated RedisConnection
  ) throws -> CommitReply {
    var call = CommitCall(shard: shard, header: header())
    switch decoded {
    case .failure(let rejection): append(rejection, raw, version: 0, to: &call)
    case .success(let event):
      let decision = decide(
        event, try snapshot(for: event, listens, on: connection), under: remembered.plan, at: Moment(now))
      if case .reject(let reason) = decision {
        append(Rejection(error: reason, of: event), raw, version: remembered.version, to: &call)
      } else {
        call.append(decision, of: event, version: remembered.version)
      }
    }
    if countsCalls { _ = try connection.send("CONFIG", "RESETSTAT") }
    let replies = try call.replies(on: connection)
    if countsCalls { callsOfLastCommit = try Self.calls(on: connection) }
    guard let reply = replies.first, replies.count == 1 else {
      throw Stuck(event: String(decoding: raw, as: UTF8.self), reply: "\(replies)")
    }
    return reply
  }

  /// Whether the Redis calls that each commit makes within its function are counted.
  var countsCalls = false
  /// How many calls the last commit made, by command.
  private(set) var callsOfLastCommit: [String: Int] = [:]

  /// How many calls were made since `CONFIG RESETSTAT`, by command; those of functions themselves only if asked for.
  static func calls(
    on connection: isolated RedisConnection, withFunctions: Bool = false
  ) throws -> [String: Int] {
    let text = try connection.send("INFO", "commandstats").text ?? ""
    var calls: [String: Int] = [:]
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("cmdstat_") {
      let parts = line.dropFirst(8).split(separator: ":", maxSplits: 1)
      guard parts.count == 2, !["config|resetstat", "info"].contains(parts[0]) else { continue }
      if parts[0] == "fcall", !withFunctions { continue }
      let count = parts[1].dropFirst(6).prefix { $0 != "," }
      calls[String(parts[0])] = Int(count)
    }
    return calls
  }

  private func snapshot(
    for event: Event, _ listens: Bool, on connection: isolated RedisConnection
  ) throws -> Snapshot {
    if listens, let conversation = event.conversation {
      var read = RedisPipeline()
      read.appendContext(of: conversation, shop: event.shop, shard: shard)
      return Snapshot(conversation: HeardConversation(reply: try connection.pipeline(read).first ?? .null))
    }
    guard event.needsCustomer, let customer = event.customer else { return Snapshot() }
    var read = RedisPipeline()
    read.appendRead(of: customer, shop: event.shop, shard: shard)
    let replies = try connection.pipeline(read)
    return Snapshot(customer: StoredCustomer(reply: replies.first ?? .null))
  }

  private func append(_ rejection: Rejection, _ raw: [UInt8], version: Int64, to call: inout CommitCall) {
    let letter = DeadLetter(event: raw, error: rejection.error, at: Moment(now), partition: 0)
    let event = try? EventDecoder.decode(raw).get()
    call.append(rejection, letter: letter.json, source: event?.source, n: event?.n, version: version)
  }

  // MARK: Time

  /// Fires all timers that are due now; gives how many, and when the next one is due.
  @discardableResult
  func tick(limit: Int = 64, on connection: isolated RedisConnection) throws -> (fired: Int, next: Int64?) {
    var total = 0
    for _ in 0..<1_000 {
      let reply = try Tick.fire(
        fence, now: Moment(now), limit: limit, newerThan: version, shard: shard, on: connection)
      switch reply {
      case .fenced: throw Stuck(event: "tick", reply: "fenced")
      case .behind(_, let record): try settle(record, on: connection)
      case .ticked(let fired, let next, _, let failures, let facts):
        guard failures.isEmpty else { throw Stuck(event: "tick", reply: "\(failures)") }
        total += fired
        // As the keeper does.
        if facts.waiting > 0 {
          let (waiting, folded) = (facts.waiting, facts.folded)
          _ = try Facts.fold(fence, waiting: waiting, folded: folded, shard: shard, on: connection)
        }
        if (next?.rawValue ?? .max) > now { return (total, next?.rawValue) }
      }
    }
    throw Stuck(event: "tick", reply: "timers without end")
  }

  /// Folds facts into the counters, so that they can be compared.
  func foldFacts(on connection: isolated RedisConnection) throws {
    try Facts.foldAll(shard: shard, on: connection)
  }

  // MARK: Looking

  func world(on connection: isolated RedisConnection) throws -> World {
    try World.take(shop, shard: shard, on: connection)
  }

  /// What `fl_check` finds: guarantees 4 and 5 over the whole shard.
  func violations(on connection: isolated RedisConnection) throws -> [String] {
    let reply = try connection.call("fl_check", keys: [shard.tag], readOnly: true)
    return (reply.array ?? []).map { $0.text ?? "?" }
  }
}
