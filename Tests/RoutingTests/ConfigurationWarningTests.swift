import Testing

@testable import Routing

/// What `fenliu check` says about hours and overflow that are allowed and can hardly be meant.
@Suite struct ConfigurationWarningTests {
  /// The warnings of a file.
  private func warnings(_ text: String) throws -> [String] {
    try ShopConfiguration.parse(text, file: "shop.yaml").warnings().map(\.description)
  }

  @Test func schedulesNeverOpenOrUsed() throws {
    let found = try warnings(
      """
      shop: s
      schedules:
        day: {weekly: {mon-fri: ["09:00-18:00"]}}
        never: {}
        shut: {weekly: {mon-sun: []}, except: {2026-11-11: []}}
        sale: {except: {2020-11-11: ["00:00-24:00"]}}
        spare: {weekly: {mon: ["22:00-06:00"]}}
        nothing: {}
      groups:
        a: {hours: day}
        b: {hours: shut}
        c: {distribution: {sale: manual, otherwise: auto}}
      agents: {x: {groups: [a, b, c]}}
      rules: [{name: r, when: not never, route: {group: a}}]
      """)
    #expect(
      found == [
        "schedules.never (line 4) is never open",
        "schedules.shut (line 5) is never open",
        "schedules.spare (line 7) is used by no group and no rule",
        "schedules.nothing (line 8) is never open",
        "schedules.nothing (line 8) is used by no group and no rule",
        "groups.b (line 11) takes nobody: its hours are 'shut', which is never open",
      ])
  }

  /// Groups, all served, with these targets of overflow, and rules with a group and its overflow.
  private func overflow(_ targets: KeyValuePairs<String, [String]>, rules: [(String, String)] = []) throws
    -> [String]
  {
    let groups = targets.map { group, targets in
      targets.isEmpty
        ? "  \(group): {}"
        : "  \(group): {queue: {overflow: [{after: 60s, to: [\(targets.joined(separator: ", "))]}]}}"
    }
    let lines = rules.enumerated().map {
      "  - {name: r\($0), who: {ids: [u\($0)]}, route: {group: \($1.0), overflow: [\($1.1)]}}"
    }
    let names = targets.map(\.key).joined(separator: ", ")
    return try warnings(
      """
      shop: s
      agents: {x: {groups: [\(names)]}}
      groups:
      \(groups.joined(separator: "\n"))
      rules:
      \(lines.joined(separator: "\n"))
      """)
  }

  @Test func overflowLoopsAreNamed() throws {
    #expect(
      try overflow(["a": ["b"], "b": ["a"]]) == ["groups.a (line 4) overflows in a loop: a → b → a"])
    #expect(
      try overflow(["in": ["a"], "a": ["out", "b"], "b": ["c"], "c": ["d", "a"], "d": ["b"], "out": []]) == [
        "groups.a (line 5) overflows in a loop: a → b → c → a",
        "groups.d (line 8) overflows in a loop: d → b → c → d",
      ])
    #expect(
      try overflow(["a": ["b"], "b": [], "c": []], rules: [("b", "c"), ("c", "a")])
        == ["groups.a (line 4) overflows in a loop: a → b → c → a"])
  }

  @Test func overflowThatComesToAnEndIsNoLoop() throws {
    #expect(try overflow(["a": ["b", "c"], "b": ["c"], "c": ["d"], "d": []], rules: [("a", "d")]).isEmpty)
    let everybodyIntoOne = """
      shop: s
      group_defaults: {queue: {overflow: [{after: 60s, to: [all]}]}}
      groups: {a: {}, b: {}, all: {}}
      agents: {x: {groups: [a, b, all]}}
      """
    #expect(try warnings(everybodyIntoOne).isEmpty)
  }

  @Test func overflowIntoAGroupWithoutAgents() throws {
    let found = try warnings(
      """
      shop: s
      groups:
        a: {queue: {overflow: [{after: 60s, to: [c]}, {after: 2m, to: [c]}]}}
        b: {}
        c: {}
      agents: {x: {groups: [a]}}
      rules:
        - {name: r, who: {vip: true}, route: {overflow: [c, b]}}
        - {name: q, route: {overflow: [c]}}
      """)
    #expect(
      found == [
        "groups.b (line 4) has no agents",
        "groups.b (line 4) has nobody to take what rules[0].route.overflow would bring",
        "groups.c (line 5) has no agents",
        "groups.c (line 5) has nobody to take what groups.a.queue.overflow and 2 more would bring",
      ])
  }
}
