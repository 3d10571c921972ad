import Routing
import TestSupport
import Testing

/// What a waiting customer is told, and when (routing.md, section 6).
@Suite(.redis) struct QueueNumbersTests {
  private static func shop(_ queue: String, capacity: Int = 1, more: String = "") -> String {
    """
    shop: s
    return: {window: 0}
    \(more)
    groups: {g: {queue: {\(queue)}}}
    agents:
      a: {groups: [g], capacity: \(capacity)}
      b: {groups: [g], capacity: 1}
    """
  }

  @Test func theWaitFollowsTheConfiguredHandleTimeAndAllSlots() async throws {
    try await TestShop.run(yaml: Self.shop("handle_time: 100s", capacity: 2)) { shop, _ in
      try shop.online("a", "b")
      for number in 1...5 { try shop.arrive("c\(number)") }
      #expect(
        try shop.commands().suffix(2) == [
          "conversation.queued c4 to=customer group=g position=1 wait=34 hidden=false",
          "conversation.queued c5 to=customer group=g position=2 wait=67 hidden=false",
        ])
    }
  }

  @Test func theMeasuredHandleTimeIsUsedOnceTwentyAreMeasured() async throws {
    try await TestShop.run(yaml: Self.shop("handle_time: measured")) { shop, _ in
      try shop.online("a")
      for number in 1...20 {
        try shop.arrive("c\(number)")
        if number == 20 {
          try shop.arrive("early")
          #expect(try shop.commands().last?.contains("position=1 wait=600") == true)
          try shop.close("early", by: .customer)
        }
        // Half of them last a minute, half two.
        try shop.pass(number % 2 == 0 ? 60_000 : 120_000)
        try shop.close("c\(number)")
      }
      try shop.arrive("held")
      try shop.arrive("late")
      #expect(try shop.commands().last?.contains("position=1 wait=90") == true)
    }
  }

  @Test func numbersAreHiddenOnlyBeyondTheConfiguredLimits() async throws {
    let yaml = Self.shop("handle_time: 10s, hide: {waiting: 2, wait: 1h}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      for id in ["held", "c1", "c2", "c3"] { try shop.arrive(id) }
      #expect(
        try shop.commands().suffix(2) == [
          "conversation.queued c2 to=customer group=g position=2 wait=20 hidden=false",
          "conversation.queued c3 to=customer group=g hidden=true",
        ])
      let shorter = Self.shop("handle_time: 10s, hide: {waiting: 9, wait: 20s}")
      try shop.apply(try .parse(shorter, file: "shop.yaml"))
      for id in ["c2", "c3"] { try shop.status(id) }
      #expect(
        try shop.commands() == [
          "conversation.queued c2 to=customer group=g position=2 wait=20 hidden=false",
          "conversation.queued c3 to=customer group=g hidden=true",
        ])
    }
  }

  @Test func theTextToldHasTheNumbersOrNone() async throws {
    let yaml = Self.shop(
      "handle_time: 90s, hide: {waiting: 1}",
      more: "texts: {busy: '{position} ahead, {wait}', busy_hidden: please wait}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("held")
      _ = try shop.replies()
      try shop.arrive("c1")
      #expect(try shop.replies() == ["busy 1 ahead, 2 min"])
      try shop.arrive("c2")
      #expect(try shop.replies() == ["busy please wait"])
      // A repeated status tells the numbers, and no text again.
      try shop.status("c1")
      #expect(try shop.replies() == [])
    }
  }

  @Test func freshNumbersAreToldAtMostEverySoOften() async throws {
    try await TestShop.run(yaml: Self.shop("notify: 30s, handle_time: 60s")) { shop, _ in
      try shop.online("a")
      for id in ["held", "c1", "c2", "c3"] { try shop.arrive(id) }
      _ = try shop.commands()
      try shop.close("c1", by: .customer)
      try shop.close("c2", by: .customer)
      _ = try shop.commands()
      try shop.pass(29_999)
      #expect(try shop.commands() == [])
      try shop.pass(1)
      #expect(
        try shop.commands() == ["conversation.queued c3 to=customer group=g position=1 wait=60 hidden=false"])
      // Nothing new: nothing told.
      try shop.pass(300_000)
      #expect(try shop.commands() == [])
      #expect(try shop.violations == [])
    }
  }

  @Test func aGrowingNumberIsNeverTold() async throws {
    let yaml = Self.shop("notify: 10s, overflow: [{after: 5m, level: 1}], handle_time: 60s")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("held")
      try shop.arrive("c")
      for number in 1...3 { try shop.arrive("v\(number)", level: 1) }
      _ = try shop.commands()
      // c rises to level 1, where it is first by its time; v2 and v3 have one more before them.
      try shop.pass(310_000)
      #expect(try shop.field("conv:c", "level") == "1")
      #expect(try shop.commands() == [])
      try shop.close("held")
      try shop.pass(10_000)
      #expect(try shop.commands().allSatisfy { !$0.contains("conversation.queued") })
      #expect(try shop.field("conv:c", "agent") == "a")
      #expect(try shop.violations == [])
    }
  }

  @Test func withoutNotifyNothingIsToldByItself() async throws {
    try await TestShop.run(yaml: Self.shop("notify: 0")) { shop, _ in
      try shop.online("a")
      for id in ["held", "c1", "c2"] { try shop.arrive(id) }
      _ = try shop.commands()
      try shop.close("c1", by: .customer)
      _ = try shop.commands()
      try shop.pass(3_600_000)
      #expect(try shop.commands() == [])
    }
  }

  @Test func theEstimateAndTheWaitThatCameTrueAreRecorded() async throws {
    try await TestShop.run(yaml: Self.shop("handle_time: 10m")) { shop, _ in
      try shop.online("a")
      for id in ["held", "c1", "c2"] { try shop.arrive(id) }
      #expect(try shop.field("conv:c2", "estimate") == "1200")
      try shop.pass(100_000)
      try shop.close("held")
      try shop.pass(50_000)
      try shop.close("c1")
      #expect(try shop.places == ["c2 a"])
      #expect(try shop.field("conv:c2", "waited_ms") == "150000")
      #expect(try shop.counted("group", "g", "estimated") == 2)
      #expect(try shop.counted("group", "g", "estimated:sum") == 1_800_000)
      #expect(try shop.counted("group", "g", "estimate_error:sum") == 500_000 + 1_050_000)
      #expect(try shop.counted("group", "g", "assigned") == 3)
      #expect(try shop.counted("group", "g", "assigned:sum") == 250_000)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func withoutANumberNoEstimateIsRecorded() async throws {
    try await TestShop.run(yaml: Self.shop("handle_time: 31m")) { shop, _ in
      try shop.online("a")
      for id in ["held", "c"] { try shop.arrive(id) }
      try shop.close("held")
      #expect(try shop.places == ["c a"])
      #expect(try shop.counted("group", "g", "estimated") == 0)
      #expect(try shop.counted("group", "g", "queued") == 1)
    }
  }

  @Test func freshNumbersAreToldAgainWhenTheQueueFillsAnew() async throws {
    try await TestShop.run(yaml: Self.shop("notify: 10s, handle_time: 60s")) { shop, _ in
      try shop.online("a")
      for id in ["held", "c1"] { try shop.arrive(id) }
      try shop.close("c1", by: .customer)
      try shop.pass(60_000)
      #expect(try shop.timers == [])
      for id in ["c2", "c3"] { try shop.arrive(id) }
      _ = try shop.commands()
      try shop.close("c2", by: .customer)
      _ = try shop.commands()
      try shop.pass(10_000)
      #expect(try shop.commands().map { $0.split(separator: " ")[1] } == ["c3"])
    }
  }

  @Test func everybodyInALongQueueIsToldABetterNumberOnce() async throws {
    let yaml = Self.shop("notify: 10s, handle_time: 1s, hide: {waiting: 500}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("held")
      for number in 1...230 { try shop.arrive("c\(number)") }
      try shop.pass(10_000)
      try shop.close("c1", by: .customer)
      _ = try shop.commands()
      try shop.pass(10_000)
      let told = try shop.commands().map { $0.split(separator: " ")[1] }
      #expect(told == (2...230).map { "c\($0)" })
      #expect(try shop.field("group:g", "notify_from") == nil)
      try shop.pass(10_000)
      #expect(try shop.commands() == [])
    }
  }
}
