import Routing
import TestSupport
import Testing

/// How many conversations an agent has at once (routing.md, section 5).
@Suite(.redis) struct CapacityTests {
  private static func take(_ shop: TestShop, _ group: String, _ count: Int) throws {
    let before = try shop.places.count
    for number in 1...count { try shop.arrive("\(group)\(before + number)", group: group) }
  }

  private static func held(_ shop: TestShop, _ group: String, by agent: String = "a") throws -> Int {
    let held = try shop.list("agent:\(agent):open")
    return try held.count { try shop.field("conv:\($0)", "group") == group }
  }

  @Test func anAgentsCapacityIsOneNumberOverAllItsGroups() async throws {
    let yaml = """
      shop: s
      groups: {g: {}, h: {}, k: {}}
      agents: {a: {groups: [g, h, k], capacity: 4}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try Self.take(shop, "g", 2)
      try Self.take(shop, "h", 2)
      try Self.take(shop, "k", 2)
      #expect(try shop.field("agent:a", "load") == "4")
      #expect(try Self.held(shop, "k") == 0)
      #expect(try shop.field("group:k", "slots") == "4")
      #expect(try shop.field("agent:a", "spread") == "g:2 h:2")
      #expect(try shop.violations == [])
    }
  }

  @Test func countedByGroupAnAgentHasItsCapacityInEachOfThem() async throws {
    let yaml = """
      shop: s
      capacity_scope: group
      groups: {g: {capacity: 3}, h: {}}
      agents:
        a: {groups: [g, {group: h, capacity: 1}]}
        b: {groups: [g, h], capacity: 2}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try Self.take(shop, "g", 4)
      try Self.take(shop, "h", 2)
      #expect(try Self.held(shop, "g") == 3)
      #expect(try Self.held(shop, "h") == 1)
      #expect(try shop.field("agent:a", "capacity") == "4")
      #expect(try shop.field("group:g", "slots") == "3")
      #expect(try shop.violations == [])
      // An agent's own number is meant for each group.
      try shop.online("b")
      try Self.take(shop, "g", 3)
      try Self.take(shop, "h", 3)
      #expect(try Self.held(shop, "g", by: "b") == 2)
      #expect(try Self.held(shop, "h", by: "b") == 2)
      #expect(try shop.field("agent:b", "capacity") == "4")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aGroupMaySetALowerCapacityForItsOwnConversations() async throws {
    let yaml = """
      shop: s
      groups: {g: {capacity: 2}, h: {}}
      agents: {a: {groups: [g, h], capacity: 5}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try Self.take(shop, "g", 3)
      #expect(try Self.held(shop, "g") == 2)
      #expect(try shop.list("wait:g").count == 1)
      #expect(try shop.field("group:g", "slots") == "2")
      #expect(try shop.field("group:h", "slots") == "5")
      try Self.take(shop, "h", 4)
      #expect(try Self.held(shop, "h") == 3)
      #expect(try shop.violations == [])
      // A freed slot of h is none for g.
      try shop.close(try #require(try shop.list("agent:a:open").last { $0.hasPrefix("h") }))
      #expect(try Self.held(shop, "g") == 2)
      #expect(try Self.held(shop, "h") == 3)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func theMembershipsCapacityComesBeforeTheGroups() async throws {
    let yaml = """
      shop: s
      groups: {g: {capacity: 2}}
      agents:
        a: {groups: [{group: g, capacity: 3}], capacity: 5}
        b: {groups: [{group: g, capacity: 1}], capacity: 5}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "b")
      try Self.take(shop, "g", 6)
      #expect(try Self.held(shop, "g", by: "a") == 3)
      #expect(try Self.held(shop, "g", by: "b") == 1)
      #expect(try shop.field("group:g", "slots") == "4")
      #expect(try shop.violations == [])
    }
  }

  @Test func withoutACapacityAnAgentHasTheLargestOfItsGroups() async throws {
    let yaml = """
      shop: s
      group_defaults: {capacity: 3}
      groups: {g: {}, h: {capacity: 4}, k: {}}
      agents:
        a: {groups: [g, h]}
        b: {groups: [k]}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "b")
      try Self.take(shop, "g", 4)
      try Self.take(shop, "h", 4)
      #expect(try shop.field("agent:a", "capacity") == "4")
      #expect(try Self.held(shop, "g") == 3)
      #expect(try Self.held(shop, "h") == 1)
      #expect(try shop.field("agent:b", "capacity") == "3")
      #expect(try shop.violations == [])
    }
  }

  @Test func withoutAnyNumberAnAgentHasTen() async throws {
    let yaml = "shop: s\ngroups: {g: {}}\nagents: {a: {groups: [g]}}"
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try Self.take(shop, "g", 11)
      #expect(try shop.field("agent:a", "load") == "10")
    }
  }

  private static let heavy = """
    shop: s
    groups: {g: {}}
    agents:
      a: {groups: [g], capacity: 5}
    rules:
      - {name: heavy, who: {tags: [heavy]}, route: {weight: 3}}
    """

  @Test func aHeavyConversationTakesAsManySlotsAsTheRuleSays() async throws {
    try await TestShop.run(yaml: Self.heavy) { shop, _ in
      try shop.online("a")
      try shop.arrive("h1", tags: ["heavy"])
      #expect(try shop.record("agent:a")["used"] == "3")
      #expect(try shop.field("agent:a", "load") == "1")
      // A second one does not fit, an ordinary one passes it by.
      try shop.arrive("h2", tags: ["heavy"])
      try shop.arrive("c1")
      #expect(try shop.places == ["c1 a", "h1 a", "h2 waiting g"])
      try shop.close("c1")
      #expect(try shop.places == ["h1 a", "h2 waiting g"])
      try shop.close("h1")
      #expect(try shop.places == ["h2 a"])
      try shop.close("h2")
      #expect(try shop.record("agent:a")["used"] == "0")
      #expect(try shop.record("agent:a")["spread"] ?? "" == "")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aConversationHeavierThanAnyAgentFitsAnIdleOne() async throws {
    let yaml = Self.heavy.replacing("capacity: 5", with: "capacity: 2")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("c1")
      try shop.arrive("h1", tags: ["heavy"])
      #expect(try shop.places == ["c1 a", "h1 waiting g"])
      try shop.close("c1")
      #expect(try shop.places == ["h1 a"])
      #expect(try shop.field("agent:a", "used") == "2")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aHigherCapacityTakesWhoWaitsAndALowerOneLeavesWhatIsHeld() async throws {
    let yaml = "shop: s\ngroups: {g: {}}\nagents: {a: {groups: [g], capacity: 2}}"
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try Self.take(shop, "g", 4)
      try shop.apply(try .parse(yaml.replacing("capacity: 2", with: "capacity: 3"), file: "shop.yaml"))
      #expect(try shop.field("agent:a", "load") == "3")
      #expect(try shop.field("group:g", "slots") == "3")
      try shop.apply(try .parse(yaml.replacing("capacity: 2", with: "capacity: 1"), file: "shop.yaml"))
      #expect(try shop.field("agent:a", "load") == "3")
      #expect(try shop.field("group:g", "slots") == "1")
      try shop.close("g1")
      #expect(try shop.list("wait:g") == ["g4"])
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aHeavyConversationWeighsAnewWithEachAgent() async throws {
    let yaml = Self.heavy.replacing("rules:", with: "  b: {groups: [g], capacity: 2}\nrules:")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("h1", tags: ["heavy"])
      try shop.online("b")
      try shop.offline("a")
      try shop.pass(15_000)
      #expect(try shop.places == ["h1 b"])
      #expect(try shop.field("agent:b", "used") == "2")
      #expect(try shop.field("agent:a", "used") == "0")
      try shop.online("a")
      try shop.transfer("h1", to: .to(agent: "a"))
      #expect(try shop.field("agent:a", "spread") == "g:3")
      #expect(try shop.field("agent:b", "used") == "0")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }
}
