import Routing
import RoutingStore
import TestSupport
import Testing

/// Waiting, and what the customer is told of it (routing.md, section 6).
@Suite(.redis) struct QueueTests {
  @Test func theServiceOrderIsLevelThenArrivalAlsoWithinOneMillisecond() async throws {
    try await TestShop.run { shop, _ in
      for (name, level) in [("z", 0), ("m", 5), ("y", 0), ("a", 0), ("b", 5)] {
        try shop.open(name, level: level)
      }
      let now = shop.store.now
      let band: (Int64) -> Int64 = { (10 - $0) * 4_398_046_511_104 + now }
      #expect(
        try shop.line("wait g")
          == "wait g m@\(band(5)) b@\(band(5) + 1) z@\(band(0)) y@\(band(0) + 1) a@\(band(0) + 2)")
      #expect(try shop.value("conv a", "opened_at") == "\(now)")
    }
  }

  @Test func aCustomersNumberDoesNotGrowWhenAVipComes() async throws {
    try await TestShop.run(.plain(agents: ["a": 1])) { shop, _ in
      try shop.online("a")
      for name in ["served", "one", "two"] { try shop.open(name) }
      #expect(
        try shop.commands().suffix(2) == [
          "conversation.queued one to=customer group=g position=1 wait=600 hidden=false",
          "conversation.queued two to=customer group=g position=2 wait=1200 hidden=false",
        ])
      try shop.open("vip", level: 5)
      try shop.status("two")
      #expect(
        try shop.commands() == [
          "conversation.queued vip to=customer group=g position=1 wait=600 hidden=false",
          "conversation.queued two to=customer group=g position=2 wait=1800 hidden=false",
        ])
    }
  }

  @Test func fiftyOneWaitingHidesTheNumberAndFiftyDoesNot() async throws {
    let configuration = ShopConfiguration.plain(agents: ["a": 100]) {
      $0.change { $0.queue.handleTime = .fixed(.seconds(1)) }
    }
    try await TestShop.run(configuration) { shop, _ in
      try shop.online("a")
      for number in 1...150 { try shop.open("c\(number)") }
      #expect(
        try shop.commands().last
          == "conversation.queued c150 to=customer group=g position=50 wait=1 hidden=false")
      try shop.open("c151")
      #expect(try shop.commands() == ["conversation.queued c151 to=customer group=g hidden=true"])
    }
  }

  @Test func thirtyMinutesExactlyAreToldAndMoreIsNot() async throws {
    try await TestShop.run(.plain(agents: ["a": 1])) { shop, _ in
      try shop.online("a")
      for name in ["served", "one", "two", "three"] { try shop.open(name) }
      #expect(
        try shop.commands().last
          == "conversation.queued three to=customer group=g position=3 wait=1800 hidden=false")
      try shop.open("four")
      #expect(try shop.commands() == ["conversation.queued four to=customer group=g hidden=true"])
    }
  }

  @Test func withoutASlotNoNumberIsTold() async throws {
    try await TestShop.run { shop, _ in
      try shop.open("c")
      #expect(try shop.commands() == ["conversation.queued c to=customer group=g hidden=true"])
      try shop.online("a")
      try shop.open("d")
      try shop.pause("a")
      try shop.status("d")
      #expect(try shop.commands().last == "conversation.queued d to=customer group=g hidden=true")
    }
  }

  @Test func theEstimateIsRoundedUpAndSharedAmongAllSlots() async throws {
    let configuration = ShopConfiguration.plain(agents: ["a": 2, "b": 1]) {
      $0.change { $0.queue.handleTime = .fixed(.seconds(10)) }
    }
    try await TestShop.run(configuration) { shop, _ in
      try shop.online("a", "b")
      for number in 1...5 { try shop.open("c\(number)") }
      #expect(
        try shop.commands().suffix(2) == [
          "conversation.queued c4 to=customer group=g position=1 wait=4 hidden=false",
          "conversation.queued c5 to=customer group=g position=2 wait=7 hidden=false",
        ])
    }
  }

  @Test func twoThousandOpensAtFiftyAgentsOfCapacityTen() async throws {
    var configuration = ShopConfiguration.plain(agents: [:])
    for agent in 1...50 { configuration.set("a\(agent)", 10, ["g"]) }
    configuration.change { $0.queue.limit = 10_000 }
    try await TestShop.run(configuration) { shop, _ in
      for agent in 1...50 { try shop.online("a\(agent)") }
      for number in 1...2_000 { try shop.open("c\(number)") }
      let lines = try shop.look().lines
      #expect(lines.count { $0.hasPrefix("agent ") && $0.contains(" load=10 ") } == 50)
      #expect(lines.count { $0.contains("state=active") } == 500)
      #expect(lines.count { $0.contains("state=waiting") } == 1_500)
      #expect(try shop.field("group:g", "online") == "50")
      #expect(try shop.field("group:g", "slots") == "500")
      #expect(try shop.line("ready g") == nil)
      #expect(try shop.violations == [])
      // Who came first is served first, whoever becomes free.
      try shop.close("c77")
      try shop.close("c500")
      #expect(try shop.value("conv c501", "state") == "active")
      #expect(try shop.value("conv c502", "state") == "active")
      #expect(try shop.value("conv c503", "state") == "waiting")
    }
  }
}
