import Routing
import TestSupport
import Testing

/// What is counted, fact by fact (routing.md, "What is counted"): each in its shop, group and agent.
@Suite(.redis) struct CountedTests {
  private static let yaml = """
    shop: s
    groups:
      g: {service_level: 10s, response_alert: 1m, answer_within: 0, queue: {limit: 2, handle_time: 1m, overflow: [{after: 1h, to: [h]}]}}
      h: {}
    agents: {a: {groups: [g], capacity: 1}, b: {groups: [g], capacity: 1}, z: {groups: [h], capacity: 1}}
    return: {window: 0}
    """

  /// A counter of the shop, the group and the agent.
  private func everywhere(_ shop: TestShop, _ counter: String, _ group: String = "g", _ agent: String = "a")
    throws -> [Int]
  {
    [
      try shop.counted("shop", "", counter), try shop.counted("group", group, counter),
      try shop.counted("agent", agent, counter),
    ]
  }

  @Test func anAnsweredReceptionInFigures() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pass(10_000)
      try shop.say("c", .agent)
      try shop.pass(5_000)
      try shop.say("c", .agent)
      try shop.pass(15_000)
      try shop.close("c", by: .customer)
      try shop.rate("c", 4)
      #expect(try everywhere(shop, "opened") == [1, 1, 0])
      #expect(try everywhere(shop, "assigned") == [1, 1, 1])
      #expect(try everywhere(shop, "assigned:sum") == [0, 0, 0])
      #expect(try everywhere(shop, "assigned:b0") == [1, 1, 1])
      #expect(try everywhere(shop, "answered") == [1, 1, 1])
      #expect(try everywhere(shop, "answered:sum") == [10_000, 10_000, 10_000])
      // floor(2·log2(10001)) = 26
      #expect(try everywhere(shop, "answered:b26") == [1, 1, 1])
      // At the service level exactly is in time.
      #expect(try everywhere(shop, "in_time") == [1, 1, 1])
      #expect(try everywhere(shop, "closed") == [1, 1, 1])
      #expect(try everywhere(shop, "closed_customer") == [1, 1, 1])
      #expect(try everywhere(shop, "handled") == [1, 1, 1])
      #expect(try everywhere(shop, "handled:sum") == [30_000, 30_000, 30_000])
      #expect(try everywhere(shop, "rated") == [1, 1, 1])
      #expect(try everywhere(shop, "rated:sum") == [4, 4, 4])
      #expect(try everywhere(shop, "rated_4") == [1, 1, 1])
      #expect(try everywhere(shop, "queued") == [0, 0, 0])
    }
  }

  @Test func anAnswerAfterTheServiceLevelIsNotInTime() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pass(10_001)
      try shop.say("c", .agent)
      #expect(try everywhere(shop, "answered") == [1, 1, 1])
      #expect(try everywhere(shop, "in_time") == [0, 0, 0])
    }
    let byDefault = Self.yaml.replacing("service_level: 10s, ", with: "")
    try await TestShop.run(yaml: byDefault, "serviceLevelDefault") { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      try shop.open("d")
      try shop.pass(30_000)
      try shop.say("c", .agent)
      try shop.pass(1)
      try shop.say("d", .agent)
      #expect(try shop.counts("group", "g", "answered", "in_time") == [2, 1])
    }
  }

  @Test func aWaitInFiguresAndTheErrorOfItsEstimate() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("served")
      try shop.open("c")
      #expect(try shop.field("conv:c", "estimate") == "60")
      try shop.pass(40_000)
      try shop.close("served")
      #expect(try everywhere(shop, "queued") == [1, 1, 0])
      #expect(try everywhere(shop, "assigned:sum") == [40_000, 40_000, 40_000])
      #expect(try everywhere(shop, "estimated") == [1, 1, 0])
      #expect(try everywhere(shop, "estimated:sum") == [60_000, 60_000, 0])
      #expect(try everywhere(shop, "estimate_error:sum") == [20_000, 20_000, 0])
      // The answer is measured from the opening, the wait included.
      try shop.pass(1_000)
      try shop.say("c", .agent)
      #expect(try everywhere(shop, "answered:sum") == [41_000, 41_000, 41_000])
    }
  }

  @Test func anEstimateThatWasNotToldIsNotMeasured() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.open("c")
      try shop.pass(1_000)
      try shop.online("a")
      #expect(try shop.places == ["c a"])
      #expect(try everywhere(shop, "estimated") == [0, 0, 0])
      #expect(try everywhere(shop, "assigned:sum") == [1_000, 1_000, 1_000])
    }
  }

  @Test func endsByReason() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      for name in ["served", "leaves", "sent"] { try shop.open(name) }
      try shop.pass(20_000)
      try shop.close("leaves", by: .customer)
      try shop.close("sent", by: .supervisor)
      try shop.say("served", .agent)
      try shop.pass(600_000)
      #expect(try everywhere(shop, "abandoned") == [1, 1, 0])
      #expect(try everywhere(shop, "abandoned:sum") == [20_000, 20_000, 0])
      #expect(try everywhere(shop, "closed_abandoned") == [1, 1, 0])
      #expect(try everywhere(shop, "closed_supervisor") == [1, 1, 0])
      #expect(try everywhere(shop, "closed_idle") == [1, 1, 1])
      #expect(try everywhere(shop, "closed") == [3, 3, 1])
      #expect(try everywhere(shop, "handled") == [1, 1, 1])
      #expect(try everywhere(shop, "rejected") == [0, 0, 0])
    }
    let closed = Self.yaml.replacing("limit: 2,", with: "enabled: false,").replacing(
      "to: [h]", with: "alert: true")
    try await TestShop.run(yaml: closed + "\ndefault: {mode: human-only}", "endsRejected") { shop, _ in
      try shop.open("c")
      #expect(try everywhere(shop, "rejected") == [1, 1, 0])
      #expect(try everywhere(shop, "closed_rejected") == [1, 1, 0])
    }
  }

  @Test func whatIsTakenFromAnAgentCountsWhereItLeaves() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a", "z")
      try shop.open("c")
      try shop.transfer("c", to: .to(group: "h"))
      #expect(try everywhere(shop, "transferred") == [1, 1, 1])
      #expect(try everywhere(shop, "assigned", "h", "z") == [2, 1, 1])
      // The next agent's answer counts from its own assignment.
      try shop.pass(3_000)
      try shop.say("c", .agent, agent: "z")
      #expect(try everywhere(shop, "answered:sum", "h", "z") == [3_000, 3_000, 3_000])
      try shop.offline("z")
      try shop.pass(15_000)
      #expect(try everywhere(shop, "requeued", "h", "z") == [1, 1, 1])
      #expect(try everywhere(shop, "transferred", "h", "z") == [1, 0, 0])
      #expect(try everywhere(shop, "queued", "h") == [1, 1, 0])
      // A supervisor's assignment from the queue is taken from nobody.
      try shop.transfer("c", to: .to(agent: "a"), by: .supervisor)
      #expect(try everywhere(shop, "transferred") == [1, 1, 1])
      try shop.pass(2_000)
      try shop.say("c", .agent, agent: "a")
      #expect(try everywhere(shop, "answered:sum") == [5_000, 2_000, 2_000])
    }
  }

  @Test func overflowsCountInTheGroupThatTakesThem() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      // Two fill the queue, the next one goes to the other group's agent, one more to its queue.
      try shop.online("z")
      for number in 1...4 { try shop.open("c\(number)") }
      #expect(try shop.places == ["c1 waiting g", "c2 waiting g", "c3 z", "c4 waiting h"])
      #expect(try everywhere(shop, "overflowed", "h", "z") == [2, 2, 0])
      try shop.pass(3_600_000)
      try shop.close("c4", by: .customer)
      try shop.close("c3")
      #expect(try shop.field("conv:c1", "agent") == "z")
      #expect(try shop.counted("group", "h", "overflowed") == 3)
      #expect(try shop.counted("group", "g", "overflowed") == 0)
    }
  }

  @Test func aSlowAgentIsCounted() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.say("c", .customer)
      try shop.pass(60_000)
      #expect(try everywhere(shop, "slow") == [1, 1, 1])
    }
  }

  @Test func whoComesBackWithinADayIsARepeatedContact() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      for (name, wait) in [("first", 0), ("second", 86_400_000), ("third", 86_400_001)] as [(String, Int64)] {
        try shop.pass(wait)
        try shop.open(name, customer: "u")
        try shop.close(name)
      }
      #expect(try everywhere(shop, "repeat") == [1, 1, 0])
      #expect(try everywhere(shop, "opened") == [3, 3, 0])
    }
  }

  @Test func countersAreByTheHour() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.open("c")
      try shop.pass(HoursTests.closing - 1)
      try shop.open("last")
      try shop.pass(1)
      try shop.open("next")
      _ = try shop.counted("shop", "", "opened")
      #expect(try shop.field("stats:shop:1789999200000", "opened") == "2")
      #expect(try shop.field("stats:shop:1790002800000", "opened") == "1")
      #expect(try shop.field("stats:group:1790002800000:g", "opened") == "1")
    }
  }
}
