import Routing
import TestSupport
import Testing

/// While an agent has the conversation (routing.md, section 8).
@Suite(.redis) struct ActiveTests {
  private static func shop(
    _ group: String, _ agents: String = "a: {groups: [g], capacity: 1}, b: {groups: [g], capacity: 1}"
  ) -> String {
    """
    shop: s
    groups: {g: {\(group)}}
    agents: {\(agents)}
    supervisor: {gateway: desk}
    dedicated: {wait: 60s}
    texts: {idle: "closed after {idle}"}
    """
  }

  @Test func aCustomerSilentForTheTimeoutIsClosedAndBothSidesAreTold() async throws {
    try await TestShop.run(yaml: Self.shop("idle_timeout: 90s")) { shop, _ in
      try shop.online("a", gateway: "agents")
      try shop.open("c")
      try shop.say("c", .agent)
      try shop.pass(89_999)
      #expect(try shop.places == ["c a"])
      _ = try shop.take()
      _ = try shop.take("agents")
      try shop.pass(1)
      #expect(try shop.fields("conv:c", "close_reason", "closed_by") == "idle system")
      let told = try shop.take().map { "\($0.type.name) \($0.kind ?? $0.reason ?? "") \($0.text ?? "")" }
      #expect(told == ["conversation.reply idle closed after 2 min", "conversation.closed idle "])
      #expect(try shop.commands("agents") == ["conversation.closed c to=agent reason=idle by=system"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aSilentAgentIsReportedOnceAndShownAsSlowUntilItAnswers() async throws {
    try await TestShop.run(yaml: Self.shop("response_alert: 2m")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pass(60_000)
      try shop.say("c", .customer)
      try shop.pass(60_000)
      // A second word does not begin the time anew.
      try shop.say("c", .customer)
      try shop.pass(59_999)
      #expect(try shop.fields("conv:c", "slow", "state") == "- active")
      #expect(try shop.alerts() == [])
      try shop.pass(1)
      #expect(try shop.alerts() == ["slow_response c g a"])
      #expect(try shop.field("conv:c", "slow") == "1")
      #expect(try shop.field("agent:a", "slow") == "1")
      try shop.say("c", .customer)
      try shop.pass(600_000)
      #expect(try shop.alerts() == [])
      try shop.say("c", .agent)
      #expect(try shop.fields("conv:c", "slow", "unanswered_since") == "- -")
      #expect(try shop.field("agent:a", "slow") == "0")
      // The next question has its own time.
      try shop.say("c", .customer)
      try shop.pass(120_000)
      #expect(try shop.alerts() == ["slow_response c g a"])
      #expect(try shop.counts("agent", "a", "slow") == [2])
      try shop.close("c")
      #expect(try shop.field("agent:a", "slow") == "0")
      #expect(try shop.names("conv:c").isDisjoint(with: ["slow", "unanswered_since", "response_alert"]))
    }
  }

  @Test func aTimelyAnswerIsNotReported() async throws {
    try await TestShop.run(yaml: Self.shop("response_alert: 2m")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.say("c", .customer)
      try shop.pass(119_999)
      try shop.say("c", .agent)
      try shop.pass(3_600_000)
      #expect(try shop.alerts() == [])
    }
  }

  @Test func whoGetsAConversationOfASlowAgentIsNotSlowItself() async throws {
    try await TestShop.run(yaml: Self.shop("response_alert: 1m")) { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      try shop.say("c", .customer)
      try shop.pass(60_000)
      #expect(try shop.field("agent:a", "slow") == "1")
      try shop.transfer("c", to: .to(agent: "b"))
      #expect(try shop.fields("conv:c", "slow", "unanswered_since", "answered_at") == "- - -")
      #expect(try shop.field("agent:a", "slow") == "0")
      try shop.say("c", .agent, agent: "b")
      #expect(try shop.field("agent:b", "slow") ?? "0" == "0")
      // And it is watched like anybody else.
      try shop.say("c", .customer)
      try shop.pass(60_000)
      #expect(try shop.alerts() == ["slow_response c g a", "slow_response c g b"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func withoutAFirstAnswerItGoesToAnotherAgentAndNotBack() async throws {
    try await TestShop.run(yaml: Self.shop("answer_within: 30s")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.online("b")
      #expect(try shop.places == ["c a"])
      try shop.say("c", .customer)
      try shop.pass(29_999)
      _ = try shop.take()
      #expect(try shop.places == ["c a"])
      try shop.pass(1)
      #expect(try shop.places == ["c b"])
      #expect(
        try shop.commands() == [
          "conversation.requeued c to=customer reason=unanswered",
          "conversation.requeued c to=agent reason=unanswered",
          "conversation.assigned c to=customer agent=b group=g level=0 reason=unanswered waited=0",
          "conversation.assigned c to=agent agent=b group=g level=0 reason=unanswered waited=0",
        ])
      #expect(try shop.counts("agent", "a", "unanswered", "answered") == [1, 0])
      // The second one has the same time from its own assignment, and answers.
      try shop.pass(29_000)
      try shop.say("c", .agent, agent: "b")
      try shop.pass(3_000)
      #expect(try shop.places == ["c b"])
      #expect(try shop.counts("agent", "b", "answered", "answered:sum") == [1, 29_000])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func withNobodyElseFreeItWaitsAtItsOldPlaceAndNotForTheSameAgent() async throws {
    try await TestShop.run(yaml: Self.shop("answer_within: 30s")) { shop, _ in
      try shop.online("a", "b")
      try shop.open("busy")
      try shop.open("c", level: 2)
      try shop.say("busy", .agent)
      let first = try shop.field("conv:c", "queued_at")
      try shop.open("later", level: 2)
      #expect(try shop.places == ["busy a", "c b", "later waiting g"])
      try shop.pass(30_000)
      // The silent agent takes the next one; its own conversation is ahead of all who came later.
      #expect(try shop.places == ["busy a", "c waiting g", "later b"])
      #expect(try shop.fields("conv:c", "level", "queued_at", "avoid") == "2 \(first ?? "") b")
      try shop.close("busy")
      #expect(try shop.places == ["c a", "later b"])
      #expect(try shop.field("conv:c", "reason") == "queue")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func afterATransferTheNextAgentHasToAnswerToo() async throws {
    let three = "a: {groups: [g], capacity: 1}, b: {groups: [g], capacity: 1}, d: {groups: [g], capacity: 1}"
    try await TestShop.run(yaml: Self.shop("answer_within: 30s", three)) { shop, _ in
      try shop.online("a", "b", "d")
      try shop.open("c")
      try shop.say("c", .agent)
      try shop.pass(100_000)
      #expect(try shop.places == ["c a"])
      try shop.transfer("c", to: .to(agent: "b"))
      try shop.pass(30_000)
      #expect(try shop.places != ["c b"])
      #expect(try shop.field("conv:c", "avoid") == "b")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func afterACloseTheSlotCountsAsFreeOnlyAfterTheWrapUp() async throws {
    try await TestShop.run(yaml: Self.shop("wrap_up: 20s", "a: {groups: [g], capacity: 2}")) { shop, _ in
      try shop.online("a")
      for name in ["c", "d", "waits"] { try shop.open(name) }
      try shop.close("c")
      #expect(try shop.places == ["d a", "waits waiting g"])
      #expect(try shop.fields("agent:a", "load", "used", "spread") == "1 2 g:2")
      try shop.pass(19_999)
      #expect(try shop.places == ["d a", "waits waiting g"])
      try shop.pass(1)
      #expect(try shop.places == ["d a", "waits a"])
      #expect(try shop.fields("agent:a", "load", "used", "spread") == "2 2 g:2")
      #expect(try shop.timeToLive("agent:a:wrap") == -2)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aConversationThatEndsTwiceWithinTheWrapUpKeepsTwoSlots() async throws {
    try await TestShop.run(yaml: Self.shop("wrap_up: 20s", "a: {groups: [g], capacity: 3}")) { shop, _ in
      try shop.online("a")
      for _ in 1...2 {
        try shop.open("c")
        try shop.close("c")
      }
      #expect(try shop.fields("agent:a", "load", "used") == "0 2")
      #expect(try shop.violations == [])
      try shop.pass(5_000)
      try shop.open("c")
      try shop.close("c")
      #expect(try shop.field("agent:a", "used") == "3")
      #expect(try shop.violations == [])
      try shop.pass(15_000)
      #expect(try shop.field("agent:a", "used") == "1")
      try shop.pass(5_000)
      #expect(try shop.field("agent:a", "used") == "0")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aTransferNeedsNoWrapUpAndGoingOfflineDoesNotEndOne() async throws {
    try await TestShop.run(yaml: Self.shop("wrap_up: 20s")) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.open("next")
      try shop.online("b")
      #expect(try shop.places == ["c a", "next b"])
      try shop.close("next")
      try shop.transfer("c", to: .to(agent: "b"))
      #expect(try shop.field("agent:a", "used") == "0")
      #expect(try shop.fields("agent:b", "load", "used") == "1 2")
      try shop.offline("b")
      try shop.online("b")
      #expect(try shop.field("agent:b", "used") == "2")
      try shop.pass(20_000)
      #expect(try shop.field("agent:b", "used") == "1")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func withoutTheKeysNothingOfThisHappens() async throws {
    try await TestShop.run(yaml: Self.shop("idle_timeout: 0")) { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      try shop.say("c", .customer)
      try shop.pass(86_400_000)
      try shop.say("c", .agent)
      try shop.pass(86_400_000)
      #expect(try shop.places == ["c a"])
      #expect(try shop.alerts() == [])
      try shop.close("c")
      #expect(try shop.fields("agent:a", "load", "used") == "0 0")
    }
  }
}
