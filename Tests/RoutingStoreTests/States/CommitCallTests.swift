import HiredisClient
import Proving
import Routing
import RoutingAudit
import RoutingStore
import TestSupport
import Testing

/// Many events in one call: what is paid once for all of them must not be felt by any of them.
@Suite(.redis) struct CommitCallTests {
  private static let gateway = GatewayID(unchecked: "w")

  private static func open(_ number: Int) -> Event.Kind {
    .open(
      Event.Open(
        conversation: id(number), customer: .init(id: CustomerID(unchecked: "u\(number)")), gateway: gateway))
  }

  private static func id(_ number: Int) -> ConversationID { ConversationID(unchecked: "c\(number)") }

  private static func message(_ number: Int, _ from: Event.Speaker) -> Event.Kind {
    .message(conversation: id(number), from: from, text: nil, agent: nil)
  }

  private static func close(_ number: Int) -> Event.Kind { .close(conversation: id(number), by: .agent) }

  /// Puts events into the list and sends them in one call, decided as if nothing were stored of their customers.
  private static func send(
    _ kinds: [Event.Kind], sources: [(SourceID, Int64)?] = [], _ shop: TestShop,
    on connection: isolated RedisConnection
  ) throws -> [CommitReply] {
    var call = CommitCall(shard: shop.store.shard, header: shop.store.header())
    for (index, kind) in kinds.enumerated() {
      var event = Event(shop: shop.store.shop, kind: kind)
      if index < sources.count, let (source, n) = sources[index] { (event.source, event.n) = (source, n) }
      try connection.send("RPUSH", shop.store.shard.inbox(0), event.json)
      let decision = decide(event, Snapshot(), under: shop.store.plan, at: Moment(shop.store.now))
      call.append(decision, of: event, version: shop.store.version)
    }
    return try call.replies(on: connection)
  }

  private static func position(_ shop: TestShop, on connection: isolated RedisConnection) throws -> Int64 {
    try connection.send("HGET", shop.store.shard.lease(0), "position").integer ?? -1
  }

  private static func numbers(_ shop: TestShop, on connection: isolated RedisConnection) throws -> [String] {
    let outbox = shop.store.shard.outbox(gateway)
    let commands = try connection.send("LRANGE", outbox, "0", "-1").array ?? []
    return commands.compactMap { $0.text?.split(separator: ",").first.map(String.init) }
  }

  /// A number's thousands and its rest are put together.
  @Test(arguments: [0, 8, 98, 997, 998, 1_098, 1_998, 999_998, 1_000_008, 10_009_998] as [Int64])
  func commandsAreNumberedOnFromWhatWasTheLast(_ last: Int64) async throws {
    try await TestShop.run(.plain(), "seq\(last)") { shop, connection in
      try connection.send("HSET", shop.store.shard.gateways, Self.gateway.rawValue, String(last))
      _ = try Self.send((0..<2).map(Self.open), shop, on: connection)
      let numbers = try Self.numbers(shop, on: connection)
      #expect(numbers.count > 2)
      #expect(numbers == numbers.indices.map { "{\"seq\":\(last + 1 + Int64($0))" })
    }
  }

  /// Two of five agents' slots are taken, so some are assigned, some wait, and ends let others follow.
  @Test func manyAtOnceComeToTheSameAsOneByOne() async throws {
    let kinds =
      (0..<8).map(Self.open) + [
        Self.message(0, .agent), Self.message(0, .customer), Self.message(7, .customer),
      ]
      + [Self.close(0), Self.close(1), Self.close(7)] + [
        Self.open(20), Self.close(2), Self.message(5, .agent),
      ]
      + [
        .agentPause(agent: AgentID(unchecked: "a")), .close(conversation: Self.id(20), by: .customer),
        .agentOnline(agent: AgentID(unchecked: "a"), gateway: Self.gateway),
        .rate(conversation: Self.id(0), score: 5, comment: "ok"),
        .transfer(conversation: Self.id(5), to: .agent(AgentID(unchecked: "b")), by: .supervisor, note: nil),
        .status(conversation: Self.id(3)),
      ]
    var states: [[String: LedgerValue]] = []
    for (name, size) in [("one", 1), ("some", 5), ("many", 12)] {
      states.append(
        try await TestShop.run(.plain(agents: ["a": 3, "b": 2]), "call-\(name)") { shop, connection in
          try shop.online("a", "b")
          for start in stride(from: 0, to: kinds.count, by: size) {
            let part = Array(kinds[start..<min(start + size, kinds.count)])
            let replies = try Self.send(part, shop, on: connection)
            #expect(replies == part.map { _ in .committed }, "\(name) from \(start)")
            shop.store.catchUp(by: part.count)
          }
          #expect(try shop.store.violations(on: connection) == [])
          let state = try LedgerValue.all(of: shop.store.shard, on: connection)
          return Dictionary(
            uniqueKeysWithValues: state.map {
              (String($0.key.dropFirst(shop.store.keys.prefix.count)), $0.value)
            })
        })
    }
    #expect(states[0].count > 30)
    #expect(states[1] == states[0])
    #expect(states[2] == states[0])
  }

  @Test func whatComesBeforeARefusalIsAcknowledgedAndNothingBehindIt() async throws {
    try await TestShop.run(.plain(agents: ["a": 9])) { shop, connection in
      try shop.online("a")
      let before = try Self.position(shop, on: connection)
      let replies = try Self.send(
        [Self.open(1), Self.open(2), Self.close(99), Self.open(3)], shop, on: connection)
      #expect(replies == [.committed, .committed, .rejected("conversation c99 is not known")])
      #expect(try Self.position(shop, on: connection) == before + 2)
      #expect(try connection.send("LLEN", shop.store.shard.inbox(0)).integer == 2)
      #expect(
        try connection.send("EXISTS", shop.store.shard.shop(shop.store.shop).conversation(Self.id(3))).integer
          == 0)
      #expect(try shop.store.violations(on: connection) == [])
    }
  }

  @Test func aStepThatFailsTakesNothingFromThoseBeforeIt() async throws {
    try await TestShop.run(.plain(agents: ["a": 9])) { shop, connection in
      try shop.online("a")
      let keys = shop.store.shard.shop(shop.store.shop)
      try connection.send("SET", keys.conversation(Self.id(7)), "not a hash")
      let before = try Self.position(shop, on: connection)
      let replies = try Self.send(
        [Self.open(1), Self.message(7, .agent), Self.open(2)], shop, on: connection)
      #expect(replies.first == .committed && replies.count == 2)
      guard case .failed(let error) = replies.last else {
        Issue.record("\(replies)")
        return
      }
      #expect(error.kind == .wrongType, "\(error)")
      #expect(try Self.position(shop, on: connection) == before + 1)
      #expect(try connection.send("LLEN", shop.store.shard.inbox(0)).integer == 2)
      #expect(try Self.numbers(shop, on: connection) == ["{\"seq\":1", "{\"seq\":2"])
      #expect(try connection.send("HGET", keys.conversation(Self.id(1)), "state").text == "active")
    }
  }

  @Test func aRepeatWithinOneCallIsIgnored() async throws {
    try await TestShop.run(.plain(agents: ["a": 9])) { shop, connection in
      try shop.online("a")
      let (one, other) = (SourceID(unchecked: "s1"), SourceID(unchecked: "s2"))
      let replies = try Self.send(
        [Self.open(1), Self.open(2), Self.open(3), Self.open(4), Self.open(5)],
        sources: [(one, 5), (other, 5), (one, 5), (one, 4), (one, 6)], shop, on: connection)
      #expect(replies == [.committed, .committed, .duplicate, .duplicate, .committed])
      let marks = try connection.send("HMGET", shop.store.shard.lease(0), "s:s1", "s:s2").array ?? []
      #expect(marks.compactMap { $0.text?.split(separator: " ").first } == ["6", "5"])
      #expect(try connection.send("LLEN", shop.store.shard.inbox(0)).integer == 0)
      let agent = shop.store.shard.shop(shop.store.shop).agent(AgentID(unchecked: "a"))
      #expect(try connection.send("HGET", agent, "load").integer == 3)
    }
  }

  @Test func aCallIsFullAtItsBounds() {
    let header = CommitHeader(fence: Fence(owner: "o", epoch: 1, partition: 0), position: 0, now: Moment(1))
    var call = CommitCall(shard: Keys().shard(0), header: header)
    let event = Event(shop: ShopID(unchecked: "s"), kind: Self.close(1))
    let message = Decision.message(conversation: Self.id(1), from: .agent, agent: nil, mayMatter: false)
    for _ in 1..<CommitCall.mostEvents { call.append(message, of: event, version: 1) }
    #expect(!call.isFull)
    call.append(message, of: event, version: 1)
    #expect(call.isFull && call.count == CommitCall.mostEvents)
    // Fewer of those that take longer.
    var ends = CommitCall(shard: Keys().shard(0), header: header)
    while !ends.isFull { ends.append(.close(conversation: Self.id(1), by: .agent), of: event, version: 1) }
    #expect(ends.count == 9)
    var large = CommitCall(shard: Keys().shard(0), header: header)
    large.append(
      .relay(conversation: Self.id(1), text: String(repeating: "长", count: 100_000)), of: event, version: 1)
    #expect(large.isFull)
  }
}
