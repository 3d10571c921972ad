import Routing
import TestSupport
import Testing

/// Who the customer is and how urgent (routing.md, section 1).
@Suite(.redis) struct CustomerTests {
  private static let yaml = """
    shop: s
    levels: {source: attribute, vip: 6}
    groups: {g: {}, big: {}}
    agents: {a: {groups: [g, big], capacity: 1}}
    rules:
      - {name: big, who: {tags: [gold], attributes: {orders: ">=20"}}, route: {group: big}}
    """

  @Test func whatTheEventSaysIsMergedOverWhatIsStored() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.update("u", level: 3, tags: ["gold"], attributes: ["orders": .number(25), "city": .text("x")])
      // Nothing is said: all stored things count.
      try shop.arrive("stored", customer: "u")
      #expect(try shop.fields("conv:stored", "group", "level", "rule") == "big 3 big")
      // One attribute is told anew, the other and the tags stay.
      try shop.arrive("fewer", customer: "u", attributes: ["orders": .number(19)])
      #expect(try shop.fields("conv:fewer", "group", "level", "rule") == "g 3 -")
      #expect(try shop.field("customer:u", "attributes") == #"{"city":"x","orders":19}"#)
      // Tags replace the stored ones.
      try shop.arrive("retagged", customer: "u", level: 4, tags: ["new"], attributes: ["orders": .number(30)])
      #expect(try shop.fields("conv:retagged", "group", "level") == "g 4")
      #expect(try shop.fields("customer:u", "tags", "level") == #"["new"] 4"#)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func byAttributeTheLevelIsTheCustomersOrThatOfVips() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("plain")
      try shop.arrive("vip", vip: true)
      try shop.arrive("told", vip: true, level: 2)
      try shop.arrive("above", level: 11)
      try shop.arrive("below", level: -4)
      // The parameter is nobody's level here.
      try shop.arrive("param", params: ["level": "9"])
      let levels = try ["plain", "vip", "told", "above", "below", "param"].map {
        try shop.field("conv:" + $0, "level")
      }
      #expect(levels == ["0", "6", "2", "10", "0", "0"])
    }
  }

  @Test func byParameterOnlyTheUrlCounts() async throws {
    let yaml = """
      shop: s
      levels: {source: param, param: viplevel}
      groups: {g: {}}
      agents: {a: {groups: [g]}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("none", vip: true, level: 7)
      try shop.arrive("other", params: ["level": "7"])
      try shop.arrive("seven", params: ["viplevel": "7"], level: 1)
      try shop.arrive("above", params: ["viplevel": "11"])
      try shop.arrive("below", params: ["viplevel": "-1"])
      try shop.arrive("word", params: ["viplevel": "gold"], level: 4)
      let levels = try ["none", "other", "seven", "above", "below", "word"].map {
        try shop.field("conv:" + $0, "level")
      }
      #expect(levels == ["0", "0", "7", "10", "0", "0"])
    }
  }

  @Test func theParameterComesBeforeTheAttributeWhereTheShopSaysSo() async throws {
    let yaml = """
      shop: s
      levels: {source: param-then-attribute, param: viplevel}
      groups: {g: {}}
      agents: {a: {groups: [g]}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("given", params: ["viplevel": "0"], level: 7)
      try shop.arrive("invalid", params: ["viplevel": "7.5"], level: 7)
      try shop.arrive("absent", vip: true)
      try shop.arrive("above", params: ["viplevel": "200"], level: 1)
      let levels = try ["given", "invalid", "absent", "above"].map { try shop.field("conv:" + $0, "level") }
      #expect(levels == ["0", "7", "5", "10"])
    }
  }

  @Test func anUpdateDoesNotMoveWhoWaitsAlready() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("c", customer: "u")
      try shop.update("u", level: 9)
      #expect(try shop.fields("conv:c", "level", "state") == "0 waiting")
      try shop.arrive("d", customer: "u")
      #expect(try shop.field("conv:d", "level") == "9")
    }
  }

  @Test func theDedicatedAgentIsSetAndTakenBack() async throws {
    let yaml = """
      shop: s
      groups: {g: {}}
      agents: {a: {groups: [g], capacity: 9}, b: {groups: [g], capacity: 9}}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a", "b")
      try shop.update("u", dedicated: .set(AgentID(unchecked: "b")))
      try shop.arrive("one", customer: "u")
      try shop.arrive("two", customer: "u")
      try shop.update("u", dedicated: .clear)
      #expect(try shop.field("customer:u", "dedicated") == nil)
      try shop.arrive("three", customer: "u")
      #expect(try shop.places == ["one b", "three a", "two b"])
      try shop.update("u", dedicated: .set(AgentID(unchecked: "nobody")))
      #expect(try shop.line("dead") == "dead 1")
    }
  }

  @Test func aForgottenCustomerIsUnknownAndStaysSo() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("c", customer: "u", level: 7, tags: ["gold"])
      try shop.forget("u")
      #expect(try shop.timeToLive("customer:u") == -2)
      // Neither an end nor a rating brings the record back.
      try shop.close("c")
      try shop.rate("c", 1)
      #expect(try shop.timeToLive("customer:u") == -2)
      try shop.arrive("d", customer: "u")
      #expect(try shop.fields("conv:d", "level", "reason", "avoid") == "0 group -")
      #expect(try shop.counted("shop", "", "repeat") == 0)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
