import Routing
import RoutingStore
import TestSupport
import Testing

/// A configuration comes into force while customers are being served.
@Suite(.redis) struct ConfigurationTests {
  @Test func raisedCapacityDrainsTheQueue() async throws {
    try await TestShop.run(.plain(agents: ["a": 1])) { shop, _ in
      try shop.online("a")
      for number in 1...4 { try shop.open("c\(number)") }
      try shop.apply(.plain(agents: ["a": 3]))
      #expect(try shop.places == ["c1 a", "c2 a", "c3 a", "c4 waiting g"])
      #expect(try shop.violations == [])
    }
  }

  @Test func loweredCapacityTakesNothingAwayAndGivesNothingNew() async throws {
    try await TestShop.run(.plain(agents: ["a": 3])) { shop, _ in
      try shop.online("a")
      for number in 1...4 { try shop.open("c\(number)") }
      // Without settling: the first event that touches the agent brings it up to date.
      try shop.apply(.plain(agents: ["a": 1]), settled: false)
      try shop.close("c1")
      try shop.close("c2")
      #expect(try shop.places == ["c3 a", "c4 waiting g"])
      try shop.close("c3")
      #expect(try shop.places == ["c4 a"])
    }
  }

  @Test func anAgentTakenOutOfTheConfigurationGoesWithGrace() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.apply(.plain(agents: ["b": 1]))
      #expect(try shop.value("agent a", "status") == "offline")
      #expect(try shop.places == ["c a"])
      try shop.pass(15_000)
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.line("agent a") == nil)
      try shop.online("a")
      #expect(try shop.commands().last == "event.rejected")
    }
  }

  @Test func anAgentTakenOutIsForgottenAlsoWhenItsLastConversationEndsBefore() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.apply(.plain(agents: ["b": 1]))
      try shop.close("c")
      try shop.pass(15_000)
      #expect(try shop.line("agent a") == nil)
    }
  }

  @Test func aGroupTakenOutSendsItsQueueToTheDefaultGroupAtItsOldPlace() async throws {
    let both = ShopConfiguration.plain(groups: ["g", "h"], agents: [:]) {
      $0.set("a", 1, ["g"])
      $0.set("b", 1, ["h"])
    }
    try await TestShop.run(both) { shop, _ in
      try shop.online("a")
      try shop.open("served")
      try shop.open("old", group: "h")
      let opened = shop.store.now
      try shop.pass(10)
      try shop.open("young", group: "g")
      try shop.apply(.plain(agents: ["a": 1]))
      let zero: Int64 = 10 * 4_398_046_511_104
      #expect(
        try shop.line("wait g") == "wait g old@\(zero + opened) young@\(zero + opened + 10)")
      #expect(try shop.line("group h") == nil)
      #expect(try shop.violations == [])
    }
  }

  @Test func whoWaitedForOneAgentInAGroupTakenOutIsGivenToWhoeverIsFree() async throws {
    let before = """
      shop: s
      default: {group: h}
      groups: {g: {}, h: {}}
      agents: {own: {groups: [g]}, z: {groups: [h]}}
      """
    let after = "shop: s\ngroups: {h: {}}\nagents: {own: {groups: [h]}, z: {groups: [h]}}"
    try await TestShop.run(yaml: before) { shop, _ in
      try shop.online("z")
      try shop.update("u", dedicated: .set(AgentID(unchecked: "own")))
      try shop.arrive("c", customer: "u", group: "g")
      #expect(try shop.fields("conv:c", "state", "only") == "waiting own")
      try shop.apply(ShopConfiguration.parse(after, file: "after.yaml"))
      #expect(try shop.fields("conv:c", "agent", "group", "reason") == "z h queue")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aHandoffInAGroupThatIsGoneGoesToTheDefaultGroup() async throws {
    let both = ShopConfiguration.plain(groups: ["g", "h"]) { $0.defaultMode = .botFirst }
    try await TestShop.run(both) { shop, _ in
      try shop.open("c", group: "h")
      try shop.apply(.plain())
      try shop.handOff("c")
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.line("group h") == nil)
    }
  }

  @Test func aGroupJustAddedIsKnownToTheNextEvent() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.apply(.plain(groups: ["g", "h"]), settled: false)
      // The worker remembers the old configuration, under which there is no such group.
      try shop.transfer("c", to: .to(group: "h"))
      #expect(try shop.value("conv c", "group") == "h")
      #expect(try shop.look().lines.contains("dead 0"))
    }
  }

  @Test func theSameDocumentChangesNothing() async throws {
    try await TestShop.run { shop, connection in
      let keys = shop.store.shard
      let configuration = ShopConfiguration.plain()
      let first = try Configurations.apply(configuration, document: "x", shard: keys, on: connection)
      let second = try Configurations.apply(configuration, document: "x", shard: keys, on: connection)
      #expect(first == .applied(version: 2))
      #expect(second == .unchanged(version: 2))
      let stored = try Configurations.read(configuration.shop, shard: keys, on: connection)
      #expect(stored?.document == "x")
      #expect(stored?.settled == 1)
    }
  }

  @Test func theAgentsWordIsWatchedAfterTheConversationWaitedInBetween() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.say("c", .agent)
      try shop.offline("a")
      // The idle timer fires while it waits; the next agent's word sets it again.
      try shop.pass(600_000)
      try shop.online("b")
      try shop.say("c", .agent)
      try shop.pass(600_000)
      #expect(try shop.value("conv c", "close_reason") == "idle")
    }
  }

  @Test func theAgentsWordIsWatchedAfterAnAssistantWhoWasNot() async throws {
    let unwatched = ShopConfiguration.plain {
      $0.defaultMode = .botFirst
      $0.change { $0.idleTimeout = .zero }
    }
    try await TestShop.run(unwatched) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.handOff("c")
      try shop.apply(.plain())
      try shop.say("c", .agent)
      try shop.pass(600_000)
      #expect(try shop.value("conv c", "close_reason") == "idle")
    }
  }
}
