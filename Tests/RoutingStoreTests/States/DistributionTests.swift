import Routing
import TestSupport
import Testing

/// By hand, by share, by the clock (routing.md, "Distribution by the clock, by hand").
@Suite(.redis) struct DistributionTests {
  /// 15:00:00, when the schedule `work` ends.
  private static let closing = HoursTests.closing

  private static func shop(_ distribution: String, _ more: String = "queue: {}") -> String {
    """
    shop: s
    schedules: {work: {weekly: {mon-sun: ["09:00-15:00"]}}}
    groups: {g: {distribution: \(distribution), \(more)}, h: {}}
    agents: {a: {groups: [g], capacity: 1}, b: {groups: [g, h], capacity: 1}, z: {groups: [h], capacity: 1}}
    supervisor: {gateway: desk}
    """
  }

  @Test func byHandAgentsPullWhatTheyWant() async throws {
    try await TestShop.run(yaml: Self.shop("manual")) { shop, _ in
      try shop.online("a")
      try shop.open("first")
      try shop.pass(1_000)
      try shop.open("second")
      #expect(try shop.places == ["first waiting g", "second waiting g"])
      #expect(try shop.field("conv:first", "manual") == "1")
      _ = try shop.take()
      try shop.accept("second", by: "a")
      #expect(
        try shop.commands() == [
          "conversation.assigned second to=customer agent=a group=g level=0 reason=manual waited=0",
          "conversation.assigned second to=agent agent=a group=g level=0 reason=manual waited=0",
        ])
      // Above capacity too; again, or by another one, it means nothing.
      try shop.accept("first", by: "a")
      try shop.accept("first", by: "b")
      #expect(try shop.places == ["first a", "second a"])
      #expect(try shop.fields("agent:a", "load", "used") == "2 2")
      // A freed slot takes nothing by itself.
      try shop.open("third")
      try shop.close("first")
      try shop.close("second")
      #expect(try shop.places == ["third waiting g"])
      #expect(try shop.names("conv:third").contains("manual"))
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func anAcceptanceIsRefusedWhereItMakesNoSense() async throws {
    try await TestShop.run(yaml: Self.shop("manual")) { shop, _ in
      try shop.online("a", "z", "b")
      try shop.open("c")
      _ = try shop.take()
      try shop.accept("c", by: "z")
      #expect(try shop.take().map(\.error) == ["agent z does not serve the group g"])
      try shop.offline("a")
      try shop.accept("c", by: "a")
      #expect(try shop.take().map(\.error) == ["agent a is not online"])
      try shop.accept("unknown", by: "b")
      #expect(try shop.take().map(\.error) == ["conversation unknown is not known"])
      // On a pause one may still take a conversation oneself.
      try shop.pause("b")
      try shop.accept("c", by: "b")
      #expect(try shop.places == ["c b"])
      #expect(try shop.violations + shop.leftovers == [])
    }
    try await TestShop.run(yaml: Self.shop("auto") + "\ndefault: {mode: bot-first}", "acceptBot") { shop, _ in
      try shop.online("a")
      try shop.open("c")
      _ = try shop.take()
      try shop.accept("c", by: "a")
      #expect(try shop.take().map(\.error) == ["conversation c is with the assistant; transfer it"])
      #expect(try shop.places == ["c bot"])
    }
  }

  @Test func anAgentMayAcceptWhatItsGroupIsOffered() async throws {
    let overflow = "queue: {overflow: [{after: 10s, to: [h]}]}"
    try await TestShop.run(yaml: Self.shop("manual", overflow)) { shop, _ in
      try shop.online("z")
      try shop.open("busy", group: "h")
      try shop.open("c")
      try shop.pass(10_000)
      #expect(try shop.field("conv:c", "offered") == "h")
      try shop.accept("c", by: "z")
      #expect(try shop.fields("conv:c", "agent", "group", "reason", "offered") == "z h manual -")
      #expect(try shop.counted("group", "h", "overflowed") == 1)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func supervisorsAssignByTransfer() async throws {
    try await TestShop.run(yaml: Self.shop("manual")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pass(30_000)
      try shop.transfer("c", to: .to(agent: "a"), by: .supervisor)
      #expect(try shop.fields("conv:c", "agent", "reason", "waited_ms") == "a manual 30000")
      #expect(try shop.names("conv:c").isDisjoint(with: ["manual", "waiting_since"]))
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aShareIsDistributedAutomaticallyAndTheRestByHand() async throws {
    let yaml = Self.shop("{auto: 50%}").replacing(
      "a: {groups: [g], capacity: 1}", with: "a: {groups: [g], capacity: 300}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      for number in 1...200 { try shop.open("c\(number)") }
      let given = try shop.places.count { $0.hasSuffix(" a") }
      #expect((80...120).contains(given))
      // The lot is the conversation's: opened again, it falls the same way.
      let waiting = try shop.places.first { !$0.hasSuffix(" a") }?.split(separator: " ").first.map(
        String.init)
      try shop.close(waiting ?? "", by: .customer)
      try shop.open(waiting ?? "")
      #expect(try shop.fields("conv:" + (waiting ?? ""), "state", "manual") == "waiting 1")
      #expect(try shop.violations + shop.leftovers == [])
    }
    // Nothing and all are not left to the lot.
    for (share, state) in [("0%", "waiting"), ("100%", "active")] {
      try await TestShop.run(yaml: Self.shop("{auto: \(share)}"), "share" + state) { shop, _ in
        try shop.online("a")
        try shop.open("c")
        #expect(try shop.field("conv:c", "state") == state)
      }
    }
  }

  @Test func theScheduleDecidesHowItIsDistributed() async throws {
    try await TestShop.run(yaml: Self.shop("{work: manual, otherwise: auto}")) { shop, _ in
      try shop.online("a", "b")
      for name in ["c", "d", "e"] { try shop.open(name) }
      #expect(try shop.places == ["c waiting g", "d waiting g", "e waiting g"])
      try shop.pass(Self.closing - 1)
      #expect(try shop.places.count { $0.contains("waiting") } == 3)
      // When it becomes automatic, who waits is given out in order, and who still waits is next.
      try shop.pass(1)
      #expect(try shop.places == ["c a", "d b", "e waiting g"])
      #expect(try shop.field("conv:e", "manual") == nil)
      try shop.close("c")
      #expect(try shop.places == ["d b", "e a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
    try await TestShop.run(yaml: Self.shop("{work: auto, otherwise: manual}"), "byScheduleAuto") { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      #expect(try shop.places == ["c a"])
      try shop.pass(Self.closing)
      try shop.open("d")
      #expect(try shop.places == ["c a", "d waiting g"])
    }
  }

  @Test func whoIsLeftToAgentsAndSupervisorsStillFillsTheQueue() async throws {
    try await TestShop.run(yaml: Self.shop("manual", "queue: {limit: 1}")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.open("full")
      #expect(try shop.places == ["c waiting g", "full bot"])
      #expect(try shop.alerts() == ["queue_full full g"])
    }
  }

  @Test func theGroupThatTakesOverDistributesAutomatically() async throws {
    let yaml = Self.shop("manual", "queue: {limit: 1, overflow: [{after: 1h, to: [h]}]}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "z")
      try shop.open("busy", group: "h")
      try shop.open("c")
      try shop.open("over")
      #expect(try shop.places == ["busy z", "c waiting g", "over waiting h"])
      #expect(try shop.field("conv:over", "manual") == nil)
      try shop.close("busy")
      #expect(try shop.places == ["c waiting g", "over z"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whatReturnsToAGroupByHandWaitsForAHand() async throws {
    try await TestShop.run(yaml: Self.shop("manual")) { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      try shop.accept("c", by: "a")
      try shop.offline("a")
      try shop.pass(15_000)
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.field("conv:c", "manual") == "1")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whenItBecomesManualWhoWaitsAlreadyIsStillGivenOut() async throws {
    try await TestShop.run(yaml: Self.shop("{work: auto, otherwise: manual}")) { shop, _ in
      try shop.open("before")
      try shop.pass(Self.closing)
      try shop.open("after")
      try shop.online("a", "b")
      #expect(try shop.places == ["after waiting g", "before a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
