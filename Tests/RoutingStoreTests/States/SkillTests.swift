import Routing
import TestSupport
import Testing

/// Rules that ask for skills, and how these demands soften (routing.md, section 4).
@Suite(.redis) struct SkillTests {
  private static func shop(queue: String = "", route: String = "skills: {english: 5}") -> String {
    """
    shop: s
    return: {window: 0}
    groups: {g: {\(queue)}}
    agents:
      a: {groups: [{group: g, skill: 2}], capacity: 9}
      b: {groups: [{group: g, skill: 3}], capacity: 1, skills: {english: 4, return: 9}}
      d: {groups: [{group: g, skill: 9}], capacity: 1, skills: {english: 8}}
    rules:
      - {name: foreign, who: {tags: [foreign]}, route: {\(route)}}
    """
  }

  private static func arrive(_ shop: TestShop, _ conversation: String, agent: String? = nil) throws {
    try shop.arrive(conversation, agent: agent, tags: ["foreign"])
  }

  @Test func onlyWhoHasTheSkillGetsWhoAsksForIt() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try shop.online("a", "b", "d")
      try Self.arrive(shop, "c")
      try Self.arrive(shop, "e")
      // a has no English and b too little; others go to them meanwhile.
      try shop.arrive("f")
      #expect(
        try shop.places == ["c d", "e waiting g", "f b"] || shop.places == ["c d", "e waiting g", "f a"])
      try shop.pass(600_000)
      #expect(try shop.field("conv:e", "state") == "waiting")
      try shop.close("c")
      #expect(try shop.field("conv:e", "agent") == "d")
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func allSkillsAskedForAreNeeded() async throws {
    try await TestShop.run(yaml: Self.shop(route: "skills: {english: 4, return: 1}")) { shop, _ in
      try shop.online("a", "d")
      try Self.arrive(shop, "c")
      #expect(try shop.places == ["c waiting g"])
      try shop.online("b")
      #expect(try shop.places == ["c b"])
      #expect(try shop.violations == [])
    }
  }

  @Test func theCustomersOwnAgentAndTheLastNeedTheSkillToo() async throws {
    let yaml = Self.shop().replacing("window: 0", with: "window: 1h")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "b", "d")
      try shop.update("u-c", dedicated: .set(AgentID(unchecked: "a")))
      try Self.arrive(shop, "c")
      #expect(try shop.places == ["c d"])
      #expect(try shop.field("conv:c", "reason") == "group")
      try shop.close("c")
      try shop.update("u-e", dedicated: .clear)
      try shop.arrive("before", customer: "u-e", agent: "b")
      try shop.close("before")
      try Self.arrive(shop, "e")
      #expect(try shop.places == ["e d"])
      #expect(try shop.field("conv:e", "reason") == "returning")
    }
  }

  @Test func whoAsksForAnAgentByNameHasItWithoutTheSkill() async throws {
    try await TestShop.run(yaml: Self.shop()) { shop, _ in
      try shop.online("a", "b", "d")
      try Self.arrive(shop, "c", agent: "a")
      #expect(try shop.places == ["c a"])
      #expect(try shop.field("conv:c", "reason") == "requested")
    }
  }

  @Test func theDemandIsLoweredAndThenDroppedInTime() async throws {
    let relax = "queue: {relax: [{after: 30s, skills: {english: 4}}, {after: 60s, skills: {english: 0}}]}"
    try await TestShop.run(yaml: Self.shop(queue: relax)) { shop, _ in
      try shop.online("a", "b", "d")
      for id in ["c1", "c2", "c3"] { try Self.arrive(shop, id) }
      try shop.pass(29_999)
      #expect(try shop.places == ["c1 d", "c2 waiting g", "c3 waiting g"])
      try shop.pass(1)
      #expect(try shop.places == ["c1 d", "c2 b", "c3 waiting g"])
      #expect(try shop.field("conv:c3", "skills") == "english:4")
      try shop.pass(29_999)
      #expect(try shop.field("conv:c3", "state") == "waiting")
      try shop.pass(1)
      #expect(try shop.places == ["c1 d", "c2 b", "c3 a"])
      #expect(try shop.field("conv:c3", "skills") == nil)
      #expect(try shop.leftovers + shop.violations == [])
    }
  }

  @Test func aStepNeverAsksForMoreThanTheRule() async throws {
    let relax = "queue: {relax: [{after: 30s, skills: {english: 9, cooking: 3}}]}"
    try await TestShop.run(yaml: Self.shop(queue: relax)) { shop, _ in
      try shop.online("a")
      try Self.arrive(shop, "c")
      try shop.pass(30_000)
      #expect(try shop.field("conv:c", "skills") == "english:5")
      try shop.online("d")
      #expect(try shop.places == ["c d"])
    }
  }

  @Test func aRuleMayPreferTheMostSkilledInAGroupThatDoesNot() async throws {
    try await TestShop.run(yaml: Self.shop(route: "prefer: most-skilled")) { shop, _ in
      try shop.online("a", "b", "d")
      // Everybody else goes to the least loaded.
      try shop.arrive("other")
      #expect(try shop.places == ["other a"])
      try Self.arrive(shop, "c1")
      try Self.arrive(shop, "c2")
      try Self.arrive(shop, "c3")
      #expect(try shop.places == ["c1 d", "c2 b", "c3 a", "other a"])
      #expect(try shop.violations == [])
    }
  }

  @Test func betweenEquallySkilledTheLeastLoadedIsPreferred() async throws {
    let yaml = Self.shop(route: "prefer: most-skilled") + "\n"
    let more = yaml.replacing("rules:", with: "  e: {groups: [{group: g, skill: 9}], capacity: 4}\nrules:")
    try await TestShop.run(yaml: more) { shop, _ in
      try shop.online("a", "d", "e")
      for number in 1...5 { try Self.arrive(shop, "c\(number)") }
      #expect(try shop.places == ["c1 d", "c2 e", "c3 e", "c4 e", "c5 e"])
    }
  }
}
