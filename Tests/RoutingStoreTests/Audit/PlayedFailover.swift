import HiredisClient
import Routing
import RoutingAudit
import RoutingStore
import TestSupport

/// A short run in which commands are held back for replicas, another server takes over that may lack some, and the mode is
/// changed in the end; played once for all tests that falsify it.
enum PlayedFailover {
  private static let played = Task { try await AuditedRun.onServer(play) }

  /// The run; a copy, so that it can be changed.
  static func run() async throws -> AuditedRun { try await played.value }

  private static func play(on connection: isolated RedisConnection) throws -> AuditedRun {
    let start = try AuditedRun.begin(prefix: "fl:", on: connection)
    let store = try StoreHarness(.plain(agents: ["a": 9]), prefix: "fl:", on: connection)
    var events: [Event] = []
    func play(_ kind: Event.Kind) throws {
      var event = Event(shop: store.shop, kind: kind)
      event.gateway = TestShop.gateway
      event.source = SourceID(unchecked: "x")
      event.n = Int64(events.count + 1)
      events.append(event)
      try store.play(event, on: connection)
    }
    func open(_ names: String...) throws {
      for name in names {
        let customer = Event.Customer(id: CustomerID(unchecked: "u-" + name))
        try play(
          .open(
            Event.Open(
              conversation: ConversationID(unchecked: name), customer: customer, gateway: TestShop.gateway)))
      }
    }
    func choose(_ mode: Durability.Mode) throws {
      try Durability(mode).store(store.keys, Topology(shards: 1, partitions: 1), on: connection)
      try HeldCommands.settle(
        shard: store.shard, partitions: 1, now: Moment(store.now), on: connection)
    }
    func release(_ count: Int64) throws {
      _ = try HeldCommands.release(
        store.fence, covered: count, replicas: 0, patience: .milliseconds(1), now: Moment(store.now),
        shard: store.shard, on: connection)
    }
    func arrive(at history: String) throws {
      _ = try Generations.settle(
        Dataset(history: history, length: 1), missing: .some, shard: store.shard, partitions: 1,
        now: Moment(store.now), on: connection)
    }

    try arrive(at: "a")
    try play(.agentOnline(agent: AgentID(unchecked: "a"), gateway: TestShop.gateway))
    try choose(.replicated)
    try open("c1", "c2")
    try release(3)
    try arrive(at: "b")
    try store.takeAgain(on: connection)
    try open("c3")
    try release(2)
    try open("c4")
    try choose(.fast)
    try open("c5")
    return try AuditedRun(prefix: "fl:", start: start, events, on: connection)
  }
}
