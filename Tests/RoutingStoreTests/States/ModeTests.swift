import Routing
import TestSupport
import Testing

/// Person or assistant (routing.md, section 3).
@Suite(.redis) struct ModeTests {
  private static func shop(_ mode: String, _ more: String = "g: {}") -> String {
    """
    shop: s
    default: {mode: \(mode)}
    groups: {\(more), spare: {}}
    agents: {a: {groups: [g], capacity: 1}, z: {groups: [spare], capacity: 1}}
    texts: {no_agent: nobody, off_hours: closed}
    assistant: {greeting: hello, handoff: [人工]}
    schedules: {work: {weekly: {mon-sun: ["09:00-14:00"]}}}
    supervisor: {gateway: desk}
    """
  }

  @Test func withAPersonFirstTheAssistantIsThereWhenNoneCanBeHad() async throws {
    try await TestShop.run(yaml: Self.shop("human-first", "g: {queue: {limit: 1}}")) { shop, _ in
      try shop.online("a")
      for name in ["served", "waits", "full"] { try shop.arrive(name) }
      #expect(try shop.places == ["full bot", "served a", "waits waiting g"])
      #expect(
        try shop.take().filter { $0.conversation == ConversationID(unchecked: "full") }.map(\.type.name) == [
          "conversation.bot", "conversation.reply",
        ])
      #expect(try shop.alerts() == ["queue_full full g"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test(arguments: [
    ("off hours", "g: {hours: work}"), ("queue disabled", "g: {queue: {enabled: false}}"),
    ("nobody online", "g: {queue: {when_empty: fallback}}"),
  ])
  func theOtherSideOfEachMode(why: String, group: String) async throws {
    let name = "other" + why.filter(\.isLetter)
    try await TestShop.run(yaml: Self.shop("human-first", group), name + "First") { shop, _ in
      try shop.arrive("c")
      #expect(try shop.places == ["c bot"])
      let told = try shop.replies()
      #expect(told == (why == "off hours" ? ["off_hours closed", "greeting hello"] : ["greeting hello"]))
    }
    try await TestShop.run(yaml: Self.shop("human-only", group), name + "Only") { shop, _ in
      try shop.arrive("c")
      #expect(try shop.places == [])
      #expect(try shop.fields("conv:c", "state", "close_reason", "closed_by") == "closed rejected system")
      let told = try shop.take().map { "\($0.type.name) \($0.kind ?? $0.reason ?? "") \($0.text ?? "")" }
      #expect(
        told == [
          why == "off hours" ? "conversation.reply off_hours closed" : "conversation.reply busy nobody",
          "conversation.closed rejected ",
        ])
      #expect(try shop.counts("group", "g", "rejected", "closed_rejected", "queued") == [1, 1, 0])
    }
    // From the assistant to a person, and nobody there: it stays with the assistant, told the same text.
    try await TestShop.run(yaml: Self.shop("bot-first", group), name + "Bot") { shop, _ in
      try shop.arrive("c")
      _ = try shop.take()
      try shop.handOff("c")
      #expect(try shop.places == ["c bot"])
      #expect(try shop.replies() == [why == "off hours" ? "off_hours closed" : "busy nobody"])
      // It can ask again, and whoever comes meanwhile serves it.
      if why != "off hours" {
        try shop.online("a")
        try shop.handOff("c")
        #expect(try shop.places == ["c a"])
      }
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aPausedAgentCountsAsOnline() async throws {
    try await TestShop.run(yaml: Self.shop("human-first", "g: {queue: {when_empty: fallback}}")) { shop, _ in
      try shop.online("a")
      try shop.pause("a")
      try shop.arrive("c")
      #expect(try shop.places == ["c waiting g"])
      #expect(try shop.alerts() == [])
    }
  }

  @Test func theAssistantGreetsAndAPersonComesOnTheEvent() async throws {
    try await TestShop.run(yaml: Self.shop("bot-first")) { shop, _ in
      try shop.online("a")
      try shop.arrive("c", text: "你好")
      #expect(try shop.places == ["c bot"])
      #expect(try shop.replies() == ["greeting hello"])
      try shop.pass(1_000)
      try shop.handOff("c")
      #expect(try shop.places == ["c a"])
      // The wait counts from the handoff.
      #expect(try shop.fields("conv:c", "reason", "waited_ms", "asked_at") == "group 0 \(shop.store.now)")
      // Once with a person, handing off means nothing.
      try shop.handOff("c")
      #expect(try shop.places == ["c a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func whyTheAssistantHandedItOverIsKept() async throws {
    try await TestShop.run(yaml: Self.shop("bot-first")) { shop, _ in
      try shop.online("a")
      try shop.arrive("c")
      try shop.handOff("c", reason: "angry customer")
      #expect(try shop.field("conv:c", "handoff_reason") == "angry customer")
      // It is of this reception only.
      try shop.close("c")
      #expect(try shop.field("conv:c", "handoff_reason") == "angry customer")
      try shop.arrive("c")
      #expect(try shop.fields("conv:c", "state", "handoff_reason") == "bot -")
    }
  }

  @Test func theDedicatedAndTheRequestedAgentAreLookedForAtTheHandoffToo() async throws {
    let yaml = """
      shop: s
      default: {mode: bot-first}
      groups: {g: {}}
      agents: {a: {groups: [g], capacity: 9}, b: {groups: [g], capacity: 9}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "b")
      try shop.update("u", dedicated: .set(AgentID(unchecked: "b")))
      try shop.arrive("own", customer: "u")
      try shop.arrive("asked", agent: "b")
      try shop.handOff("own")
      try shop.handOff("asked")
      #expect(try shop.places == ["asked b", "own b"])
      #expect(
        try ["own", "asked"].map { try shop.field("conv:" + $0, "reason") } == ["dedicated", "requested"])
    }
  }

  @Test func botOnlyIsNeverGivenToAPerson() async throws {
    try await TestShop.run(yaml: Self.shop("bot-only")) { shop, _ in
      try shop.online("a")
      try shop.arrive("c", text: "人工")
      try shop.say("c", text: "人工")
      try shop.handOff("c")
      for _ in 1...5 { try shop.say("c", text: "?") }
      #expect(try shop.places == ["c bot"])
      #expect(try shop.commands() == Array(repeating: "conversation.bot c to=customer group=g", count: 2))
    }
  }

  @Test func humanOnlyWaitsButNeverHasTheAssistant() async throws {
    try await TestShop.run(yaml: Self.shop("human-only", "g: {queue: {overflow: [{after: 1m, mode: bot}]}}"))
    { shop, _ in
      try shop.arrive("c")
      try shop.pass(300_000)
      #expect(try shop.places == ["c waiting g"])
    }
    try await TestShop.run(
      yaml: Self.shop("human-first", "g: {queue: {overflow: [{after: 1m, mode: bot}]}}"), "humanFirstOverdue"
    ) { shop, _ in
      try shop.arrive("c")
      try shop.pass(59_999)
      #expect(try shop.places == ["c waiting g"])
      _ = try shop.take()
      try shop.pass(1)
      #expect(try shop.places == ["c bot"])
      #expect(try shop.replies() == ["overdue nobody", "greeting hello"])
      #expect(
        try shop.names("conv:c").isDisjoint(with: ["waiting_since", "steps", "offered", "estimate", "told"]))
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func onlyOpenGroupsThatDistributeByThemselvesTakeOver() async throws {
    let yaml = """
      shop: s
      schedules: {work: {weekly: {mon-sun: ["09:00-14:00"]}}}
      groups:
        g: {queue: {enabled: false, overflow: [{after: 1m, to: [shut, hand, part, off]}, {after: 2m, to: [empty, good]}]}}
        shut: {hours: work}
        hand: {distribution: manual}
        part: {distribution: {auto: 0%}}
        off: {queue: {enabled: false}}
        empty: {queue: {when_empty: fallback}}
        good: {}
      agents:
        a: {groups: [shut, hand, part], capacity: 9}
        z: {groups: [good], capacity: 1}
        y: {groups: [empty]}
        x: {groups: [off, g]}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.open("waits")
      #expect(try shop.places == ["waits waiting good"])
      try shop.online("z")
      try shop.close("waits")
      try shop.open("served")
      #expect(try shop.fields("conv:served", "agent", "reason", "group") == "z overflow good")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aWordForAPersonAtOnceAndNobodyThereIsTheAssistants() async throws {
    try await TestShop.run(yaml: Self.shop("bot-first", "g: {queue: {enabled: false}}")) { shop, _ in
      try shop.arrive("c", text: "人工")
      #expect(try shop.places == ["c bot"])
      #expect(try shop.replies() == ["greeting hello"])
    }
  }

  @Test func aRuleForPersonsOnlyDoesNotEndWhatTheAssistantHas() async throws {
    let rules = "\nrules: [{name: only, what: {keywords: [投诉]}, route: {mode: human-only}}]"
    try await TestShop.run(yaml: Self.shop("bot-first", "g: {queue: {enabled: false}}") + rules) { shop, _ in
      try shop.arrive("c")
      try shop.say("c", text: "投诉")
      _ = try shop.take()
      try shop.handOff("c")
      #expect(try shop.fields("conv:c", "state", "mode") == "bot human-only")
      #expect(try shop.replies() == ["busy nobody"])
      try shop.online("a")
      try shop.handOff("c")
      #expect(try shop.places == ["c a"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
