import Testing

@testable import Routing

/// Texts with a comma within `{ }`, which YAML takes apart.
@Suite struct ConfigurationSplitTextTests {
  private func parse(_ line: String) throws -> ShopConfiguration {
    try ShopConfiguration.parse("shop: s\ngroups: {g: {}}\n\(line)", file: "shop.yaml")
  }

  private func problems(_ line: String) throws -> [String] {
    let errors = try #require(throws: ConfigurationErrors.self) { try parse(line) }
    return errors.problems.map { "\($0.keyPath): \($0.message)" }
  }

  @Test(arguments: [
    ("{notice: 系统繁忙,请您稍后再来。, mode: bot-only}", "系统繁忙,请您稍后再来。"),
    ("{mode: bot-only, notice: 繁忙,请稍后}", "繁忙,请稍后"),
    ("{mode: bot-only,notice: 繁忙,请稍后 }", "繁忙,请稍后"),
    ("{\"notice\": a,b,c,d, mode: bot-only}", "a,b,c,d"),
    // The same word again is a key given twice, to YAML.
    ("{notice: 您好,您好,您好, mode: bot-only}", "您好,您好,您好"),
    ("{notice: a,notices,notices, mode: bot-only}", "a,notices,notices"),
    ("{notice: 1,000,000, mode: bot-only}", "1,000,000"),
    ("{notice: a ,b \t,c , mode: bot-only}", "a ,b \t,c"),
    ("{notice: 请稍候,谢 谢, mode: bot-only}", "请稍候,谢 谢"),
    ("{notice: 我们在,9:00-21:00,见 https://a.cn/b?c=1, mode: bot-only}", "我们在,9:00-21:00,见 https://a.cn/b?c=1"),
    ("{notice: 繁忙,请\n    稍后,再见 # 注释, 还有\n  , mode: bot-only}", "繁忙,请 稍后,再见"),
    ("{notice:\n  繁忙,\u{1F642}好, mode: bot-only}", "繁忙,\u{1F642}好"),
    // Nearly a key, but nothing sets it apart from the text.
    ("{notice: a,mod, mode: bot-only}", "a,mod"),
  ])
  func isReadAsOneText(mapping: String, text: String) throws {
    let shop = try parse("emergency: \(mapping)")
    #expect(shop.emergency.notice == text)
    #expect(shop.emergency.mode == .botOnly)
  }

  @Test func wherever() throws {
    let shop = try ShopConfiguration.parse(
      """
      {shop: s, group_defaults: {name: 客服,甲}, groups: {g: {name: 售前,售后, queue: {limit: 5}}, h: },
      agents: {x: {name: 小李,组长, groups: [g, h]}}, texts: {busy: 忙,稍候, idle: 亲,还在吗},
      assistant: {greeting: 您好,请讲, answers: {茶: [{keywords: [茶,水], text: 在,的}, {text: 好,的, keywords: a}]}},
      rules: [{name: 大,小, route: {level: 3}}]}
      """, file: "shop.yaml")
    #expect(shop.groups.values.map(\.name).sorted() == ["售前,售后", "客服,甲"].sorted())
    #expect(shop.agents.values.first?.name == "小李,组长")
    #expect(shop.texts.busy == "忙,稍候")
    #expect(shop.texts.idle == "亲,还在吗")
    #expect(shop.assistant.greeting == "您好,请讲")
    #expect(shop.assistant.answers.first?.answers.map(\.text) == ["在,的", "好,的"])
    // In a list the comma does what it says.
    #expect(shop.assistant.answers.first?.answers.first?.keywords == ["茶", "水"])
    #expect(shop.rules.map(\.name) == ["大,小"])
    #expect(shop.warnings().filter { $0.message.contains("is read as") }.count == 9)
  }

  @Test func isWarnedOf() throws {
    let advice = "within { }, a text that contains a comma should be quoted"
    let shop = try ShopConfiguration.parse(
      """
      shop: s
      groups:
        g: {name: a,b,c, capacity: 3}
      agents:
        x: {groups: [g],
          name: 小李,小王}
        y: {name: "a,b", groups: [g]}
      """, file: "shop.yaml")
    // And nothing is said of keys b, c and 小王.
    #expect(
      shop.warnings().map(\.description) == [
        "groups.g.name (line 3) is read as 'a,b,c'; \(advice)",
        "agents.x.name (line 6) is read as '小李,小王'; \(advice)",
      ])
  }

  @Test func manyAreWarnedOfInFew() throws {
    let agents = (0..<100).map { "  a\($0): {name: a,b, groups: [g]}\n" }.joined()
    let warnings = try parse("agents:\n\(agents)").warnings()
    #expect(warnings.count == 20)
    #expect(warnings.last?.message.hasSuffix("should be quoted, and so for 80 more") == true)
  }

  @Test(arguments: [
    ("emergency: {notice: a, 请稍后}", "emergency.请稍后: unknown key without a value"),
    ("emergency: {notice: a,\u{3000}请稍后}", "emergency.\u{3000}请稍后: unknown key without a value"),
    ("emergency: {notice: a,\n  请稍后}", "emergency.请稍后: unknown key without a value"),
    ("emergency: {notice: a\n  ,请稍后}", "emergency.请稍后: unknown key without a value"),
    ("emergency: {notice: a, mod}", "emergency.mod: unknown key"),
    ("emergency: {notice: \"a\",请稍后}", "emergency.请稍后: unknown key without a value"),
    ("emergency: {notice: 'a',请稍后}", "emergency.请稍后: unknown key without a value"),
    ("emergency: {notice: a,\"请稍后\"}", "emergency.请稍后: unknown key without a value"),
    ("emergency: {notice: a,请稍后:}", ": no valid YAML"),
    ("emergency: {notice: a,请稍后: }", "emergency.请稍后: unknown key"),
    ("emergency: {notice: a,请稍后: , mode: bot-only}", "emergency.请稍后: unknown key"),
    ("emergency: {notice: a,请稍后 : }", "emergency.请稍后: unknown key"),
    ("emergency: {notice: a,请稍后: b}", "emergency.请稍后: unknown key"),
    ("emergency: {notice: a,请稍后: ~}", "emergency.请稍后: unknown key"),
    ("emergency: {notice: a,? 请稍后}", "emergency.请稍后: unknown key"),
    ("emergency: {notice: ,请稍后}", "emergency.notice: expected a text, found nothing"),
    ("emergency: {notice: ~,请稍后}", "emergency.notice: expected a text, found nothing"),
    ("emergency: {请稍后, notice: a}", "emergency.请稍后: unknown key"),
    ("emergency: {notice: a,mode}", "emergency.mode: expected one of"),
    ("emergency: {notice: a,mode,b}", "emergency.b: unknown key"),
    ("emergency: {notice: a,notice}", "emergency.notice: the key is given twice"),
    ("emergency: {notice: a,notice,b}", "emergency.b: unknown key"),
    ("emergency: {notice: a,mode, mode: bot-only}", "emergency.mode: the key is given twice"),
    ("emergency: {mode: bot-only,mode, notice: a}", "emergency.mode: the key is given twice"),
    ("emergency: {notice: a,b, b}", "emergency.b: the key is given twice"),
    ("emergency: {mode: bot-only,请稍后}", "emergency.请稍后: unknown key without a value"),
    ("levels: {vip: 6,请稍后}", "levels.请稍后: unknown key without a value"),
    ("levels: {source: param,请稍后}", "levels.请稍后: unknown key without a value"),
    ("emergency: {group: g,请稍后}", "emergency.请稍后: unknown key without a value"),
    ("dedicated: {wait: 60s,请稍后}", "dedicated.请稍后: unknown key without a value"),
    ("assistant: {handoff: [人工],请稍后}", "assistant.请稍后: unknown key without a value"),
    ("assistant: {handoff: 人工,请稍后}", "assistant.请稍后: unknown key without a value"),
    ("group_defaults: {queue: {},请稍后}", "group_defaults.请稍后: unknown key without a value"),
    ("rules: [{name: r, who: {attributes: {a: b,c}}, route: {level: 3}}]", "rules[0].who.attributes.c: "),
    ("rules: [{name: r, how: {params: {a: b,c,c}}, route: {level: 3}}]", "rules[0].how.params.c: the key"),
    // What is anchored is used elsewhere, where half of the text would go unnoticed.
    ("texts: {busy: &x a,请稍后}", "texts.请稍后: unknown key without a value"),
    ("texts: {busy: &x a, idle: *x,请稍后}", "texts.请稍后: unknown key without a value"),
    ("texts: {busy: a,&x 请稍后}", "texts.请稍后: unknown key without a value"),
    ("texts: {busy: a,请\n  稍后: b}", ": no valid YAML"),
    ("texts: {busy: a,请\n  稍后\n  :}", ": no valid YAML"),
  ])
  func staysAProblem(line: String, problem: String) throws {
    let found = try problems(line)
    #expect(found.contains { $0.hasPrefix(problem) }, "\(found)")
  }

  @Test func isFoundBehindAliases() throws {
    let shop = try parse("texts: {idle: c,d}\nagents:\n  x: &x {name: a,b, groups: [g]}\n  y: *x\n")
    #expect(shop.agents.values.map(\.name) == ["a,b", "a,b"])
    let warnings = shop.warnings().filter { $0.message.contains("is read as") }
    #expect(warnings.map(\.keyPath) == ["texts.idle", "agents.x.name"])
  }

  /// All on one line, where finding each half from the line's beginning would take far too long.
  @Test(.timeLimit(.minutes(1))) func longLines() throws {
    let notice = (0..<20_000).map { "\($0)" }.joined(separator: ",")
    let agents = (0..<20_000).map { "a\($0): {name: 小李,\($0), groups: [g]}" }.joined(separator: ", ")
    let shop = try parse("emergency: {notice: \(notice)}\nagents: {\(agents)}")
    #expect(shop.emergency.notice == notice)
    #expect(shop.agents[AgentID(unchecked: "a19999")]?.name == "小李,19999")
  }
}
