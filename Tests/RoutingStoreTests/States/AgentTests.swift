import Routing
import RoutingStore
import TestSupport
import Testing

/// Agents who come, pause, vanish and come back (routing.md, section 9), and what they hand on.
@Suite(.redis) struct AgentTests {
  @Test func anAgentBackWithinTheGraceKeepsAll() async throws {
    try await TestShop.run(.plain(agents: ["a": 2, "b": 2])) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.open("d")
      try shop.online("b")
      try shop.pass(1_000)
      let idle = try shop.value("agent a", "idle_since")
      try shop.offline("a")
      #expect(try shop.value("agent a", "status") == "offline")
      try shop.pass(14_999)
      try shop.online("a")
      try shop.pass(60_000)
      #expect(try shop.places == ["c a", "d a"])
      #expect(try shop.value("agent a", "idle_since") == idle)
      #expect(try shop.violations == [])
    }
  }

  @Test func anAgentWhoStaysAwayGivesItsConversationsToWhoHasRoom() async throws {
    try await TestShop.run(.plain(agents: ["a": 2, "b": 1])) { shop, _ in
      try shop.online("a", gateway: "desk")
      try shop.open("ordinary")
      try shop.pass(10)
      try shop.open("vip", level: 5)
      try shop.online("b")
      _ = try shop.commands()
      _ = try shop.commands("desk")
      try shop.offline("a")
      try shop.pass(14_999)
      #expect(try shop.commands() == [])
      try shop.pass(1)
      #expect(
        try shop.commands() == [
          "conversation.requeued vip to=customer reason=offline",
          "conversation.assigned vip to=customer agent=b group=g level=5 reason=requeue waited=0",
          "conversation.assigned vip to=agent agent=b group=g level=5 reason=requeue waited=0",
          "conversation.requeued ordinary to=customer reason=offline",
          "conversation.queued ordinary to=customer group=g position=1 wait=600 hidden=false",
        ])
      #expect(
        try shop.commands("desk") == [
          "conversation.requeued vip to=agent reason=offline",
          "conversation.requeued ordinary to=agent reason=offline",
        ])
      #expect(try shop.places == ["ordinary waiting g", "vip b"])
      #expect(try shop.field("agent:a", "load") == "0")
    }
  }

  @Test func theOldPlaceInTheQueueAfterTheAgentVanished() async throws {
    try await TestShop.run(.plain(agents: ["a": 1])) { shop, _ in
      try shop.online("a")
      try shop.open("first")
      let opened = shop.store.now
      try shop.pass(5)
      try shop.open("second")
      try shop.offline("a")
      try shop.pass(15_000)
      let zero: Int64 = 10 * 4_398_046_511_104
      #expect(
        try shop.line("wait g") == "wait g first@\(zero + opened) second@\(zero + opened + 5)")
      try shop.online("a")
      #expect(try shop.places == ["first a", "second waiting g"])
    }
  }

  @Test func aPauseKeepsConversationsAndStopsNewOnes() async throws {
    try await TestShop.run(.plain(agents: ["a": 2])) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pause("a")
      try shop.open("d")
      #expect(try shop.places == ["c a", "d waiting g"])
      #expect(try shop.line("ready g") == nil)
      #expect(try shop.field("group:g", "slots") == "0")
      try shop.online("a")
      #expect(try shop.places == ["c a", "d a"])
    }
  }

  @Test func aMissedHeartbeatIsGoingOffline() async throws {
    let configuration = ShopConfiguration.plain { $0.heartbeat = .seconds(30) }
    try await TestShop.run(configuration) { shop, _ in
      try shop.online("a")
      try shop.pass(20_000)
      try shop.play(.agentHeartbeat(agent: AgentID(unchecked: "a")))
      try shop.pass(30_000)
      #expect(try shop.value("agent a", "status") == "online")
      try shop.pass(1)
      #expect(try shop.value("agent a", "status") == "offline")
    }
  }

  @Test func aHeartbeatSwitchedOnCountsForAgentsWhoAreOnlineAlready() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.pass(3_600_000)
      try shop.apply(.plain { $0.heartbeat = .seconds(30) })
      try shop.pass(30_000)
      #expect(try shop.value("agent a", "status") == "online")
      try shop.pass(1)
      #expect(try shop.value("agent a", "status") == "offline")
    }
  }

  @Test func aTransferToAnAgentGoesAboveItsCapacity() async throws {
    try await TestShop.run(.plain(agents: ["a": 1, "b": 1])) { shop, _ in
      try shop.online("a", gateway: "desk")
      try shop.online("b")
      try shop.open("c")
      try shop.open("d")
      try shop.open("e")
      _ = try shop.commands()
      try shop.transfer("c", to: .to(agent: "b"))
      #expect(try shop.places == ["c b", "d b", "e a"])
      #expect(try shop.value("agent b", "load") == "2")
      #expect(try shop.value("conv c", "reason") == "transfer")
      // The freed slot took who waited.
      #expect(try shop.value("conv e", "reason") == "queue")
      #expect(try shop.violations == [])
    }
  }

  @Test func aSupervisorAssignsFromTheQueue() async throws {
    try await TestShop.run(.plain(agents: ["a": 1])) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.open("d")
      try shop.pass(2_000)
      try shop.transfer("d", to: .to(agent: "a"), by: .supervisor)
      #expect(try shop.places == ["c a", "d a"])
      #expect(try shop.value("conv d", "reason") == "manual")
      #expect(try shop.value("conv d", "waited_ms") == "2000")
    }
  }

  @Test func aTransferToAGroupKeepsThePlaceAndDoesNotComeBack() async throws {
    try await TestShop.run(.plain(agents: ["a": 2])) { shop, _ in
      try shop.online("a")
      try shop.open("c", level: 3)
      let opened = shop.store.now
      try shop.pass(1_000)
      try shop.transfer("c", to: .to(group: "g"))
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.value("conv c", "excluded") == "a")
      #expect(try shop.value("conv c", "queued_at") == "\(opened)")
      #expect(try shop.violations == [])
      // The agent who gave it away takes others meanwhile, and may have it again after dedicated.wait.
      try shop.open("d")
      try shop.pass(59_999)
      #expect(try shop.places == ["c waiting g", "d a"])
      try shop.pass(1)
      #expect(try shop.places == ["c a", "d a"])
    }
  }

  @Test func anExclusionGoesWithTheConversationFromQueueToQueue() async throws {
    let configuration = ShopConfiguration.plain(groups: ["g", "h"], agents: ["a": 2])
    try await TestShop.run(configuration) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.transfer("c", to: .to(group: "g"))
      try shop.pass(30_000)
      try shop.transfer("c", to: .to(group: "h"), by: .supervisor)
      #expect(try shop.places == ["c waiting h"])
      try shop.pass(30_000)
      #expect(try shop.places == ["c a"])
    }
  }

  @Test func whoeverWaitsBehindManyExclusionsIsServedAllTheSame() async throws {
    try await TestShop.run(.plain(agents: ["a": 50])) { shop, _ in
      try shop.online("a")
      for number in 1...40 { try shop.open("c\(number)") }
      for number in 1...40 { try shop.transfer("c\(number)", to: .to(group: "g")) }
      try shop.pause("a")
      try shop.open("behind")
      try shop.online("a")
      #expect(try shop.value("conv behind", "agent") == "a")
      #expect(try shop.violations == [])
    }
  }

  @Test func aLargeCapacityComesIntoForceInStepsOfOneHundred() async throws {
    try await TestShop.run(.plain(agents: ["a": 250])) { shop, _ in
      for number in 1...260 { try shop.open("c\(number)") }
      try shop.online("a")
      #expect(try shop.value("agent a", "load") == "100")
      #expect(try shop.value("agent a", "capacity") == "100")
      try shop.pass(0)
      #expect(try shop.value("agent a", "load") == "250")
      #expect(try shop.value("group g", "slots") == "250")
      #expect(try shop.line("due capacity:s:a") == nil)
      #expect(try shop.violations == [])
    }
  }

  @Test func aConfigurationForALargeAgentWhoIsAwaySetsNoTimer() async throws {
    try await TestShop.run(.plain(agents: ["a": 250])) { shop, _ in
      try shop.online("a")
      try shop.pass(0)
      try shop.pause("a")
      try shop.apply(.plain(agents: ["a": 350]))
      #expect(try shop.line("due capacity:s:a") == nil)
      #expect(try shop.value("agent a", "capacity") == "350")
      try shop.online("a")
      #expect(try shop.value("agent a", "capacity") == "100")
      try shop.pass(0)
      #expect(try shop.value("agent a", "capacity") == "350")
    }
  }
}
