import Testing

@testable import Routing

/// How problems and warnings look when printed, and that none is lost.
@Suite struct ConfigurationReportTests {
  private func errors(_ text: String) throws -> ConfigurationErrors {
    try #require(throws: ConfigurationErrors.self) { try ShopConfiguration.parse(text, file: "shop.yaml") }
  }

  @Test func pointsAtThePlace() throws {
    let text = "shop: s\ngroups:\n  presale:\n    queue: {名: 1, limt: 5}\n"
    let problems = try errors(text).problems
    #expect(problems.count == 2)
    let last = try #require(problems.last)
    #expect(
      last.description == """
        shop.yaml:4:19: groups.presale.queue.limt: unknown key; did you mean 'limit'?
              queue: {名: 1, limt: 5}
                             ^
        """)
    #expect(last.suggestion == "limit")
  }

  @Test func findsAllInFileOrder() throws {
    let text = """
      rules: [{name: r, route: {group: x}}]
      shop: a b
      groups: {g: {capacity: 0, queue: {limt: 1}}}
      groups: {h: {}}
      heartbeat: 5
      heartbeat: 6s
      heartbeat: 7s
      """
    let found = try errors(text).problems.map { "\($0.line) \($0.keyPath)" }
    #expect(
      found == [
        "1 rules[0].route.group", "2 shop", "3 groups.g.capacity", "3 groups.g.queue.limt", "4 groups",
        "5 heartbeat", "6 heartbeat", "7 heartbeat",
      ])
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func countsLinesOfEveryKind(end: String) throws {
    let lines = ["shop: s", "# 注释", "groups: {g: {}}", "agents: {小李: {}, 小李: {}}", "hartbeat: 3s"]
    let problems = try errors("\u{FEFF}" + lines.joined(separator: end)).problems
    #expect(problems.map(\.line) == [4, 5])
    #expect(problems.map(\.column) == [18, 1])
    #expect(problems.map(\.sourceLine) == Array(lines.suffix(2)))
  }

  @Test func stopsAtFifty() throws {
    let lines = (0..<5_000).map { "  a\($0): {capacity: 0}" }
    let errors = try errors("shop: s\ngroups: {g: {}}\nagents:\n" + lines.joined(separator: "\n"))
    #expect(errors.problems.count == 50)
    #expect(errors.omitted == 4_950)
    #expect(errors.problems.first?.line == 4)
    #expect(errors.description.hasSuffix("and at least 4950 more"))
  }

  @Test func cutsLongLines() throws {
    let filler = String(repeating: "x", count: 5_000)
    let problem = try #require(
      try errors(#"{"shop": "s", "groups": {"g": {"name": "\#(filler)", "limt": 1}}}"#).problems.first)
    let lines = problem.description.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.count < 250 })
    let caret = try #require(lines[2].firstIndex(of: "^"))
    let offset = lines[2].distance(from: lines[2].startIndex, to: caret)
    #expect(lines[1].dropFirst(offset).hasPrefix("\"limt\""))
  }

  @Test func warnings() throws {
    let text = """
      shop: s
      capacity_scope: group
      dedicated: {wait: 5s}
      groups:
        a: {hours: w, strategy: weighted, queue: {limit: 5, notify: 3s}}
        b: {queue: {notify: 3s, handle_time: measured}}
      agents:
        x: {groups: [{group: a, skill: 3, capacity: 2}], capacity: 3}
        y: {name: Y, weight: 2}
      schedules: {w: {weekly: {mon: ["09:00-18:00"]}}}
      rules: [{name: r, route: {group: a}}]
      retention: {conversations: 1d, statistics: 5d}
      """
    let shop = try ShopConfiguration.parse(text, file: "shop.yaml")
    #expect(
      shop.warnings().map(\.description) == [
        "groups.b (line 6) has no agents",
        "agents.y (line 9) serves no group",
      ])
  }

  @Test func aSoundShopIsNotWarnedOf() throws {
    let text = """
      shop: s
      timezone: Asia/Shanghai
      levels: {source: param, param: l, vip: 3}
      default: {group: a, mode: human-only}
      capacity_scope: agent
      offline_grace: 5s
      heartbeat: 30s
      retention: {conversations: 2d, customers: 5d}
      group_defaults: {capacity: 3, queue: {hide: {waiting: 3}}}
      groups:
        a:
          name: A
          strategy: round-robin
          capacity: 4
          idle_timeout: 5m
          queue: {enabled: true, limit: 5, handle_time: 3m, hide: {waiting: 5, wait: 3m}}
      agents: {x: {name: X, groups: [a], capacity: 3}, y: {groups: [{group: a}]}}
      """
    #expect(try ShopConfiguration.parse(text, file: "shop.yaml").warnings().isEmpty)
  }
}
