import Routing
import TestSupport
import Testing

/// Handing on (routing.md, "Looking for a person" and the protocol's `conversation.transfer`).
@Suite(.redis) struct TransferTests {
  private static let yaml = """
    shop: s
    groups: {g: {}, h: {queue: {limit: 1}}}
    agents:
      a: {groups: [g], capacity: 1}
      b: {groups: [g], capacity: 1}
      z: {groups: [h], capacity: 1}
    dedicated: {wait: 60s}
    return: {window: 0}
    """

  @Test func theNoteGoesToWhoGetsItAndNotToTheCustomer() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a", gateway: "agents")
      try shop.online("b", gateway: "others")
      try shop.open("c")
      for gateway in ["w", "agents", "others"] { _ = try shop.take(gateway) }
      try shop.transfer("c", to: .to(agent: "b"), note: "他要\"发票\"")
      #expect(try shop.take("others").map(\.note) == ["他要\"发票\""])
      #expect(try shop.take().map(\.note) == [nil])
      #expect(try shop.field("conv:c", "note") == "他要\"发票\"")
      // Who gave it away hears that another has it.
      #expect(
        try shop.commands("agents") == [
          "conversation.assigned c to=agent agent=b group=g level=0 reason=transfer waited=0"
        ])
      try shop.close("c")
      #expect(try shop.field("conv:c", "note") == nil)
    }
  }

  @Test func theNoteReachesWhoTakesItFromTheQueueLater() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.transfer("c", to: .to(group: "h"), note: "refund")
      #expect(try shop.places == ["c waiting h"])
      try shop.online("z", gateway: "agents")
      #expect(try shop.take("agents").map(\.note) == ["refund"])
    }
  }

  @Test func toAnAgentOfAnotherGroupItBelongsThereThen() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a", "z")
      try shop.open("c")
      try shop.open("waits")
      try shop.transfer("c", to: .to(agent: "z"))
      #expect(try shop.fields("conv:c", "agent", "group", "reason") == "z h transfer")
      // The freed slot takes who waits in the same step.
      #expect(try shop.places == ["c z", "waits a"])
      // To whom it is with already: nothing happens.
      _ = try shop.take()
      try shop.transfer("c", to: .to(agent: "z"))
      #expect(try shop.take() == [])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aboveCapacityAndOutOfTheQueue() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a", "b")
      try shop.open("one")
      try shop.open("two")
      try shop.open("waits")
      try shop.transfer("one", to: .to(agent: "b"))
      #expect(try shop.places == ["one b", "two b", "waits a"])
      try shop.open("next", level: 3)
      try shop.transfer("next", to: .to(agent: "b"), by: .supervisor)
      #expect(try shop.fields("agent:b", "load", "used") == "3 3")
      #expect(try shop.field("conv:next", "reason") == "manual")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func toSomebodyOfflineItGoesToTheBestOfItsGroupOrWaitsAtItsOldPlace() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c", level: 2)
      let first = try shop.field("conv:c", "queued_at")
      try shop.pass(1_000)
      try shop.open("later", level: 2)
      try shop.transfer("c", to: .to(agent: "b"))
      // It does not come back to who gave it away, who takes the next one instead.
      #expect(try shop.places == ["c waiting g", "later a"])
      #expect(try shop.fields("conv:c", "queued_at", "excluded", "level") == "\(first ?? "") a 2")
      // Transferred once more while it waits, to somebody offline: it stays.
      _ = try shop.take()
      try shop.transfer("c", to: .to(agent: "b"), by: .supervisor)
      #expect(try shop.take() == [])
      try shop.close("later")
      #expect(try shop.places == ["c waiting g"])
      try shop.pass(59_000)
      // After `dedicated.wait` even that agent may have it again.
      try shop.pass(1_000)
      #expect(try shop.places == ["c a"])
      #expect(try shop.names("conv:c").isDisjoint(with: ["excluded", "excluded_until"]))
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func toSomebodyPausedItIsAsToSomebodyOffline() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      try shop.pause("b")
      try shop.transfer("c", to: .to(agent: "b"))
      #expect(try shop.places == ["c waiting g"])
      try shop.online("b")
      #expect(try shop.places == ["c b"])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func toAGroupItWaitsAtItsOldPlaceWhateverTheLimit() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a", "z")
      try shop.open("c")
      try shop.pass(1_000)
      try shop.open("busy", group: "h")
      try shop.open("waits", group: "h")
      try shop.transfer("c", to: .to(group: "h"))
      #expect(try shop.places == ["busy z", "c waiting h", "waits waiting h"])
      try shop.close("busy")
      #expect(try shop.places == ["c z", "waits waiting h"])
      #expect(try shop.field("conv:c", "reason") == "queue")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func fromTheAssistantAndFromTheQueueToAGroup() async throws {
    try await TestShop.run(yaml: Self.yaml + "\ndefault: {mode: bot-first}") { shop, _ in
      try shop.online("z")
      try shop.open("c")
      try shop.transfer("c", to: .to(group: "g"), by: .supervisor)
      #expect(try shop.places == ["c waiting g"])
      try shop.transfer("c", to: .to(group: "h"), by: .supervisor)
      #expect(try shop.fields("conv:c", "agent", "group", "reason") == "z h transfer")
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aTransferToWhomNobodyKnowsIsRefused() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.transfer("c", to: .to(agent: "nobody"))
      try shop.transfer("c", to: .to(group: "nowhere"))
      #expect(try shop.places == ["c a"])
      #expect(try shop.line("dead") == "dead 2")
    }
  }

  @Test func fromTheAssistantToAnAgent() async throws {
    try await TestShop.run(yaml: Self.yaml + "\ndefault: {mode: bot-first}") { shop, _ in
      try shop.online("z")
      try shop.open("c")
      try shop.pass(5_000)
      try shop.transfer("c", to: .to(agent: "z"), by: .supervisor)
      #expect(try shop.fields("conv:c", "agent", "group", "reason", "waited_ms") == "z h transfer 0")
      try shop.say("c", .agent, agent: "z")
      #expect(try shop.counts("agent", "z", "answered:sum", "transferred") == [5_000, 0])
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func toAGroupThatIsClosedItWaitsThere() async throws {
    let yaml = Self.yaml.replacing("h: {queue: {limit: 1}}", with: "h: {hours: never}")
      .replacing("shop: s", with: "shop: s\nschedules: {never: {weekly: {mon: []}}}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.transfer("c", to: .to(group: "h"))
      #expect(try shop.places == ["c waiting h"])
      // Its agents serve it all the same.
      try shop.online("z")
      #expect(try shop.places == ["c z"])
    }
  }
}
