import Routing
import TestSupport
import Testing

/// The end of a conversation, the survey and the rating (routing.md, section 10).
@Suite(.redis) struct EndTests {
  private static let yaml = """
    shop: s
    groups: {g: {}, h: {}}
    agents:
      a: {groups: [g, h], capacity: 1}
      b: {groups: [g], capacity: 1}
    survey: {window: 10m}
    texts: {survey: "stars?"}
    supervisor: {gateway: desk}
    return: {window: 0}
    """

  @Test func aFreedSlotTakesTheBestOverAllGroupsAndOffers() async throws {
    let yaml = """
      shop: s
      groups: {g: {}, h: {}, far: {queue: {overflow: [{after: 10s, to: [h]}]}}}
      agents: {a: {groups: [g, h], capacity: 1}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.open("served", group: "g")
      try shop.open("first", group: "g", level: 1)
      try shop.open("second", group: "far", level: 3)
      try shop.open("third", group: "h", level: 2)
      try shop.pass(10_000)
      for (closed, next) in [("served", "second"), ("second", "third"), ("third", "first")] {
        try shop.close(closed)
        #expect(try shop.field("conv:" + next, "agent") == "a")
      }
      #expect(try shop.fields("conv:second", "group", "reason") == "h overflow")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  /// Of such a customer nothing is stored, but of the conversation something is.
  @Test func whoComesForTheFirstTimeMayOpenWhatSomebodyElseHasClosed() async throws {
    try await TestShop.run(.plain(agents: ["a": 1])) { shop, _ in
      try shop.online("a")
      try shop.open("c", customer: "u")
      try shop.pass(1_000)
      try shop.close("c")
      try shop.open("c", customer: "new")
      #expect(try shop.fields("conv:c", "state", "customer", "closed_at") == "active new -")
      try shop.close("c")
      // The same where it has to wait.
      try shop.open("d", customer: "u")
      try shop.open("c", customer: "newer")
      #expect(try shop.fields("conv:c", "state", "customer", "closed_by") == "waiting newer -")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func theSurveyIsSentToWhomAnAgentServed() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      for name in ["served", "waits", "leaves"] { try shop.open(name) }
      _ = try shop.take()
      try shop.close("leaves", by: .customer)
      #expect(try shop.replies() == [])
      try shop.close("served", by: .customer)
      #expect(try shop.replies() == ["survey stars?"])
    }
    let without = Self.yaml.replacing("survey: {window: 10m}", with: "bad_rating: 2")
    try await TestShop.run(yaml: without, "noSurvey") { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.close("c")
      #expect(try shop.replies() == [])
      // And a rating is taken for as long as the record is there.
      try shop.pass(3_600_000)
      try shop.rate("c", 4)
      #expect(try shop.field("conv:c", "score") == "4")
    }
  }

  @Test func theRatingMayComeWithinTheWindow() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      for name in ["c", "d"] {
        try shop.open(name)
        try shop.close(name)
      }
      try shop.pass(600_000)
      try shop.rate("c", 4, comment: "fine")
      #expect(try shop.fields("conv:c", "score", "comment", "rated_at") == "4 fine \(shop.store.now)")
      try shop.pass(1)
      _ = try shop.take()
      try shop.rate("d", 4)
      #expect(try shop.field("conv:d", "score") == nil)
      #expect(try shop.commands().first?.hasPrefix("event.rejected") == true)
      #expect(try shop.counts("agent", "a", "rated", "rated:sum", "rated_4") == [1, 4, 1])
    }
  }

  @Test func aBadRatingIsReportedAndTheAgentPassedOverNextTime() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c", customer: "u")
      try shop.close("c")
      try shop.rate("c", 2)
      #expect(try shop.alerts() == ["bad_rating c g a 2"])
      #expect(try shop.field("customer:u", "avoid") == "a")
      try shop.online("b")
      try shop.open("d", customer: "u")
      #expect(try shop.places == ["d b"])
      try shop.open("e", customer: "u")
      #expect(try shop.places == ["d b", "e waiting g"])
      // A later, better one takes it back.
      try shop.rate("c", 3)
      #expect(try shop.field("customer:u", "avoid") == nil)
      #expect(try shop.alerts() == [])
      try shop.open("f", customer: "u")
      #expect(try shop.places == ["d b", "e waiting g", "f a"])
    }
  }

  @Test func badRatingsMayBeSwitchedOff() async throws {
    try await TestShop.run(yaml: Self.yaml + "\nbad_rating: 0") { shop, _ in
      try shop.online("a")
      try shop.open("c", customer: "u")
      try shop.rate("c", 1)
      #expect(try shop.alerts() == [])
      #expect(try shop.field("customer:u", "avoid") == nil)
    }
    try await TestShop.run(yaml: Self.yaml + "\nbad_rating: 4", "badRatingFour") { shop, _ in
      try shop.online("a")
      try shop.open("c", customer: "u")
      try shop.rate("c", 4)
      #expect(try shop.alerts() == ["bad_rating c g a 4"])
    }
  }

  @Test func aClosedRecordKeepsNothingOfTheOpenOne() async throws {
    let yaml = """
      shop: s
      groups:
        g:
          response_alert: 1m
          answer_within: 1h
          queue: {promote_after: 10s, notify: 5s, silent_after: 1h, overflow: [{after: 10s, to: [h]}], relax: [{after: 5s, skills: {x: 1}}]}
        h: {}
      agents: {a: {groups: [g], capacity: 1, skills: {x: 2}}}
      rules: [{name: r, route: {group: g, skills: {x: 2}, weight: 2, prefer: most-skilled, overflow: [h]}}]
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.open("served")
      try shop.open("waits")
      try shop.say("served", .customer)
      try shop.pass(60_000)
      try shop.say("served", .agent)
      try shop.close("served")
      try shop.open("leaves")
      try shop.pass(60_000)
      try shop.close("leaves", by: .customer)
      let told: Set = [
        "state", "customer", "gateway", "group", "level", "agent", "reason", "waited_ms", "assigned_at",
        "answered_at",
        "opened_at", "asked_at", "queued_at", "mode", "rule", "closed_at", "closed_by", "close_reason",
      ]
      #expect(try shop.names("conv:served").filter { !$0.hasPrefix("why") }.subtracting(told) == [])
      #expect(try shop.names("conv:leaves").filter { !$0.hasPrefix("why") }.subtracting(told) == [])
      #expect(try shop.fields("conv:leaves", "close_reason", "agent") == "abandoned -")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
