import HiredisClient
import Proving
import Routing
import RoutingAudit
import RoutingStore
import TestSupport

/// A history played on the real functions with the audit on, and everything that is known of it afterwards. Its parts can
/// be changed, to see whether the checker finds it.
struct AuditedRun {
  var entries: [AuditEntry] = []
  var evidence = Evidence()
  /// What was in the shard when the audit began.
  var start: [String: LedgerValue]
  let tag: String

  /// What the checker says of it.
  func violations() throws -> [Violation] { try judged().violations }

  /// What it says, and the checker itself.
  func judged() throws -> (violations: [Violation], by: AuditChecker) {
    var checker = AuditChecker(shard: tag, state: start)
    for entry in entries { try checker.feed(entry) }
    return (checker.finish(evidence), checker)
  }

  /// Lets a shard keep an audit from now on, unless told otherwise: what is there already.
  static func begin(
    prefix: String, isKept: Bool = true, on connection: isolated RedisConnection
  ) throws -> [String: LedgerValue] {
    let shard = Keys(prefix: prefix).shard(0)
    let state = try LedgerValue.all(of: shard, on: connection)
    if isKept { try connection.send("HSET", shard.lease(0), "audit", "1000000") }
    return state
  }

  /// Gathers what a run left that pushed these events.
  init(
    prefix: String, start: [String: LedgerValue], _ events: [Event], on connection: isolated RedisConnection
  ) throws {
    let shard = Keys(prefix: prefix).shard(0)
    tag = shard.tag
    self.start = start
    while true {
      let page = try AuditLog.read(shard, after: entries.last?.number ?? 0, on: connection)
      if page.isEmpty { break }
      entries += try page.map { try AuditEntry.decode($0) }
    }
    evidence.pushed[0] = events.map {
      PushedEvent(Array($0.json.utf8), source: $0.source?.rawValue, n: $0.n)
    }
    let state = try LedgerValue.all(of: shard, on: connection)
    evidence.take(state: state, of: shard)
    if case .list(let left) = state[shard.inbox(0)] { evidence.inboxes[0] = left.map { Array($0.utf8) } }
  }

  /// The run that `play` makes of a server of its own.
  static func onServer(
    _ play: @Sendable (isolated RedisConnection) throws -> AuditedRun
  ) async throws -> AuditedRun {
    let server = try await RedisServer.start()
    defer { server.kill() }
    return try await within(server.connected(), play)
  }

  private static func within(
    _ connection: isolated RedisConnection, _ play: (isolated RedisConnection) throws -> AuditedRun
  ) throws -> AuditedRun { try play(connection) }

  /// A random history, as `Replay` plays it. If `endsInTrouble`, what the harness does not get through ends it.
  init(
    _ history: History, prefix: String, isKept: Bool = true, endsInTrouble: Bool = false,
    on connection: isolated RedisConnection
  ) throws {
    let start = try Self.begin(prefix: prefix, isKept: isKept, on: connection)
    let store = try StoreHarness(history.configuration, prefix: prefix, on: connection)
    var events: [Event] = []
    do {
      for step in history.steps { try Self.perform(step, store, &events, on: connection) }
      try store.foldFacts(on: connection)
    } catch {
      guard endsInTrouble else { throw error }
    }
    try self.init(prefix: prefix, start: start, events, on: connection)
  }

  private static func perform(
    _ step: History.Step, _ store: StoreHarness, _ events: inout [Event],
    on connection: isolated RedisConnection
  ) throws {
    switch step {
    case .configure(_, let configuration): try store.apply(configuration, on: connection)
    case .settle: try store.settleAll(on: connection)
    case .pass(let span, let firing):
      let target = store.now + span
      var next = firing ? try store.tick(on: connection).next : nil
      while let due = next, due <= target {
        store.now = max(due, store.now)
        next = try store.tick(on: connection).next
      }
      store.now = target
    case .tick(let limit): try store.tick(limit: limit, on: connection)
    case .event(let event):
      events.append(event)
      try store.play(event, on: connection)
    }
  }
}
