import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// One conversation from open to close, as routing.md says (sections 1, 3, 4, 8, 10).
@Suite(.redis) struct ReceptionTests {
  @Test func theLeastLoadedAgentGetsTheNextCustomer() async throws {
    try await TestShop.run(.plain(agents: ["a": 4, "b": 2])) { shop, _ in
      try shop.online("a", "b")
      for number in 1...6 { try shop.open("c\(number)") }
      // By share of capacity: a 0/4, b 0/2, a 1/4, a 2/4 ties with b 1/2 and b has been idle for as long.
      #expect(try shop.places == ["c1 a", "c2 b", "c3 a", "c4 a", "c5 b", "c6 a"])
      #expect(try shop.violations == [])
    }
  }

  @Test func theAgentIdleForLongestGetsTheNextCustomer() async throws {
    let configuration = ShopConfiguration.plain(agents: ["a": 9, "b": 9]) {
      $0.change { $0.strategy = .longestIdle }
    }
    try await TestShop.run(configuration) { shop, _ in
      try shop.online("b")
      try shop.pass(10)
      try shop.online("a")
      try shop.open("c1")
      try shop.pass(10)
      try shop.open("c2")
      try shop.pass(10)
      try shop.open("c3")
      #expect(try shop.places == ["c1 b", "c2 a", "c3 b"])
    }
  }

  @Test func agentsAreServedInTurn() async throws {
    let configuration = ShopConfiguration.plain(agents: ["a": 9, "b": 9, "c": 9]) {
      $0.change { $0.strategy = .roundRobin }
    }
    try await TestShop.run(configuration) { shop, _ in
      try shop.online("c", "a", "b")
      for number in 1...6 {
        try shop.open("c\(number)")
        try shop.pass(3)
      }
      #expect(try shop.places == ["c1 c", "c2 a", "c3 b", "c4 c", "c5 a", "c6 b"])
    }
  }

  @Test func aFreedSlotTakesTheBestWaitingConversationOverAllGroupsOfTheAgent() async throws {
    try await TestShop.run(.plain(groups: ["g", "h"], agents: ["a": 1])) { shop, _ in
      try shop.online("a")
      try shop.open("first")
      try shop.open("ordinary", group: "g")
      try shop.pass(1_000)
      try shop.open("vip", group: "h", level: 5)
      try shop.open("other", group: "h")
      _ = try shop.commands()
      try shop.close("first")
      #expect(try shop.places == ["ordinary waiting g", "other waiting h", "vip a"])
      #expect(
        try shop.commands() == [
          "conversation.closed first to=customer reason=agent by=agent",
          "conversation.closed first to=agent reason=agent by=agent",
          "conversation.assigned vip to=customer agent=a group=h level=5 reason=queue waited=0",
          "conversation.assigned vip to=agent agent=a group=h level=5 reason=queue waited=0",
        ])
      try shop.close("vip")
      try shop.close("ordinary")
      #expect(try shop.places == ["other a"])
      #expect(try shop.violations == [])
    }
  }

  @Test func anOrdinaryReceptionFromOpenToClose() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.pass(100)
      try shop.open("c")
      let now = store(shop)
      #expect(
        try Self.record("conv:c", shop) == [
          "agent": "a", "customer": "u-c", "gateway": "w", "group": "g", "level": "0", "opened_at": "\(now)",
          "reason": "group", "state": "active",
        ])
      #expect(
        try Self.record("agent:a", shop) == [
          "capacity": "1", "gateway": "w", "groups": "g:least-loaded:5:-", "idle_since": "\(now)",
          "load": "1",
          "online_at": "\(now - 100)", "ramp_at": "\(now - 100)", "spread": "g:1",
          "status": "online",
          "target": "1", "used": "1", "version": "1", "weight": "1",
        ])
      try shop.pass(5_000)
      try shop.close("c", by: .customer)
      #expect(
        try Self.record("conv:c", shop) == [
          "agent": "a", "closed_at": "\(now + 5_000)", "closed_by": "customer", "customer": "u-c",
          "gateway": "w", "group": "g", "level": "0", "opened_at": "\(now)", "reason": "group",
          "state": "closed",
        ])
      #expect(try shop.field("agent:a", "load") == "0")
      #expect(try shop.field("agent:a", "idle_since") == "\(now + 5_000)")
    }
  }

  /// All fields of a record but the words of its decisions.
  private static func record(_ key: String, _ shop: TestShop) throws -> [String: String] {
    let texts = try shop.redis("HGETALL", "\(shop.store.shard.tag):s:\(key)").array?.compactMap(\.text) ?? []
    var record: [String: String] = [:]
    for index in stride(from: 0, to: texts.count - 1, by: 2) where !texts[index].hasPrefix("why") {
      record[texts[index]] = texts[index + 1]
    }
    return record
  }

  private func store(_ shop: TestShop) -> Int64 { shop.store.now }

  @Test func lateEventsForAClosedConversationAreIgnored() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      try shop.close("c")
      let before = try shop.look().lines.filter { !$0.hasPrefix("position") }
      _ = try shop.commands()
      try shop.say("c", .customer)
      try shop.handOff("c")
      try shop.transfer("c", to: .to(agent: "b"))
      try shop.close("c", by: .customer)
      #expect(try shop.look().lines.filter { !$0.hasPrefix("position") } == before)
      #expect(try shop.commands() == [])
      try shop.status("c")
      #expect(try shop.commands() == ["conversation.closed c to=customer reason=agent by=agent"])
    }
  }

  @Test func reopeningAClosedIdIsANewReception() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.open("c", level: 3)
      try shop.play(.rate(conversation: ConversationID(unchecked: "c"), score: 5, comment: "ok"))
      try shop.close("c")
      #expect(try shop.redis("PTTL", shop.store.shard.tag + ":s:conv:c").integer ?? -1 > 0)
      try shop.pass(1_000)
      try shop.open("c")
      let now = shop.store.now
      // The customer's level is remembered, the rating is not the new reception's, and it does not expire.
      #expect(
        try Self.record("conv:c", shop) == [
          "agent": "a", "customer": "u-c", "gateway": "w", "group": "g", "level": "3", "opened_at": "\(now)",
          "reason": "returning", "state": "active",
        ])
      #expect(try shop.redis("PTTL", shop.store.shard.tag + ":s:conv:c").integer == -1)
    }
  }

  @Test func openingAgainOnlyRepeatsTheStatus() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.open("c")
      let before = try shop.look().lines.filter { !$0.hasPrefix("position") }
      _ = try shop.commands()
      try shop.open("c")
      #expect(try shop.look().lines.filter { !$0.hasPrefix("position") } == before)
      #expect(
        try shop.commands() == [
          "conversation.assigned c to=customer agent=a group=g level=0 reason=group waited=0"
        ])
      // From another gateway: commands go there from now on.
      try shop.open("c", gateway: "w2")
      #expect(try shop.value("conv c", "gateway") == "w2")
      // For another customer: refused.
      try shop.open("c", customer: "somebody")
      #expect(try shop.commands() == ["event.rejected c"])
      #expect(try shop.value("conv c", "customer") == "u-c")
    }
  }

  @Test func theLevelComesFromWhereTheShopSays() async throws {
    let configuration = ShopConfiguration.plain { $0.levels.source = .paramThenAttribute }
    try await TestShop.run(configuration) { shop, _ in
      try shop.open("vip", vip: true)
      try shop.open("told", level: 7, vip: true)
      try shop.open("beyond", level: 99)
      try shop.open("param", level: 7, params: ["level": "2"])
      try shop.open("unreadable", level: 7, params: ["level": "gold"])
      let levels = try ["vip", "told", "beyond", "param", "unreadable"].map {
        try shop.value("conv \($0)", "level")
      }
      #expect(levels == ["5", "7", "10", "2", "7"])
    }
  }

  @Test func theQueueFullGivesTheAssistantOrARejection() async throws {
    let configuration = ShopConfiguration.plain { $0.change { $0.queue.limit = 1 } }
    try await TestShop.run(configuration) { shop, _ in
      try shop.open("waits")
      try shop.open("assisted")
      var only = configuration
      only.defaultMode = .humanOnly
      try shop.apply(only)
      try shop.open("refused")
      #expect(try shop.places == ["assisted bot", "waits waiting g"])
      #expect(try shop.value("conv refused", "close_reason") == "rejected")
      #expect(try shop.commands().last == "conversation.closed refused to=customer reason=rejected by=system")
      // The queue is free again, and the customer asks for a person.
      try shop.close("waits", by: .customer)
      #expect(try shop.value("conv waits", "close_reason") == "abandoned")
      try shop.handOff("assisted")
      #expect(try shop.places == ["assisted waiting g"])
    }
  }

  @Test func theAssistantComesFirstWhereTheShopSays() async throws {
    let configuration = ShopConfiguration.plain { $0.defaultMode = .botFirst }
    try await TestShop.run(configuration) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      #expect(try shop.places == ["c bot"])
      try shop.handOff("c")
      #expect(try shop.places == ["c a"])
      var never = configuration
      never.defaultMode = .botOnly
      try shop.apply(never)
      try shop.open("d")
      try shop.handOff("d")
      #expect(try shop.places == ["c a", "d bot"])
    }
  }

  @Test func aSilentCustomerIsClosedAsIdle() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.open("next")
      try shop.say("c", .agent)
      try shop.pass(300_000)
      try shop.say("c", .customer)
      try shop.pass(3_600_000)
      #expect(try shop.places == ["c a", "next waiting g"])
      try shop.say("c", .agent)
      try shop.pass(300_000)
      try shop.say("c", .agent)
      try shop.pass(599_999)
      _ = try shop.commands()
      #expect(try shop.places == ["c a", "next waiting g"])
      try shop.pass(1)
      #expect(try shop.places == ["next a"])
      #expect(
        try shop.commands().prefix(2) == [
          "conversation.closed c to=customer reason=idle by=system",
          "conversation.closed c to=agent reason=idle by=system",
        ])
    }
  }
}
