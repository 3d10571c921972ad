import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// What a commit costs is mostly the number of calls that its function makes. This table fails when one grows.
///
/// The plain case: two gateways, one group, no key of the configuration but what a shop needs. The figures are what is so
/// now; asked for were at most 20 for an open with assignment, 5 for a message and 30 for a close with follow-up.
@Suite(.redis, .serialized) struct CallCountTests {
  /// An event, what comes before it, and how many calls its commit makes at most.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var most: Int
    var before: @Sendable (TestShop) throws -> Void
    var event: Event.Kind
    var testDescription: String { name }
  }

  private static let web = GatewayID(unchecked: "web")
  private static func id(_ text: String) -> ConversationID { ConversationID(unchecked: text) }
  private static func open(_ text: String) -> Event.Kind {
    .open(
      Event.Open(
        conversation: id(text), customer: Event.Customer(id: CustomerID(unchecked: "u-" + text)), gateway: web
      ))
  }
  private static let agent = AgentID(unchecked: "a")

  private static func online(_ shop: TestShop) throws { try shop.online("a", gateway: "desk") }
  private static func served(_ shop: TestShop) throws {
    try online(shop)
    try shop.play(open("c"))
  }
  private static func answered(_ shop: TestShop) throws {
    try served(shop)
    try shop.say("c", .agent)
  }
  private static func full(_ shop: TestShop) throws {
    try online(shop)
    for name in ["c", "d", "next"] { try shop.play(open(name)) }
    try shop.pass(1_000)
  }

  static let cases: [Case] = [
    Case(name: "open with an assignment", most: 18, before: online, event: open("c")),
    Case(name: "open into the queue", most: 16, before: { _ in }, event: open("c")),
    Case(name: "open again", most: 7, before: served, event: open("c")),
    Case(
      name: "message of the customer", most: 5, before: answered,
      event: .message(conversation: id("c"), from: .customer, text: nil, agent: nil)),
    Case(
      name: "message of the agent", most: 5, before: answered,
      event: .message(conversation: id("c"), from: .agent, text: nil, agent: nil)),
    Case(
      name: "first message of the agent", most: 9, before: served,
      event: .message(conversation: id("c"), from: .agent, text: nil, agent: nil)),
    Case(name: "status", most: 7, before: served, event: .status(conversation: id("c"))),
    Case(
      name: "close without a follow-up", most: 21, before: served,
      event: .close(conversation: id("c"), by: .agent)),
    Case(
      name: "close with a follow-up assignment", most: 27, before: full,
      event: .close(conversation: id("c"), by: .agent)),
    Case(
      name: "close by a customer who waits", most: 14, before: { try $0.play(open("c")) },
      event: .close(conversation: id("c"), by: .customer)),
    Case(
      name: "transfer to the queue of the group", most: 29, before: served,
      event: .transfer(conversation: id("c"), to: .agent(AgentID(unchecked: "b")), by: .agent, note: nil)),
    Case(
      name: "rating", most: 8, before: served,
      event: .rate(conversation: id("c"), score: 5, comment: nil)),
    Case(
      name: "agent comes online", most: 17, before: { _ in },
      event: .agentOnline(agent: agent, gateway: GatewayID(unchecked: "desk"))),
    Case(name: "agent pauses", most: 11, before: online, event: .agentPause(agent: agent)),
    Case(name: "agent goes offline", most: 11, before: served, event: .agentOffline(agent: agent)),
    Case(name: "heartbeat", most: 6, before: online, event: .agentHeartbeat(agent: agent)),
    Case(
      name: "customer update", most: 7, before: { _ in },
      event: .customerUpdate(
        customer: Event.Customer(id: CustomerID(unchecked: "u"), vip: true), dedicatedAgent: .keep)),
    Case(
      name: "customer forget", most: 4, before: { _ in },
      event: .customerForget(customer: CustomerID(unchecked: "u"))),
  ]

  @Test(arguments: cases)
  func aCommitMakesNoMoreCallsThanThis(_ example: Case) async throws {
    let name = String(example.name.map { $0 == " " ? "-" : $0 })
    try await TestShop.run(.plain(agents: ["a": 2, "b": 2]), name) { shop, _ in
      try example.before(shop)
      shop.store.countsCalls = true
      try shop.play(example.event)
      let calls = shop.store.callsOfLastCommit
      let total = calls.values.reduce(0, +)
      print(
        "calls: \(example.name): \(total)  \(calls.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })"
      )
      #expect(total <= example.most && total > 0, "\(calls)")
    }
  }

  @Test func aGatewayIsNotedWhenHalfOfItsOutboxIsFullAndItCostsNoCallBefore() async throws {
    try await TestShop.run { shop, connection in
      let outbox = shop.store.shard.outbox(TestShop.gateway)
      let half = Outboxes.bound / 2
      try shop.redis(
        "EVAL", "for i = 1, tonumber(ARGV[1]) do redis.call('RPUSH', KEYS[1], i) end", "1", outbox,
        String(half - 4))
      try shop.open("c")
      func callsOfOneCommand() throws -> Int {
        try shop.status("c")
        return shop.store.callsOfLastCommit.values.reduce(0, +)
      }
      shop.store.countsCalls = true
      let before = try callsOfOneCommand()
      #expect(try shop.redis("LLEN", outbox).integer == half - 1)
      #expect(try shop.redis("EXISTS", shop.store.shard.dropped).integer == 0)
      #expect(try callsOfOneCommand() == before + 1)
      #expect(try shop.redis("HGET", shop.store.shard.dropped, "w").integer == 0)
      #expect(try callsOfOneCommand() == before)
      #expect(
        try Outboxes.onceHalfFull(shard: shop.store.shard, on: connection) == [
          Overview.Outbox(shard: 0, gateway: TestShop.gateway, length: half + 1, dropped: 0)
        ])
    }
  }
}
