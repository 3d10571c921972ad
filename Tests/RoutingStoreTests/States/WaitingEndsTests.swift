import Routing
import TestSupport
import Testing

/// However a wait ends, nothing of it stays: no field, no place in a list, no timer.
@Suite(.redis) struct WaitingEndsTests {
  private static let shop = """
    shop: s
    return: {window: 0}
    group_defaults:
      idle_timeout: 0
      queue:
        order: credit
        promote_after: 2m
        notify: 10s
        silent_after: 1h
        relax: [{after: 20s, skills: {english: 0}}]
    groups:
      g: {queue: {overflow: [{after: 30s, to: [h]}, {after: 20m, alert: true}]}}
      h: {}
      k: {}
    agents:
      a: {groups: [g], capacity: 1, ramp: 1}
      y: {groups: [h], capacity: 4}
      z: {groups: [k], capacity: 4}
    rules:
      - {name: heavy, who: {tags: [heavy]}, route: {group: g, weight: 3, skills: {english: 3}}}
      - {name: words, what: {keywords: [refund]}, route: {group: k, level: "+1"}}
    """

  /// `c` has waited for two minutes: promoted, offered to `h`, its demands dropped.
  private static func prepare(_ shop: TestShop) throws {
    try shop.online("a")
    try shop.arrive("held")
    try shop.arrive("c", tags: ["heavy"])
    try shop.pass(120_000)
    #expect(try shop.field("conv:c", "level") == "1")
    #expect(try shop.field("conv:c", "offered") == "h")
    #expect(try shop.list("offer:h") == ["c"])
    #expect(try shop.leftovers + shop.violations == [])
  }

  private static func expectNothingLeft(_ shop: TestShop) throws {
    #expect(try shop.leftovers + shop.violations == [])
    for agent in ["a", "y", "z"] {
      try shop.pause(agent)
      for id in try shop.list("agent:\(agent):open") { try shop.close(id) }
    }
    for id in ["held", "c"] where try shop.field("conv:\(id)", "state") != "closed" { try shop.close(id) }
    try shop.pass(3_600_000)
    #expect(try shop.leftovers + shop.violations == [])
    #expect(try shop.timers == [])
    for agent in try shop.list("agents") {
      let record = try shop.record("agent:\(agent)")
      #expect([record["load"], record["used"], record["spread"] ?? ""] == ["0", "0", ""])
    }
  }

  @Test func byAnAgentOfItsOwnGroup() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try Self.prepare(shop)
      try shop.close("held")
      #expect(try shop.places == ["c a"])
      #expect(try shop.field("agent:a", "used") == "1")
      try Self.expectNothingLeft(shop)
    }
  }

  @Test func byAnAgentOfTheGroupItIsOfferedTo() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try Self.prepare(shop)
      try shop.online("y")
      #expect(try shop.places == ["c y", "held a"])
      #expect(try shop.field("agent:y", "spread") == "h:3")
      try Self.expectNothingLeft(shop)
    }
  }

  @Test func byAnAgentWhoTakesItItself() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try Self.prepare(shop)
      try shop.online("y")
      try shop.offline("y")
      try shop.pass(15_000)
      #expect(try shop.places == ["c waiting h", "held a"])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.online("y")
      #expect(try shop.places == ["c y", "held a"])
      try Self.expectNothingLeft(shop)
    }
  }

  @Test func byAcceptance() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try Self.prepare(shop)
      try shop.online("z")
      try shop.accept("c", by: "z")
      #expect(try shop.places == ["c waiting g", "held a"])
      try shop.accept("c", by: "a")
      #expect(try shop.places == ["c a", "held a"])
      #expect(try shop.field("agent:a", "load") == "2")
      try Self.expectNothingLeft(shop)
    }
  }

  @Test func byATransferToAnotherQueue() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try Self.prepare(shop)
      let queued = try shop.field("conv:c", "queued_at")
      try shop.transfer("c", to: .to(group: "k"), by: .supervisor)
      #expect(try shop.places == ["c waiting k", "held a"])
      #expect(try shop.field("conv:c", "offered") == nil)
      #expect(try shop.field("conv:c", "queued_at") == queued)
      #expect(try shop.leftovers + shop.violations == [])
      try shop.online("z")
      #expect(try shop.places == ["c z", "held a"])
      try Self.expectNothingLeft(shop)
    }
  }

  @Test func byARuleThatALaterWordMatches() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try shop.online("a")
      try shop.arrive("held")
      try shop.arrive("c")
      try shop.pass(130_000)
      let queued = try shop.field("conv:c", "queued_at")
      try shop.say("c", text: "I want a refund")
      #expect(try shop.places == ["c waiting k", "held a"])
      #expect(try shop.field("conv:c", "queued_at") == queued)
      #expect(try shop.field("conv:c", "offered") == nil)
      #expect(try shop.leftovers + shop.violations == [])
      try shop.online("z")
      #expect(try shop.places == ["c z", "held a"])
      try Self.expectNothingLeft(shop)
    }
  }

  @Test func byTheCustomerWhoLeaves() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try Self.prepare(shop)
      try shop.close("c", by: .customer)
      #expect(try shop.places == ["held a"])
      try Self.expectNothingLeft(shop)
    }
  }

  @Test func byAConfigurationWithoutItsGroup() async throws {
    let without = Self.shop.replacing(
      "  g: {queue: {overflow: [{after: 30s, to: [h]}, {after: 20m, alert: true}]}}\n", with: ""
    ).replacing("[g], capacity: 1", with: "[k], capacity: 1").replacing(
      "{group: g, weight", with: "{group: k, weight")
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      try Self.prepare(shop)
      try shop.apply(try .parse(without, file: "shop.yaml"))
      #expect(try shop.places == ["c waiting h", "held a"])
      #expect(try shop.leftovers + shop.violations == [])
      try shop.online("y")
      #expect(try shop.field("conv:c", "agent") == "y")
      try Self.expectNothingLeft(shop)
    }
  }
}
