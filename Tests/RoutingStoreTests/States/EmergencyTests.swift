import Routing
import TestSupport
import Testing

/// The shop's emergency plan (routing.md, "Distribution by the clock, by hand, in an emergency").
@Suite(.redis) struct EmergencyTests {
  private static func shop(_ plan: String) -> String {
    """
    shop: s
    groups: {g: {}, spare: {}}
    agents: {a: {groups: [g], capacity: 9}, z: {groups: [spare], capacity: 9}}
    texts: {emergency: "built-in notice"}
    assistant: {greeting: hello}
    emergency: \(plan)
    """
  }

  @Test func everyNewCustomerIsToldAndNobodyElse() async throws {
    try await TestShop.run(yaml: Self.shop("{notice: busy day}")) { shop, _ in
      try shop.online("a")
      try shop.open("before")
      _ = try shop.take()
      try shop.emergency(true)
      #expect(try shop.take() == [])
      try shop.open("during")
      #expect(try shop.places == ["before a", "during a"])
      #expect(try shop.replies() == ["emergency busy day"])
      try shop.status("during")
      try shop.open("during")
      #expect(try shop.replies() == [])
      try shop.emergency(false)
      try shop.open("after")
      #expect(try shop.replies() == [])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func theEventsNoticeGoesBeforeThePlansAndThatBeforeTheText() async throws {
    try await TestShop.run(yaml: Self.shop("{notice: planned}")) { shop, _ in
      try shop.emergency(true, notice: "said now")
      try shop.open("c")
      try shop.emergency(true)
      try shop.open("d")
      #expect(
        try shop.replies().filter { $0.hasPrefix("emergency") } == [
          "emergency said now", "emergency planned",
        ])
    }
    try await TestShop.run(yaml: Self.shop("{mode: bot-only}"), "textNotice") { shop, _ in
      try shop.emergency(true)
      try shop.open("c")
      #expect(try shop.replies() == ["emergency built-in notice", "greeting hello"])
    }
  }

  @Test func theModeOfThePlanIsForNewCustomers() async throws {
    try await TestShop.run(yaml: Self.shop("{mode: bot-only}")) { shop, _ in
      try shop.online("a")
      try shop.open("before")
      try shop.emergency(true)
      try shop.open("c")
      try shop.handOff("c")
      #expect(try shop.places == ["before a", "c bot"])
      try shop.emergency(false)
      try shop.open("after")
      #expect(try shop.field("conv:after", "agent") == "a")
    }
  }

  @Test func theFallbackGroupTakesNewCustomers() async throws {
    try await TestShop.run(yaml: Self.shop("{group: spare, mode: human-only}")) { shop, _ in
      try shop.online("a", "z")
      try shop.emergency(true)
      try shop.open("c", group: "g")
      try shop.open("d", group: "spare")
      #expect(try shop.places == ["c z", "d z"])
      #expect(try shop.fields("conv:c", "group", "mode") == "spare human-only")
      #expect(try shop.counts("group", "spare", "opened", "assigned") == [2, 2])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func anEmergencyOutlastsAConfiguration() async throws {
    let yaml = Self.shop("{notice: planned, group: spare}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "z")
      try shop.emergency(true)
      var changed = try ShopConfiguration.parse(yaml, file: "shop.yaml")
      changed.change { $0.queue.limit = 7 }
      try shop.apply(changed, settled: false)
      try shop.open("c")
      #expect(try shop.places == ["c z"])
      #expect(try shop.replies() == ["emergency planned"])
    }
  }

  @Test func aConfigurationWithoutTheFallbackGroupLeavesCustomersInTheirOwn() async throws {
    try await TestShop.run(yaml: Self.shop("{group: spare}")) { shop, _ in
      try shop.online("a", "z")
      try shop.emergency(true)
      let without = """
        shop: s
        groups: {g: {}}
        agents: {a: {groups: [g], capacity: 9}}
        """
      try shop.apply(try ShopConfiguration.parse(without, file: "shop.yaml"), settled: false)
      try shop.open("c")
      try shop.apply(try ShopConfiguration.parse(without + "\ndefault: {group: g}", file: "shop.yaml"))
      try shop.open("d")
      #expect(try shop.places == ["c a", "d a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
