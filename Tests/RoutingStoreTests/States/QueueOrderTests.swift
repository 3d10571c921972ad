import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// Who comes before whom, and who may wait at all (routing.md, section 6).
@Suite(.redis) struct QueueOrderTests {
  private static func shop(_ queue: String, more: String = "") -> String {
    """
    shop: s
    supervisor: {gateway: desk}
    \(more)
    groups: {g: {queue: {\(queue)}}, h: {}}
    agents:
      a: {groups: [g], capacity: 1}
      z: {groups: [h], capacity: 1}
    """
  }

  @Test func strictlyTheLevelComesBeforeAnyWaiting() async throws {
    try await TestShop.run(yaml: Self.shop("order: strict")) { shop, _ in
      try shop.arrive("old")
      try shop.pass(3_600_000)
      try shop.arrive("vip", level: 1)
      #expect(try shop.list("wait:g") == ["vip", "old"])
      try shop.online("a")
      #expect(try shop.places == ["old waiting g", "vip a"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func withCreditALevelIsWorthNinetySeconds() async throws {
    try await TestShop.run(yaml: Self.shop("order: credit")) { shop, _ in
      try shop.arrive("early")
      try shop.pass(1)
      try shop.arrive("later")
      try shop.pass(90_000)
      try shop.arrive("vip", level: 1)
      // 90.001 s after early, 90 s after later: ahead of the one, level in time with the other, whose id is less.
      #expect(try shop.list("wait:g") == ["early", "later", "vip"])
      try shop.arrive("vip2", level: 2)
      #expect(try shop.list("wait:g") == ["vip2", "early", "later", "vip"])
      try shop.online("a")
      #expect(try shop.field("conv:vip2", "agent") == "a")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aLevelIsWorthWhatTheShopSays() async throws {
    try await TestShop.run(yaml: Self.shop("order: credit, credit: 10s")) { shop, _ in
      try shop.arrive("early")
      try shop.pass(30_001)
      try shop.arrive("vip", level: 3)
      #expect(try shop.list("wait:g") == ["early", "vip"])
      try shop.arrive("better", level: 4)
      #expect(try shop.list("wait:g") == ["better", "early", "vip"])
      let score = try shop.redis("ZSCORE", "\(shop.store.shard.tag):s:wait:g", "better").integer
      #expect(score == shop.store.now - 40_000)
    }
  }

  @Test func withCreditTooThePositionIsAmongTheOwnLevelOnly() async throws {
    let yaml = Self.shop("order: credit, hide: {wait: 10h}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("held")
      for id in ["c1", "c2"] { try shop.arrive(id) }
      try shop.arrive("v1", level: 3)
      try shop.arrive("v2", level: 3)
      _ = try shop.commands()
      try shop.status("c2")
      try shop.status("v2")
      #expect(
        try shop.commands() == [
          "conversation.queued c2 to=customer group=g position=2 wait=2400 hidden=false",
          "conversation.queued v2 to=customer group=g position=2 wait=1200 hidden=false",
        ])
      try shop.close("held")
      #expect(try shop.places == ["c1 waiting g", "c2 waiting g", "v1 a", "v2 waiting g"])
      try shop.status("v2")
      #expect(try shop.commands().last?.contains("position=1 wait=600") == true)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func anotherOrderPutsThoseWhoWaitAnew() async throws {
    let strict = Self.shop("order: strict")
    let credit = Self.shop("order: credit, credit: 1m")
    try await TestShop.run(yaml: strict) { shop, _ in
      try shop.arrive("old")
      try shop.pass(120_000)
      try shop.arrive("vip", level: 1)
      #expect(try shop.list("wait:g") == ["vip", "old"])
      try shop.apply(try .parse(credit, file: "shop.yaml"))
      #expect(try shop.list("wait:g") == ["old", "vip"])
      #expect(try shop.list("level:g:1") == ["vip"])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.apply(try .parse(credit.replacing("1m", with: "5m"), file: "shop.yaml"))
      #expect(try shop.list("wait:g") == ["vip", "old"])
      try shop.apply(try .parse(strict, file: "shop.yaml"))
      #expect(try shop.list("level:g:1") == [])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aDisabledQueueGivesTheAssistant() async throws {
    try await TestShop.run(yaml: Self.shop("enabled: false")) { shop, _ in
      try shop.online("a")
      try shop.arrive("held")
      try shop.arrive("c")
      #expect(try shop.places == ["c bot", "held a"])
      #expect(try shop.alerts() == [])
    }
  }

  @Test func aFullQueueRejectsWhereOnlyAPersonWillDo() async throws {
    let yaml = Self.shop("limit: 2", more: "default: {mode: human-only}\ntexts: {no_agent: sorry}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      for id in ["held", "c1", "c2"] { try shop.arrive(id) }
      #expect(try shop.list("wait:g") == ["c1", "c2"])
      #expect(try shop.alerts() == [])
      _ = try shop.replies()
      try shop.arrive("c3")
      #expect(try shop.replies() == ["busy sorry"])
      #expect(try shop.field("conv:c3", "close_reason") == "rejected")
      #expect(try shop.field("conv:c3", "closed_by") == "system")
      #expect(try shop.alerts() == ["queue_full c3 g"])
      #expect(try shop.counted("group", "g", "rejected") == 1)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func nobodyOnlineMeansWaitingUnlessTheShopSaysOtherwise() async throws {
    try await TestShop.run(yaml: Self.shop("limit: 9")) { shop, _ in
      try shop.arrive("c")
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.alerts() == ["no_agents c g"])
    }
  }

  @Test func nobodyOnlineMeansTheAssistantWhereTheShopSaysSo() async throws {
    try await TestShop.run(yaml: Self.shop("when_empty: fallback")) { shop, _ in
      try shop.arrive("c1")
      #expect(try shop.places == ["c1 bot"])
      // Who pauses counts as online.
      try shop.online("a")
      try shop.pause("a")
      try shop.arrive("c2")
      #expect(try shop.places == ["c1 bot", "c2 waiting g"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aFullQueueGoesToTheOverflowGroupsFirst() async throws {
    let yaml = Self.shop("limit: 0, overflow: [{after: 1m, to: [h]}]")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("z")
      try shop.arrive("c1")
      #expect(try shop.places == ["c1 z"])
      #expect(try shop.field("conv:c1", "reason") == "overflow")
      #expect(try shop.field("conv:c1", "group") == "h")
      // Nobody has room: it waits there.
      try shop.arrive("c2")
      #expect(try shop.places == ["c1 z", "c2 waiting h"])
      #expect(try shop.counted("group", "h", "overflowed") == 2)
      try shop.close("c1")
      #expect(try shop.places == ["c2 z"])
      #expect(try shop.field("conv:c2", "reason") == "queue")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func nobodyOnlineMeansTheOverflowGroupsOrARejection() async throws {
    let queue = "when_empty: fallback, overflow: [{after: 1m, to: [h]}]"
    try await TestShop.run(yaml: Self.shop(queue, more: "default: {mode: human-only}")) { shop, _ in
      // Nobody anywhere, but h lets people wait.
      try shop.arrive("c1")
      #expect(try shop.places == ["c1 waiting h"])
      try shop.online("z")
      #expect(try shop.places == ["c1 z"])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.apply(
        try .parse(Self.shop("when_empty: fallback", more: "default: {mode: human-only}"), file: "s"))
      try shop.arrive("c2")
      #expect(try shop.field("conv:c2", "close_reason") == "rejected")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }
}
