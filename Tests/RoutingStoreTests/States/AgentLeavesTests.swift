import Routing
import TestSupport
import Testing

/// An agent goes (routing.md, section 9); what the plain cases are stands in AgentTests.
@Suite(.redis) struct AgentLeavesTests {
  private static func shop(_ more: String = "", _ group: String = "") -> String {
    """
    shop: s
    \(more.isEmpty ? "offline_grace: 10s" : more)
    groups: {g: {\(group)}}
    agents: {a: {groups: [g], capacity: 2}, b: {groups: [g], capacity: 1}}
    supervisor: {gateway: desk}
    """
  }

  @Test func theConversationReturnsWithTheLevelAndPlaceThatItHadFirst() async throws {
    let group = "queue: {overflow: [{after: 60s, level: \"+2\"}]}"
    try await TestShop.run(yaml: Self.shop("", group)) { shop, _ in
      try shop.online("b")
      try shop.open("busy")
      try shop.open("c", level: 1)
      let first = try shop.field("conv:c", "queued_at") ?? ""
      try shop.pass(130_000)
      #expect(try shop.fields("conv:c", "level", "steps") == "3 1")
      try shop.online("a")
      #expect(try shop.fields("conv:c", "agent", "level", "steps") == "a 3 -")
      try shop.open("later", level: 1)
      try shop.open("latest", level: 1)
      #expect(try shop.places == ["busy b", "c a", "later a", "latest waiting g"])
      _ = try shop.take()
      try shop.offline("a")
      try shop.pass(9_999)
      #expect(try shop.field("conv:c", "state") == "active")
      try shop.pass(1)
      #expect(try shop.fields("conv:c", "state", "level", "queued_at", "steps") == "waiting 1 \(first) -")
      #expect(
        try shop.names("conv:c").isDisjoint(with: [
          "agent", "assigned_at", "units", "reason", "waited_ms", "answered_at",
        ]))
      #expect(try shop.commands().contains("conversation.requeued c to=customer reason=offline"))
      try shop.close("busy")
      #expect(try shop.places == ["c b", "later waiting g", "latest waiting g"])
      #expect(try shop.counts("agent", "a", "requeued", "assigned") == [2, 2])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whereThereIsRoomItIsAssignedAgainAtOnce() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.online("b")
      try shop.offline("a")
      try shop.pass(10_000)
      #expect(try shop.fields("conv:c", "agent", "reason") == "b requeue")
    }
  }

  @Test func fifteenSecondsOfGraceUnlessTheShopSaysOtherwise() async throws {
    try await TestShop.run(yaml: Self.shop("bad_rating: 2")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.offline("a")
      try shop.pass(14_999)
      #expect(try shop.places == ["c a"])
      try shop.pass(1)
      #expect(try shop.places == ["c waiting g"])
    }
  }

  @Test func whoIsHandedOffKeepsThePlaceOfTheHandoff() async throws {
    let yaml = """
      shop: s
      default: {mode: bot-first}
      groups: {g: {}}
      agents: {a: {groups: [g], capacity: 2}, b: {groups: [g], capacity: 1}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.open("early")
      try shop.pass(30_000)
      try shop.open("c")
      try shop.handOff("c")
      try shop.pass(30_000)
      // It talked with the assistant for a minute before it asked for a person.
      try shop.handOff("early")
      #expect(try shop.places == ["c a", "early a"])
      let asked = shop.store.now
      try shop.offline("a")
      try shop.pass(15_000)
      #expect(try shop.fields("conv:early", "state", "queued_at") == "waiting \(asked)")
      try shop.online("b")
      #expect(try shop.places == ["c b", "early waiting g"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aPausedAgentKeepsWhatItHasAndComesBackToWhatWaits() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pause("a")
      try shop.open("d")
      #expect(try shop.places == ["c a", "d waiting g"])
      #expect(try shop.fields("group:g", "online", "paused", "slots") == "0 1 0")
      try shop.pass(3_600_000)
      #expect(try shop.places == ["c a", "d waiting g"])
      // From a pause an agent may go, and gives up what it has.
      try shop.offline("a")
      #expect(try shop.fields("group:g", "online", "paused") == "0 0")
      try shop.online("a")
      #expect(try shop.places == ["c a", "d a"])
      #expect(try shop.fields("group:g", "online", "paused", "slots") == "1 0 2")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func anAgentWithoutASignOfLifeIsOffline() async throws {
    try await TestShop.run(yaml: Self.shop("offline_grace: 10s\nheartbeat: 30s")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pass(20_000)
      try shop.beat("a")
      try shop.pass(30_000)
      #expect(try shop.field("agent:a", "status") == "online")
      try shop.pass(1)
      #expect(try shop.field("agent:a", "status") == "offline")
      // Back within the grace time: nothing happened.
      try shop.pass(9_000)
      try shop.online("a")
      try shop.pass(5_000)
      #expect(try shop.places == ["c a"])
      try shop.pass(30_001)
      #expect(try shop.places == ["c a"])
      try shop.pass(10_000)
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aPausedAgentHasToGiveSignsOfLifeToo() async throws {
    try await TestShop.run(yaml: Self.shop("offline_grace: 10s\nheartbeat: 30s")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pause("a")
      try shop.pass(30_001)
      #expect(try shop.field("agent:a", "status") == "offline")
      #expect(try shop.fields("group:g", "online", "paused") == "0 0")
      try shop.pass(10_000)
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func withoutAGraceTimeConversationsReturnAtOnce() async throws {
    try await TestShop.run(yaml: Self.shop("offline_grace: 0")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.offline("a")
      try shop.pass(0)
      #expect(try shop.places == ["c waiting g"])
      try shop.online("a")
      #expect(try shop.places == ["c a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whatEndsDuringTheGraceTimeDoesNotReturn() async throws {
    try await TestShop.run(yaml: Self.shop("", "response_alert: 1s, wrap_up: 1m")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.open("d")
      try shop.say("d", .customer)
      try shop.pass(1_000)
      #expect(try shop.field("agent:a", "slow") == "1")
      try shop.offline("a")
      try shop.close("c", by: .customer)
      #expect(try shop.fields("agent:a", "load", "used") == "1 2")
      try shop.pass(10_000)
      #expect(try shop.places == ["d waiting g"])
      #expect(try shop.fields("conv:d", "slow", "unanswered_since", "response_alert") == "- - -")
      #expect(try shop.fields("agent:a", "load", "used", "slow") == "0 1 0")
      try shop.online("a")
      #expect(try shop.places == ["d a"])
      try shop.pass(60_000)
      #expect(try shop.fields("agent:a", "load", "used") == "1 1")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
