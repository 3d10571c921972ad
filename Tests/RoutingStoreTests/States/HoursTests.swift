import Routing
import TestSupport
import Testing

/// Groups by the clock (routing.md, "Distribution by the clock"). The shop's clock begins at 14:13:20 on a Monday.
@Suite(.redis) struct HoursTests {
  static let minutes: Int64 = 60_000
  /// 15:00:00, when the schedule `work` ends.
  static let closing: Int64 = 46 * minutes + 40_000

  private static func shop(
    _ queue: String = "", mode: String = "human-first", hours: String = "hours: work, "
  ) -> String {
    """
    shop: s
    default: {mode: \(mode)}
    schedules:
      work: {weekly: {mon-sun: ["09:00-15:00"]}}
      holiday: {weekly: {mon-sun: ["00:00-24:00"]}, except: {2026-09-21: []}}
      sale: {weekly: {mon-sun: []}, except: {2026-09-21: ["14:00-15:00"]}}
    groups: {g: {\(hours)queue: {\(queue)}}, h: {}}
    agents: {a: {groups: [g], capacity: 1}, z: {groups: [h], capacity: 1}}
    texts: {off_hours: closed, no_agent: nobody}
    assistant: {greeting: hello}
    supervisor: {gateway: desk}
    """
  }

  @Test func outsideItsHoursAGroupTakesNobodyNew() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try shop.online("a")
      try shop.pass(Self.closing - 1)
      try shop.open("inside")
      #expect(try shop.places == ["inside a"])
      try shop.pass(1)
      _ = try shop.take()
      try shop.open("outside")
      #expect(try shop.places == ["inside a", "outside bot"])
      #expect(try shop.replies() == ["off_hours closed", "greeting hello"])
      // Next morning at nine.
      try shop.pass(18 * 3_600_000 - 1)
      try shop.open("early")
      #expect(try shop.field("conv:early", "state") == "bot")
      try shop.pass(1)
      try shop.close("inside")
      try shop.open("morning")
      #expect(try shop.field("conv:morning", "agent") == "a")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func datedExceptionsGoBeforeTheWeek() async throws {
    try await TestShop.run(yaml: Self.shop(hours: "hours: holiday, ")) { shop, _ in
      try shop.online("a")
      try shop.open("holiday")
      #expect(try shop.places == ["holiday bot"])
      try shop.pass(10 * 3_600_000)
      try shop.open("tomorrow")
      #expect(try shop.places == ["holiday bot", "tomorrow a"].filter { !$0.hasPrefix("holiday") })
    }
    try await TestShop.run(yaml: Self.shop(hours: "hours: sale, "), "saleDay") { shop, _ in
      try shop.online("a")
      try shop.open("sale")
      #expect(try shop.places == ["sale a"])
      try shop.close("sale")
      try shop.pass(Self.closing)
      try shop.open("over")
      #expect(try shop.places == ["over bot"])
    }
  }

  @Test func schedulesAreInTheShopsTimezone() async throws {
    // 14:13 in UTC is 22:13 in Shanghai.
    try await TestShop.run(yaml: Self.shop() + "\ntimezone: Asia/Shanghai") { shop, _ in
      try shop.online("a")
      try shop.open("c")
      #expect(try shop.places == ["c bot"])
    }
  }

  @Test func whenAGroupClosesWhoWaitsIsToldAndGoesToTheOtherSide() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try shop.open("c")
      try shop.open("d")
      _ = try shop.take()
      try shop.pass(Self.closing - 1)
      #expect(try shop.places == ["c waiting g", "d waiting g"])
      try shop.pass(1)
      #expect(try shop.places == ["c bot", "d bot"])
      #expect(
        try shop.replies().sorted() == [
          "greeting hello", "greeting hello", "off_hours closed", "off_hours closed",
        ])
      #expect(try shop.line("wait g") == nil)
      #expect(try shop.violations + shop.leftovers == [])
    }
    try await TestShop.run(yaml: Self.shop(mode: "human-only"), "closesOnly") { shop, _ in
      try shop.open("c")
      _ = try shop.take()
      try shop.pass(Self.closing)
      #expect(try shop.fields("conv:c", "state", "close_reason") == "closed rejected")
      #expect(try shop.replies() == ["off_hours closed"])
    }
  }

  @Test func whenAGroupClosesItsOverflowGroupsAreOfferedWhoWaitsAtOnce() async throws {
    try await TestShop.run(yaml: Self.shop("overflow: [{after: 5h, to: [h]}]")) { shop, _ in
      try shop.online("z")
      try shop.open("c")
      try shop.pass(60_000)
      try shop.open("d")
      try shop.pass(Self.closing - 60_000 - 1)
      #expect(try shop.places == ["c waiting g", "d waiting g"])
      try shop.pass(1)
      #expect(try shop.places == ["c z", "d waiting g"])
      #expect(try shop.fields("conv:c", "group", "reason") == "h overflow")
      // The group's own agents go on serving those who stay.
      try shop.online("a")
      #expect(try shop.places == ["c z", "d a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  /// `g` offers to `h`, which is open from 15:00 on and has an agent.
  private static let opensLater = """
    shop: s
    schedules: {late: {weekly: {mon-sun: ["15:00-24:00"]}}}
    groups: {g: {queue: {overflow: [{after: 10s, to: [h]}]}}, h: {hours: late}}
    agents: {z: {groups: [h], capacity: 2}}
    """

  @Test func whoIsOfferedToAClosedGroupWaitsUntilItOpens() async throws {
    try await TestShop.run(yaml: Self.opensLater) { shop, _ in
      try shop.online("z")
      for id in ["c", "d", "e"] {
        try shop.open(id)
        try shop.pass(1_000)
      }
      try shop.pass(20_000)
      #expect(try shop.places == ["c waiting g", "d waiting g", "e waiting g"])
      #expect(try shop.field("conv:c", "offered") == "h")
      // Neither a free agent takes it, nor one who comes.
      try shop.offline("z")
      try shop.online("z")
      #expect(try shop.places == ["c waiting g", "d waiting g", "e waiting g"])
      #expect(try shop.violations + shop.leftovers == [])
      try shop.pass(Self.closing - 23_000)
      #expect(try shop.places == ["c z", "d z", "e waiting g"])
      #expect(try shop.fields("conv:c", "group", "reason") == "h overflow")
      #expect(try !shop.names("group:h").contains("sweep_offers"))
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func moreThanOneStepLooksAtAreOfferedToAGroupThatOpens() async throws {
    try await TestShop.run(yaml: Self.opensLater.replacing("capacity: 2", with: "capacity: 30")) { shop, _ in
      try shop.online("z")
      for number in 10..<40 { try shop.open("c\(number)") }
      try shop.pass(Self.closing)
      #expect(try shop.places.allSatisfy { $0.hasSuffix(" z") })
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whoIsOfferedToAGroupThatDistributesAutomaticallyAgainIsGivenOut() async throws {
    let manual = """
      shop: s
      schedules: {late: {weekly: {mon-sun: ["15:00-24:00"]}}}
      groups:
        g: {queue: {overflow: [{after: 10s, to: [h]}]}}
        h: {distribution: {late: auto, otherwise: manual}}
      agents: {z: {groups: [h]}}
      """
    try await TestShop.run(yaml: manual) { shop, _ in
      try shop.online("z")
      try shop.open("c")
      try shop.pass(Self.closing - 1)
      #expect(try shop.places == ["c waiting g"])
      try shop.pass(1)
      #expect(try shop.places == ["c z"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whenAGroupClosesTheAssistantTakesWhoWaitsWhereTheOverflowSaysSo() async throws {
    let queue = "overflow: [{after: 5h, to: [h]}, {after: 6h, mode: bot}]"
    try await TestShop.run(yaml: Self.shop(queue)) { shop, _ in
      try shop.online("z")
      try shop.open("c")
      _ = try shop.take()
      try shop.pass(Self.closing)
      #expect(try shop.places == ["c bot"])
      #expect(try shop.replies() == ["overdue nobody", "greeting hello"])
    }
    try await TestShop.run(yaml: Self.shop(queue, mode: "human-only"), "closesBotOnly") { shop, _ in
      try shop.online("z")
      try shop.open("c")
      try shop.pass(Self.closing)
      #expect(try shop.places == ["c z"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aClosingGroupKeepsWhoIsBeingServed() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pass(Self.closing + 3_600_000)
      #expect(try shop.places == ["c a"])
      // Who loses its agent then still goes back to its group's queue, and its agents serve it.
      try shop.offline("a")
      try shop.pass(15_000)
      #expect(try shop.places == ["c waiting g"])
      try shop.online("a")
      #expect(try shop.places == ["c a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
