import Testing

@testable import Routing

/// One file with one mistake in it.
struct WrongFile: Sendable, CustomTestStringConvertible {
  let text: String
  let line: Int
  let keyPath: String
  let message: String

  var testDescription: String { "\(keyPath) \(message)" }

  /// A whole file.
  init(whole text: String, _ line: Int, _ keyPath: String, _ message: String) {
    self.text = text
    self.line = line
    self.keyPath = keyPath
    self.message = message
  }

  /// Lines after the four of a file that is otherwise right; `line` counts from the first of these.
  init(_ lines: String, _ line: Int = 1, _ keyPath: String, _ message: String) {
    let before = """
      shop: s
      groups: {g: {}, h: {}}
      schedules: {work: {weekly: {mon: ["09:00-18:00"]}}}
      default: {}

      """
    self.init(whole: before + lines, line + 4, keyPath, message)
  }

  /// What is wrong in the group `g`, as a mapping's inside.
  init(group inside: String, _ keyPath: String, _ message: String) {
    let text = "shop: s\nschedules: {work: {}}\ngroups:\n  h: {}\n  g: {\(inside)}\n"
    self.init(whole: text, 5, "groups.g.\(keyPath)", message)
  }

  /// What is wrong in the agent `a`, as a mapping's inside.
  init(agent inside: String, _ keyPath: String, _ message: String) {
    self.init("agents:\n  a: {\(inside)}", 2, "agents.a.\(keyPath)", message)
  }

  /// What is wrong in a rule beside its name, as a mapping's inside.
  init(rule inside: String, _ keyPath: String, _ message: String) {
    self.init("rules:\n  - {name: r, \(inside)}", 2, "rules[0].\(keyPath)", message)
  }
}

@Suite struct ConfigurationProblemTests {
  @Test(arguments: syntax + names + shopKeys + groupKeys + queueKeys + agentKeys + ruleKeys + schedules)
  func isRefused(_ wrong: WrongFile) throws {
    let errors = try #require(throws: ConfigurationErrors.self) {
      try ShopConfiguration.parse(wrong.text, file: "shop.yaml")
    }
    let found = errors.problems.contains {
      $0.line == wrong.line && $0.keyPath == wrong.keyPath && $0.description.contains(wrong.message)
    }
    #expect(found, "found instead: \(errors)")
    #expect(errors.problems.count == 1, "one mistake, one problem: \(errors)")
  }

  @Test func thereAreEnough() {
    let all =
      Self.syntax + Self.names + Self.shopKeys + Self.groupKeys + Self.queueKeys + Self.agentKeys
      + Self.ruleKeys + Self.schedules
    #expect(all.count >= 80)
  }

  static let syntax: [WrongFile] = [
    .init(whole: "", 1, "", "the file is empty"),
    .init(whole: "# nothing\n", 1, "", "the file is empty"),
    .init(whole: "shop", 1, "", "expected a mapping with the keys shop and groups, found 'shop'"),
    .init(whole: "- shop", 1, "", "found a list"),
    .init(whole: "shop: s\ngroups: {g: {}}\nlevels: {vip: 3\n", 4, "", "no valid YAML"),
    .init(whole: "shop: s\n\tgroups: {g: {}}\n", 2, "", "no valid YAML"),
    .init(whole: "shop: s\ngroups:\n\tg: {}\n", 3, "", "spaces, not tabs"),
    .init(whole: "shop: \"s\ngroups: {g: {}}\n", 3, "", "no valid YAML"),
    .init(whole: "shop: s\n---\nshop: t\n", 2, "", "one file holds one shop"),
    .init(whole: "shop: s\ngroups: {g: {name: @a}}\n", 2, "", "must be quoted"),
    .init(whole: "shop: s\ngroups: {g: {name: *a}}\n", 2, "", "undefined alias"),
    .init(whole: "shop: s\ngroups: {g: {name: a: b}}\n", 2, "", "no valid YAML"),
    .init(whole: "shop: s\ntexts:\n  busy: a: b\ngroups: {g: {}}\n", 3, "", "': ' must be quoted"),
    .init(whole: "shop: s\ngroups: {g: {name: a\u{1}b}}\n", 2, "", "control characters"),
    .init(whole: "shop: s\ngroups: {g: {name: a\u{80}b}}\n", 2, "", "control characters"),
    .init(whole: #"{"shop": "s", "groups": {"g": {"name": "\ud83d\ude00"}}}"#, 1, "", "escape code"),
    .init("heartbeat: 1s\nheartbeat: 2s", 2, "heartbeat", "given twice; the first time is on line 5"),
    .init("levels: {vip: 1, \"vip\": 2}", 1, "levels.vip", "given twice"),
    .init("agents:\n  x: {}\n  y: {}\n  x: {}", 4, "agents.x", "given twice; the first time is on line 6"),
    .init("levels: !mine {vip: 1}", 1, "levels", "tags such as !mine"),
    .init("bad_rating: !!int 5", 1, "bad_rating", "tags such as"),
    .init(whole: "shop: !s s\ngroups: {g: {}}", 1, "shop", "tags such as !s"),
    .init("levels: {[a]: 1}", 1, "levels", "a key is a text"),
    .init("levels: &l {vip: 1}\nreturn: {<<: *l}", 2, "return", "merge keys"),
    .init("levels: &l {vip: 1}\nreturn: {*l : 1}", 2, "", "not an alias"),
  ]

  static let names: [WrongFile] = [
    .init(whole: "groups: {g: {}}", 1, "", "the key 'shop' is missing"),
    .init(whole: "shop: s", 1, "", "at least one group"),
    .init(whole: "shop: s\ngroups: {}", 2, "groups", "at least one group"),
    .init(whole: "shop: s\ngroups:\n", 2, "groups", "at least one group"),
    .init(whole: "shop: s\ngroups: [g]", 2, "groups", "expected a mapping of groups by id, found a list"),
    .init(whole: "shop: a b\ngroups: {g: {}}", 1, "shop", "contains a space"),
    .init(whole: "shop: ''\ngroups: {g: {}}", 1, "shop", "is empty"),
    .init(whole: "shop:\ngroups: {g: {}}", 1, "shop", "found nothing"),
    .init(whole: "shop: [s]\ngroups: {g: {}}", 1, "shop", "found a list"),
    .init(whole: "shop: s\ngroups: {g: {}, 'a:b': {}}", 2, "groups.a:b", "contains ':'"),
    .init(whole: "shop: s\ngroups: {g: {}, 'a*': {}}", 2, "groups.a*", "contains '*'"),
    .init(
      whole: "shop: s\ngroups:\n  g: {}\n  \(String(repeating: "a", count: 129)): {}", 4,
      "groups.\(String(repeating: "a", count: 80))…", "longer than 128 bytes"),
    .init("agents: {'x y': {}}", 1, "agents.x y", "the name of an agent contains a space"),
    .init("supervisor: {gateway: 'a b'}", 1, "supervisor.gateway", "contains a space"),
  ]

  static let shopKeys: [WrongFile] = [
    .init("hartbeat: 3s", 1, "hartbeat", "unknown key; did you mean 'heartbeat'?"),
    .init("offlineGrace: 3s", 1, "offlineGrace", "did you mean 'offline_grace'?"),
    .init("zebra: 3s", 1, "zebra", "unknown key"),
    .init("emergency: {notice: 繁忙, 请稍后, mode: bot-only}", 1, "emergency.请稍后", "must be quoted"),
    .init("timezone: Asia/Shangai", 1, "timezone", "did you mean 'Asia/Shanghai'?"),
    .init("timezone: Nowhere", 1, "timezone", "there is no such time zone"),
    .init("timezone: GMT+8", 1, "timezone", "there is no such time zone"),
    .init("levels: {source: params}", 1, "levels.source", "did you mean 'param'?"),
    .init("levels: {vip: 11}", 1, "levels.vip", "11 is out of range"),
    .init("levels: {vip: -1}", 1, "levels.vip", "-1 is out of range"),
    .init("levels: {parm: x}", 1, "levels.parm", "did you mean 'param'?"),
    .init("levels: 5", 1, "levels", "expected a mapping such as"),
    .init("return: {window: 30}", 1, "return.window", "without a unit; did you mean '30s'?"),
    .init("return: {over_capacity: always}", 1, "return.over_capacity", "one of group, agent, never"),
    .init("dedicated: {wait: -5s}", 1, "dedicated.wait", "negative"),
    .init("dedicated: {wait: 99999999999999999999d}", 1, "dedicated.wait", "out of range"),
    .init("dedicated: {wait: 3651d}", 1, "dedicated.wait", "the longest duration is 3650d"),
    .init("dedicated: {wait: 1.5h}", 1, "dedicated.wait", "one unit such as 90m"),
    .init("dedicated: {wait: 1h30m}", 1, "dedicated.wait", "one unit such as 90m"),
    .init("dedicated: {wait: 10 s}", 1, "dedicated.wait", "expected a duration"),
    .init("dedicated: {wait: 10sec}", 1, "dedicated.wait", "expected a duration"),
    .init("dedicated: {wait: [10s]}", 1, "dedicated.wait", "found a list"),
    .init("dedicated:\n  wait:\nbad_rating: 1", 2, "dedicated.wait", "found nothing"),
    .init("bad_rating: 6", 1, "bad_rating", "from 0 to 5"),
    .init("bad_rating: 01", 1, "bad_rating", "found '01'"),
    .init("bad_rating: 2.0", 1, "bad_rating", "expected a whole number from 0 to 5, found '2.0'"),
    .init("bad_rating: \"2\"", 1, "bad_rating", "leave the quotes out"),
    .init("capacity_scope: shop", 1, "capacity_scope", "one of agent, group"),
    .init("survey: {window: 0}", 1, "survey.window", "out of range"),
    .init("emergency: {mode: bots-only}", 1, "emergency.mode", "did you mean 'bot-only'?"),
    .init("emergency: {group: x}", 1, "emergency.group", "no such group: 'x'"),
    .init("texts: {busi: x}", 1, "texts.busi", "did you mean 'busy'?"),
    .init("texts: {busy: [x]}", 1, "texts.busy", "expected a text, found a list"),
    .init("assistant: {max_misses: 0}", 1, "assistant.max_misses", "from 1 to 100"),
    .init("assistant: {handoff: []}", 1, "assistant.handoff", "the list is empty"),
    .init("assistant: {answers: {a: [{text: x}]}}", 1, "assistant.answers.a[0]", "no 'keywords'"),
    .init("assistant: {answers: {a: [{keywords: x}]}}", 1, "assistant.answers.a[0]", "no 'text'"),
    .init("assistant: {answers: [a]}", 1, "assistant.answers", "from product lines to lists"),
    .init("retention: {customers: 0}", 1, "retention.customers", "0 is out of range"),
    .init("rules: {a: b}", 1, "rules", "expected a list of rules, found a mapping"),
    .init("agents: [a]", 1, "agents", "expected a mapping of agents by id"),
    .init(
      whole: "shop: s\ndefault: {group: presle}\ngroups: {presale: {}}", 2, "default.group",
      "no such group: 'presle'; did you mean 'presale'?"),
    .init(whole: "shop: s\ndefault: {mode: human}\ngroups: {g: {}}", 2, "default.mode", "one of human-first"),
  ]

  static let groupKeys: [WrongFile] = [
    .init(group: "hours: wrk", "hours", "no such schedule: 'wrk'; did you mean 'work'?"),
    .init(group: "strategy: least-load", "strategy", "did you mean 'least-loaded'?"),
    .init(group: "capacity: 0", "capacity", "0 is out of range; expected a whole number from 1 to 10000"),
    .init(group: "capacity: 10001", "capacity", "10001 is out of range"),
    .init(group: "capacity: 99999999999999999999999", "capacity", "is out of range"),
    .init(group: "capacity: 1e3", "capacity", "expected a whole number from 1 to 10000, found '1e3'"),
    .init(group: "capacity: five", "capacity", "found 'five'"),
    .init(group: "capacity: 1_000", "capacity", "found '1_000'"),
    .init(group: "name: ''", "name", "the text is empty"),
    .init(group: "limit: 5", "limit", "did you mean 'queue.limit'?"),
    .init(group: "idle_timeot: 5m", "idle_timeot", "did you mean 'idle_timeout'?"),
    .init(group: "idle_timeout: soon", "idle_timeout", "expected a duration such as"),
    .init(group: "distribution: automatic", "distribution", "expected auto, manual or a share"),
    .init(group: "distribution: {auto: 101%}", "distribution.auto", "from 0% to 100%"),
    .init(group: "distribution: {auto: 80}", "distribution.auto", "did you mean '80%'?"),
    .init(group: "distribution: {work: auto}", "distribution", "no 'otherwise'"),
    .init(group: "distribution: {wrk: auto, otherwise: manual}", "distribution.wrk", "did you mean 'work'?"),
    .init(group: "distribution: [auto]", "distribution", "expected auto, manual or a share"),
    .init(group: "distribution: {auto: 80%, work: auto}", "distribution.work", "unknown key"),
    .init(
      whole: "shop: s\ngroups: {g: {}}\ngroup_defaults: {capacity: x}", 3, "group_defaults.capacity",
      "expected a whole number"),
  ]

  static let queueKeys: [WrongFile] = [
    .init(group: "queue: {limt: 5}", "queue.limt", "unknown key; did you mean 'limit'?"),
    .init(group: "queue: {limit: -1}", "queue.limit", "-1 is out of range"),
    .init(group: "queue: {enabled: yes}", "queue.enabled", "expected true or false, found 'yes'"),
    .init(group: "queue: {enabled: 'true'}", "queue.enabled", "leave the quotes out"),
    .init(group: "queue: {when_empty: drop}", "queue.when_empty", "one of queue, fallback"),
    .init(group: "queue: {handle_time: mesured}", "queue.handle_time", "did you mean 'measured'?"),
    .init(group: "queue: {handle_time: 0}", "queue.handle_time", "0 is out of range"),
    .init(group: "queue: {hide: {wait: 5}}", "queue.hide.wait", "without a unit"),
    .init(group: "queue: {hide: {waits: 5m}}", "queue.hide.waits", "did you mean 'wait'?"),
    .init(group: "queue: {order: fifo}", "queue.order", "one of strict, credit"),
    .init(group: "queue: {credit: 0}", "queue.credit", "0 is out of range"),
    .init(group: "queue: {overflow: {after: 5s}}", "queue.overflow", "expected a list of steps"),
    .init(group: "queue: {overflow: [{to: [h]}]}", "queue.overflow[0]", "no 'after'"),
    .init(group: "queue: {overflow: [{after: 5s}]}", "queue.overflow[0]", "does nothing"),
    .init(group: "queue: {overflow: [{after: 5s, to: [x]}]}", "queue.overflow[0].to[0]", "no such group"),
    .init(group: "queue: {overflow: [{after: 5s, to: [g]}]}", "queue.overflow[0].to", "into itself"),
    .init(group: "queue: {overflow: [{after: 5s, mode: human}]}", "queue.overflow[0].mode", "expected bot"),
    .init(
      group: "queue: {overflow: [{after: 9s, alert: true}, {after: 5s, alert: true}]}",
      "queue.overflow[1].after", "growing"),
    .init(group: "queue: {overflow: [{after: 5s, level: 11}]}", "queue.overflow[0].level", "from 0 to 10"),
    .init(group: "queue: {relax: [{after: 5s}]}", "queue.relax[0]", "give skills"),
    .init(
      group: "queue: {relax: [{after: 5s, skills: {en: 11}}]}", "queue.relax[0].skills.en", "from 0 to 10"),
  ]

  static let agentKeys: [WrongFile] = [
    .init(agent: "groups: [x]", "groups[0]", "there is no such group: 'x'"),
    .init(agent: "groups: g", "groups", "expected a list of groups such as"),
    .init(agent: "groups: [g, g]", "groups[1]", "in the list twice"),
    .init(agent: "groups: [{group: g, skill: 11}]", "groups[0].skill", "from 1 to 10"),
    .init(agent: "groups: [{group: g, skil: 3}]", "groups[0].skil", "did you mean 'skill'?"),
    .init(agent: "groups: [{skill: 3}]", "groups[0]", "the group is missing"),
    .init(agent: "groups: [{group: g, capacity: 0}]", "groups[0].capacity", "from 1 to 10000"),
    .init(agent: "group: [g]", "group", "did you mean 'groups'?"),
    .init(agent: "capacity: -3", "capacity", "-3 is out of range"),
    .init(agent: "weight: 0", "weight", "from 1 to 10000"),
    .init(agent: "weight: 1.5", "weight", "expected a whole number"),
    .init(agent: "skills: {english: 0}", "skills.english", "from 1 to 10"),
    .init(agent: "skills: [english]", "skills", "{english: 3}"),
    .init(agent: "ramp: -1", "ramp", "out of range"),
    .init(agent: "name: {a: b}", "name", "expected a text, found a mapping"),
    .init("agents:\n  a: g", 2, "agents.a", "expected a mapping such as {name"),
    .init(
      agent: "groups: [\((0...64).map { "x\($0)" }.joined(separator: ", "))]", "groups",
      "65 groups; an agent serves at most 64"),
  ]

  static let ruleKeys: [WrongFile] = [
    .init("rules: [{route: {level: 3}}]", 1, "rules[0]", "the rule has no name"),
    .init("rules: [{name: a}]", 1, "rules[0]", "the rule has no route"),
    .init("rules: [{name: a, route: {}}]", 1, "rules[0].route", "the route is empty"),
    .init(
      "rules:\n- {name: a, route: {level: 3}}\n- {name: a, route: {level: 3}}", 3, "rules[1].name",
      "another rule is called 'a' as well, on line 6"),
    .init(rule: "wo: {vip: true}, route: {level: 3}", "wo", "did you mean 'who'?"),
    .init(rule: "who: {level: '>=11'}, route: {level: 3}", "who.level", "levels are whole numbers"),
    .init(rule: "who: {level: '=>5'}, route: {level: 3}", "who.level", "expected a level such as"),
    .init(rule: "who: {level: '4..2'}, route: {level: 3}", "who.level", "expected a level such as"),
    .init(rule: "who: {vip: 1}, route: {level: 3}", "who.vip", "expected true or false"),
    .init(rule: "who: {tags: []}, route: {level: 3}", "who.tags", "the list is empty"),
    .init(rule: "who: {ids: ['a b']}, route: {level: 3}", "who.ids[0]", "contains a space"),
    .init(
      rule: "who: {attributes: {orders: '>=many'}}, route: {level: 3}", "who.attributes.orders",
      "a comparison such as"),
    .init(rule: "who: {attributes: [a]}, route: {level: 3}", "who.attributes", "found a list"),
    .init(rule: "what: {keyword: [x]}, route: {level: 3}", "what.keyword", "did you mean 'keywords'?"),
    .init(rule: "what: {keywords: ['']}, route: {level: 3}", "what.keywords[0]", "the text is empty"),
    .init(rule: "what: {keywords: [a, a]}, route: {level: 3}", "what.keywords[1]", "twice"),
    .init(rule: "when: wrok, route: {level: 3}", "when", "did you mean 'work'?"),
    .init(rule: "when: not rest, route: {level: 3}", "when", "there is no such schedule"),
    .init(rule: "where: {provence: x}, route: {level: 3}", "where.provence", "did you mean 'province'?"),
    .init(rule: "how: {params: {a: {}}}, route: {level: 3}", "how.params.a", "found a mapping"),
    .init(rule: "sample: 30, route: {level: 3}", "sample", "did you mean '30%'?"),
    .init(rule: "sample: 300%, route: {level: 3}", "sample", "from 0% to 100%"),
    .init(rule: "continue: yes, route: {level: 3}", "continue", "expected true or false"),
    .init(rule: "continue: true, route: {level: 3, group: g}", "route.group", "has no effect"),
    .init(rule: "route: {group: x}", "route.group", "there is no such group"),
    .init(rule: "route: {level: 11}", "route.level", "a level from 0 to 10"),
    .init(rule: "route: {level: ++2}", "route.level", "a change such as \"+2\""),
    .init(rule: "route: {mode: bot}", "route.mode", "one of human-first, bot-first"),
    .init(rule: "route: {overflow: [g, x]}", "route.overflow[1]", "there is no such group"),
    .init(rule: "route: {prefer: best}", "route.prefer", "expected most-skilled"),
    .init(rule: "route: {skills: {'a b': 3}}", "route.skills.a b", "contains a space"),
    .init(rule: "route: {weight: 0}", "route.weight", "from 1 to 10000"),
  ]

  static let schedules: [WrongFile] = [
    schedule("weekly: {mon-fry: [\"09:00-12:00\"]}", "weekly.mon-fry", "a day or range of days"),
    schedule("weekly: {mom: [\"09:00-12:00\"]}", "weekly.mom", "did you mean 'mon'?"),
    schedule("weekly: {mon-wed: [], tue: []}", "weekly.tue", "tue is given twice"),
    schedule("weekly: {mon: [\"9:00-12:00\"]}", "weekly.mon[0]", "expected hours such as 09:00-18:00"),
    schedule("weekly: {mon: [\"09:00-24:01\"]}", "weekly.mon[0]", "expected hours"),
    schedule("weekly: {mon: [\"24:00-24:00\"]}", "weekly.mon[0]", "expected hours"),
    schedule("weekly: {mon: [\"09:60-12:00\"]}", "weekly.mon[0]", "expected hours"),
    schedule("weekly: {mon: [\"22:00-06:00\", \"20:00-22:01\"]}", "weekly.mon[1]", "overlaps '22:00-06:00'"),
    schedule("weekly: {mon: [\"22:00-24:00\", \"18:00-06:00\"]}", "weekly.mon[1]", "overlaps '22:00-24:00'"),
    schedule("weekly: {mon: [\"09:00-09:00\"]}", "weekly.mon[0]", "a whole day is 00:00-24:00"),
    schedule("weekly: {mon: [\"09:00-12:00\", \"11:00-13:00\"]}", "weekly.mon[1]", "overlaps '09:00-12:00'"),
    schedule("weekly: {mon: \"09:00-12:00\"}", "weekly.mon", "expected a list of hours"),
    schedule("except: {2026-02-29: []}", "except.2026-02-29", "expected a date"),
    schedule("except: {11-11: []}", "except.11-11", "expected a date such as 2026-11-11"),
    schedule("weakly: {}", "weakly", "did you mean 'weekly'?"),
    .init(
      whole: "shop: s\ngroups: {g: {}}\nschedules: {auto: {}}", 3, "schedules.auto",
      "a schedule cannot be called 'auto'"),
  ]

  private static func schedule(_ inside: String, _ keyPath: String, _ message: String) -> WrongFile {
    WrongFile(
      whole: "shop: s\ngroups: {g: {}}\nschedules:\n  x: {\(inside)}", 4, "schedules.x.\(keyPath)", message)
  }
}
