import HiredisClient
import Proving
import Routing
import RoutingStore
import TestSupport
import Testing

/// A function that refuses changes nothing at all: neither the shop nor the lease nor the inbox.
@Suite(.redis) struct RefusalTests {
  private static let conversation = ConversationID(unchecked: "c")
  private static let agent = AgentID(unchecked: "a")
  private static let gateway = GatewayID(unchecked: "w")

  /// One event for each function, all of which would change something here.
  private static let kinds: [Event.Kind] = [
    .open(
      Event.Open(
        conversation: ConversationID(unchecked: "new"),
        customer: .init(id: CustomerID(unchecked: "u"), name: "n"),
        gateway: gateway)),
    .message(conversation: conversation, from: .agent, text: nil, agent: nil),
    .handoff(conversation: ConversationID(unchecked: "bot"), reason: nil),
    .status(conversation: conversation),
    .close(conversation: conversation, by: .agent),
    .transfer(conversation: conversation, to: .agent(AgentID(unchecked: "b")), by: .agent, note: nil),
    .rate(conversation: conversation, score: 1, comment: nil),
    .agentOnline(agent: AgentID(unchecked: "b"), gateway: gateway),
    .agentPause(agent: agent),
    .agentOffline(agent: agent),
    .agentHeartbeat(agent: agent),
    .accept(conversation: conversation, agent: agent),
  ]

  /// What is wrong with the header of a commit.
  enum Wrong: CaseIterable {
    case owner, epoch, laterEpoch, position, laterPosition, version

    func header(_ right: CommitHeader) -> CommitHeader {
      var header = right
      switch self {
      case .owner: header.fence.owner = "somebody"
      case .epoch: header.fence.epoch -= 1
      case .laterEpoch: header.fence.epoch += 1
      case .position: header.position -= 1
      case .laterPosition: header.position += 1
      case .version: break
      }
      return header
    }

    /// The version that it is said to be decided under.
    func version(_ right: Int64) -> Int64 { self == .version ? right - 1 : right }

    var reply: CommitReply {
      switch self {
      case .owner, .epoch, .laterEpoch: .fenced
      case .position, .laterPosition: .position
      case .version: .stale
      }
    }
  }

  /// Neither the shop's configuration nor its version decides about these.
  private static func ignoresVersion(_ kind: Event.Kind) -> Bool {
    switch kind {
    case .message, .status, .rate: true
    default: false
    }
  }

  @Test(arguments: Wrong.allCases)
  func aCommitThatIsNotDueChangesNothing(wrong: Wrong) async throws {
    try await TestShop.run(.plain(agents: ["a": 1, "b": 1]), "refusal-\(wrong)") { shop, connection in
      try Self.prepare(shop)
      for kind in Self.kinds where wrong != .version || !Self.ignoresVersion(kind) {
        let event = Event(shop: shop.store.shop, kind: kind)
        try shop.redis("RPUSH", shop.store.shard.inbox(0), event.json)
        let before = try Keyspace.read(shop.store.keys.prefix, on: connection)
        var call = CommitCall(shard: shop.store.shard, header: wrong.header(shop.store.header()))
        let version = wrong.version(shop.store.version)
        let decision = decide(event, Snapshot(), under: shop.store.plan, at: Moment(shop.store.now))
        if case .reject(let reason) = decision {
          call.append(
            Rejection(error: reason, of: event), letter: Array("{}".utf8), source: nil, n: nil,
            version: version)
        } else {
          call.append(decision, of: event, version: version)
        }
        let replies = try call.replies(on: connection)
        #expect(replies == [wrong.reply], "\(event.json)")
        #expect(try Keyspace.read(shop.store.keys.prefix, on: connection) == before, "\(event.json)")
      }
    }
  }

  @Test func theKeepersCallsAreFencedToo() async throws {
    try await TestShop.run(.plain(agents: ["a": 1, "b": 1])) { shop, connection in
      try Self.prepare(shop)
      try shop.offline("a")
      shop.store.now += 60_000
      let before = try Keyspace.read(shop.store.keys.prefix, on: connection)
      for wrong in [Wrong.owner, .epoch, .laterEpoch] {
        let fence = wrong.header(shop.store.header()).fence
        let reply = try Tick.fire(
          fence, now: Moment(shop.store.now), limit: 10, newerThan: 0, shard: shop.store.shard, on: connection
        )
        #expect(reply == .fenced)
        let call = SettleCall(
          fence: fence, now: Moment(shop.store.now), version: shop.store.version,
          plan: RoutingPlan(.plain(agents: ["a": 9])), shard: shop.store.shard)
        var pipeline = RedisPipeline()
        call.append(.group(GroupID(unchecked: "g")), to: &pipeline)
        call.append(.agent(Self.agent), to: &pipeline)
        call.appendRetirement(of: GroupID(unchecked: "g"), to: &pipeline)
        call.appendSettled(to: &pipeline)
        let replies = try SettleCall.send(pipeline, on: connection)
        #expect(replies == [.fenced, .fenced, .fenced, .fenced])
        #expect(try !Leases.release(fence, shard: shop.store.shard, on: connection))
        #expect(
          try !Leases.attempt(
            fence, position: shop.store.position, count: 1, shard: shop.store.shard, on: connection))
      }
      #expect(try Keyspace.read(shop.store.keys.prefix, on: connection) == before)
    }
  }

  @Test func aConfigurationThatIsOldSettlesNothing() async throws {
    try await TestShop.run { shop, connection in
      try Self.prepare(shop)
      try shop.apply(.plain(agents: ["a": 5]), settled: false)
      let before = try Keyspace.read(shop.store.keys.prefix, on: connection)
      let call = SettleCall(
        fence: shop.store.fence, now: Moment(shop.store.now), version: shop.store.version - 1,
        plan: RoutingPlan(.plain()), shard: shop.store.shard)
      var pipeline = RedisPipeline()
      call.append(.agent(Self.agent), to: &pipeline)
      call.appendSettled(to: &pipeline)
      #expect(try SettleCall.send(pipeline, on: connection) == [.stale, .stale])
      #expect(try Keyspace.read(shop.store.keys.prefix, on: connection) == before)
    }
  }

  @Test func aCustomerWhoChangedMeanwhileIsReadAgain() async throws {
    try await TestShop.run { shop, connection in
      try shop.open("c", level: 3)
      let event = Event(
        shop: shop.store.shop,
        kind: .open(
          Event.Open(
            conversation: ConversationID(unchecked: "d"), customer: .init(id: CustomerID(unchecked: "u-c")),
            gateway: Self.gateway)))
      let before = try Keyspace.read(shop.store.keys.prefix, on: connection)
      var call = CommitCall(shard: shop.store.shard, header: shop.store.header())
      // Decided as if nothing were stored of the customer.
      call.append(
        decide(event, Snapshot(), under: shop.store.plan, at: Moment(shop.store.now)), of: event,
        version: shop.store.version)
      #expect(try call.replies(on: connection) == [.moved])
      #expect(try Keyspace.read(shop.store.keys.prefix, on: connection) == before)
    }
  }

  /// Whatever of the words is kept where: from the first, which stands in the record, to those that push older ones out.
  @Test func whatWasSaidMeanwhileIsReadBeforeItIsDecided() async throws {
    let yaml = """
      shop: s
      groups: {g: {}}
      agents: {a: {groups: [g]}}
      rules: [{name: r, what: {keywords: [退货]}, route: {group: g}}]
      """
    try await TestShop.run(yaml: yaml) { shop, connection in
      let store = shop.store
      let id = ConversationID(unchecked: "c")
      try shop.open("c")
      for number in 0..<24 {
        let event = Event(
          shop: store.shop, kind: .message(conversation: id, from: .customer, text: "late", agent: nil))
        var read = RedisPipeline()
        read.appendContext(of: id, shop: store.shop, shard: store.shard)
        let snapshot = Snapshot(
          conversation: HeardConversation(reply: try connection.pipeline(read).first ?? .null))
        try shop.say("c", text: "word \(number)")
        let before = try Keyspace.read(store.keys.prefix, on: connection)
        var call = CommitCall(shard: store.shard, header: store.header())
        call.append(
          decide(event, snapshot, under: store.plan, at: Moment(store.now)), of: event, version: store.version
        )
        #expect(try call.replies(on: connection) == [.moved], "after \(number) words")
        #expect(try Keyspace.read(store.keys.prefix, on: connection) == before)
      }
    }
  }

  @Test func aRepeatedSourceAndNIsAcknowledgedAndIgnored() async throws {
    try await TestShop.run(.plain(agents: ["a": 5])) { shop, _ in
      try shop.online("a")
      func send(_ conversation: String, _ n: Int64) throws -> CommitReply {
        var event = Event(
          shop: shop.store.shop,
          kind: .open(
            Event.Open(
              conversation: ConversationID(unchecked: conversation),
              customer: .init(id: CustomerID(unchecked: conversation)), gateway: Self.gateway)))
        event.source = SourceID(unchecked: "gate-1")
        event.n = n
        return try shop.send(event)
      }
      #expect(try [send("c1", 1), send("c2", 2), send("c3", 3)] == [.committed, .committed, .committed])
      for conversation in ["c1", "c2", "c3"] { try shop.close(conversation) }
      let before = try shop.look().lines.filter { !$0.hasPrefix("position") }
      // All three once more: none of them opens anything again.
      #expect(try [send("c1", 1), send("c2", 2), send("c3", 3)] == [.duplicate, .duplicate, .duplicate])
      #expect(try shop.look().lines.filter { !$0.hasPrefix("position") } == before)
      #expect(try send("c1", 4) == .committed)
    }
  }

  private static func prepare(_ shop: TestShop) throws {
    try shop.online("a")
    try shop.open("c")
    try shop.open("waits")
    var configuration = shop.store.configuration
    configuration.defaultMode = .botFirst
    try shop.apply(configuration)
    try shop.open("bot")
    configuration.defaultMode = .humanFirst
    try shop.apply(configuration)
    try shop.status("c")
  }
}
