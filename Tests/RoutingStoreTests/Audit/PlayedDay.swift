import HiredisClient
import Routing
import RoutingAudit
import RoutingStore
import TestSupport

/// A short run with a bit of everything, played once for all tests that falsify it.
enum PlayedDay {
  private static let played = Task { try await AuditedRun.onServer(play) }

  /// The run; a copy, so that it can be changed.
  static func run() async throws -> AuditedRun { try await played.value }

  /// Two agents, `a` for two conversations and `b` for one. c1 to c3 have agents, c4 to c6 wait; c5 comes first by its
  /// level. c1 ends, so that `a` takes c5; c2 is handed to `a` above its capacity, so that `b` takes c4; c6 gives up. One event is repeated, one
  /// is rejected; time passes; another worker takes the lease.
  private static func play(on connection: isolated RedisConnection) throws -> AuditedRun {
    let start = try AuditedRun.begin(prefix: "fl:", on: connection)
    let store = try StoreHarness(.plain(agents: ["a": 2, "b": 1]), prefix: "fl:", on: connection)
    var events: [Event] = []
    for (index, part) in [morning, evening].enumerated() {
      for kind in part {
        store.now += 10
        var event = Event(shop: store.shop, kind: kind)
        event.gateway = TestShop.gateway
        event.source = SourceID(unchecked: "x")
        // The same again is a repeat.
        event.n = events.last?.kind == kind ? events.last?.n : Int64(events.count + 1)
        events.append(event)
        try store.play(event, on: connection)
      }
      if index == 0 {
        store.now += 120_000
        try store.tick(on: connection)
      }
    }
    let watched = LeaseView(owner: "harness", epoch: 1, renewal: 0)
    _ = try Leases.take("other", partition: 0, watched: watched, shard: store.shard, on: connection)
    return try AuditedRun(prefix: "fl:", start: start, events, on: connection)
  }

  private static func id(_ text: String) -> ConversationID { ConversationID(unchecked: text) }

  private static var morning: [Event.Kind] {
    let online: [Event.Kind] = ["a", "b"].map {
      .agentOnline(agent: AgentID(unchecked: $0), gateway: TestShop.gateway)
    }
    let opened: [Event.Kind] = ["c1", "c2", "c3", "c4", "c5", "c6"].map { name in
      let customer = Event.Customer(id: CustomerID(unchecked: "u-" + name), level: name == "c5" ? 3 : 0)
      return .open(Event.Open(conversation: id(name), customer: customer, gateway: TestShop.gateway))
    }
    return online + opened + [
      .message(conversation: id("c2"), from: .customer, text: nil, agent: nil),
      .message(conversation: id("c2"), from: .customer, text: nil, agent: nil),
      .status(conversation: id("nobody")),
      .close(conversation: id("c1"), by: .agent),
      .transfer(conversation: id("c2"), to: .agent(AgentID(unchecked: "a")), by: .agent, note: nil),
      .close(conversation: id("c6"), by: .customer),
    ]
  }

  private static var evening: [Event.Kind] {
    [.agentHeartbeat(agent: AgentID(unchecked: "a")), .close(conversation: id("c3"), by: .agent)]
  }
}
