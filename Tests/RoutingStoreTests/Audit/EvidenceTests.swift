import HiredisClient
import Routing
import RoutingAudit
import RoutingStore
import TestSupport
import Testing

/// What looks odd and is right: nothing must be said of it.
@Suite struct EvidenceTests {
  @Test func aGatewayTakesSomeAndSomeAgainAfterItWasKilled() async throws {
    var run = try await PlayedDay.run()
    let commands = try #require(run.evidence.outboxes["w"])
    run.evidence.taken["w"] = Array(commands[0..<5] + commands[2..<5] + commands[3..<8])
    run.evidence.outboxes["w"] = Array(commands[8...])
    #expect(try run.violations() == [])
  }

  /// A run that is judged in two parts, the first of which is forgotten.
  private static func inTwoParts(_ change: (inout AuditedRun) -> Void) async throws -> [Violation] {
    var run = try await PlayedDay.run()
    let commands = try #require(run.evidence.outboxes["w"])
    run.evidence.taken["w"] = Array(commands[..<9])
    change(&run)
    var checker = AuditChecker(shard: run.tag, state: run.start)
    for entry in run.entries { try checker.feed(entry) }
    checker.settle(Evidence(pushed: run.evidence.pushed, taken: run.evidence.taken))
    run.evidence.pushed = [:]
    // Read once more, as by a gateway whose trimming was lost, and then the rest.
    run.evidence.taken["w"] = Array(commands[7..<9])
    run.evidence.outboxes["w"] = run.evidence.outboxes["w"]?.filter { !commands[..<9].contains($0) }
    return checker.finish(run.evidence)
  }

  @Test func aLongRunIsJudgedInParts() async throws {
    #expect(try await Self.inTwoParts { _ in } == [])
    let early = try await Self.inTwoParts { $0.evidence.taken["w"]?.remove(at: 4) }
    #expect(early.map(\.words) == ["gateway w never got commands 5 to 5"])
    let late = try await Self.inTwoParts { $0.evidence.outboxes["w"]?.remove(at: 10) }
    #expect(late.map(\.words) == ["gateway w never got commands 11 to 11"])
    let lost = try await Self.inTwoParts { $0.evidence.pushed[0]?.append(PushedEvent(Array("lost".utf8))) }
    #expect(lost.map(\.words) == ["partition 0 lost an event : lost"])
  }

  @Test func eventsThatAreStillPendingAreNotLost() async throws {
    var run = try await PlayedDay.run()
    let raw = Array("still there".utf8)
    run.evidence.pushed[0]?.append(PushedEvent(raw))
    run.evidence.inboxes[0] = [raw]
    #expect(try run.violations() == [])
  }

  @Test func aPushInDoubtMayHaveArrivedOrNot() async throws {
    var run = try await PlayedDay.run()
    // It did not arrive, and was pushed again with what came with it.
    let (third, fourth) = (run.evidence.pushed[0]?[3], run.evidence.pushed[0]?[4])
    for var event in [fourth, third].compactMap(\.self) {
      event.isCertain = false
      run.evidence.pushed[0]?.insert(event, at: 3)
    }
    #expect(try run.violations() == [])
    // Nor did one that was given up.
    run.evidence.pushed[0]?.insert(PushedEvent(Array("given up".utf8), isCertain: false), at: 9)
    #expect(try run.violations() == [])
    // One that did arrive is not a phantom, wherever it stands.
    run.evidence.pushed[0]?[0].isCertain = false
    #expect(try run.violations() == [])
  }

  @Test func aRepeatedPushThatArrivedTwiceIsTwoEvents() async throws {
    var run = try await PlayedDay.run()
    let index = try run.index("conversation_message")
    // The same event twice, as the second was a repeat: the first of them in doubt.
    run.evidence.pushed[0]?[8].isCertain = false
    #expect(run.entries[index + 1].reply == "duplicate")
    #expect(try run.violations() == [])
  }

  @Test func aRecordThatExpiredBeginsAnew() async throws {
    let server = try await RedisServer.start()
    defer { server.kill() }
    #expect(try await Self.expiredRun(on: server.connected()).violations() == [])
  }

  private static func expiredRun(on connection: isolated RedisConnection) throws -> AuditedRun {
    let start = try AuditedRun.begin(prefix: "fl:", on: connection)
    let store = try StoreHarness(.plain(agents: [:]), prefix: "fl:", on: connection)
    let id = ConversationID(unchecked: "c")
    func opening(_ level: Int) -> Event {
      let customer = Event.Customer(id: CustomerID(unchecked: "u"), level: level)
      return Event(
        shop: store.shop,
        kind: .open(Event.Open(conversation: id, customer: customer, gateway: TestShop.gateway)))
    }
    let close = Event(shop: store.shop, kind: .close(conversation: id, by: .customer))
    let rating = Event(shop: store.shop, kind: .rate(conversation: id, score: 3, comment: nil))
    var events = [opening(5), close, rating]
    for event in events { try store.play(event, on: connection) }
    // As when the time of both records is over.
    for record in ["conv:c", "customer:u"] {
      let deleted = try connection.send("DEL", "\(store.shard.tag):s:\(record)")
      #expect(deleted.integer == 1)
    }
    try store.play(opening(1), on: connection)
    events.append(opening(1))
    return try AuditedRun(prefix: "fl:", start: start, events, on: connection)
  }

  @Test func anAuditThatBeginsLaterGoesOnFromWhatWasThere() async throws {
    let server = try await RedisServer.start()
    defer { server.kill() }
    let run = try await Self.laterRun(on: server.connected())
    #expect(run.start.count > 10)
    #expect(try run.violations() == [])
    var blind = run
    blind.start = [:]
    #expect(try blind.violations() != [])
  }

  private static func laterRun(on connection: isolated RedisConnection) throws -> AuditedRun {
    let store = try StoreHarness(.plain(agents: ["a": 1]), prefix: "fl:", on: connection)
    func opening(_ name: String) -> Event {
      let customer = Event.Customer(id: CustomerID(unchecked: name))
      return Event(
        shop: store.shop,
        kind: .open(
          Event.Open(
            conversation: ConversationID(unchecked: name), customer: customer, gateway: TestShop.gateway)))
    }
    let online = Event.Kind.agentOnline(agent: AgentID(unchecked: "a"), gateway: TestShop.gateway)
    for event in [Event(shop: store.shop, kind: online), opening("c1"), opening("c2")] {
      try store.play(event, on: connection)
    }
    let start = try AuditedRun.begin(prefix: "fl:", on: connection)
    let close = Event.Kind.close(conversation: ConversationID(unchecked: "c1"), by: .agent)
    let events = [opening("c3"), Event(shop: store.shop, kind: close)]
    for event in events { try store.play(event, on: connection) }
    var run = try AuditedRun(prefix: "fl:", start: start, events, on: connection)
    // What was sent before the audit began is not its business.
    run.evidence.taken["w"] = run.evidence.outboxes["w"].map { Array($0.prefix(2)) }
    return run
  }
}
