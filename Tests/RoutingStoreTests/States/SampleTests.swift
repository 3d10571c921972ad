import Routing
import TestSupport
import Testing

/// A/B tests: rules with a sample, both arms counted side by side (routing.md, section 2 and "What is counted").
@Suite(.redis) struct SampleTests {
  // The buckets of `u-1` and `u-2` under `trial` are 6361 and 9286 of 10000.
  private static let yaml = """
    shop: s
    groups: {g: {}, h: {}}
    agents: {a: {groups: [g, h], capacity: 9}}
    rules:
      - {name: trial, who: {tags: [new]}, sample: 70%, route: {group: h}}
    """

  @Test func aShareOfTheCustomersIsRoutedByTheRule() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("in", customer: "u-1", tags: ["new"])
      try shop.arrive("out", customer: "u-2", tags: ["new"])
      try shop.arrive("again", customer: "u-1")
      #expect(try ["in", "out", "again"].map { try shop.field("conv:" + $0, "group") } == ["h", "g", "h"])
      #expect(try ["in", "out"].map { try shop.field("conv:" + $0, "arms") } == ["+trial", "-trial"])
    }
  }

  @Test func bothArmsAreCountedSideBySide() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      try shop.arrive("in", customer: "u-1", tags: ["new"])
      try shop.arrive("out", customer: "u-2", tags: ["new"])
      try shop.arrive("neither", customer: "u-3")
      try shop.pass(5_000)
      for name in ["in", "out", "neither"] { try shop.say(name, .agent) }
      try shop.close("in")
      try shop.pass(5_000)
      try shop.close("out")
      try shop.close("neither")
      try shop.rate("in", 5)
      try shop.rate("out", 3)
      for arm in ["in", "out"] {
        #expect(
          try shop.counts(
            arm, "trial", "opened", "assigned", "answered", "in_time", "closed", "handled", "rated")
            == [1, 1, 1, 1, 1, 1, 1])
      }
      #expect(try shop.counts("in", "trial", "handled:sum", "rated_5", "rated_3") == [5_000, 1, 0])
      #expect(try shop.counts("out", "trial", "handled:sum", "rated_5", "rated_3") == [10_000, 0, 1])
      #expect(try shop.counted("shop", "", "opened") == 3)
      #expect(try shop.counted("rule", "", "trial") == 1)
    }
  }

  @Test func whoDoesNotMatchTheRestOfTheRuleIsInNeitherArm() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.arrive("c", customer: "u-1", tags: ["old"])
      #expect(try shop.field("conv:c", "arms") == nil)
      #expect(try shop.counted("in", "trial", "opened") + shop.counted("out", "trial", "opened") == 0)
    }
  }
}
