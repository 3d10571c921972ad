import Routing
import TestSupport

/// Random configurations of one shop, each a step from the one before.
struct RandomShop {
  static let shop = ShopID(unchecked: "s")
  /// The names of schedules, skills and texts in play.
  static let schedules = ["day", "rush"]
  static let skills = ["english", "returns"]
  /// What customers say. Some of it is a keyword, a word for a person or a question with an answer.
  static let texts = [
    "在吗", "hello", "我要退款", "ＲＥＦＵＮＤ please", "订单 123", "转人工", "a human, please", "物流到哪了", "怎么退货", "vip", "",
  ]
  static let keywords = ["退款", "refund", "订单", "Vip", "hello"]

  /// The names in play. Configurations know some of them, events speak of all.
  let groups: [String]
  let agents: [String]
  let gateways: [String]
  let customers: [String]
  let conversations: [String]
  let isLarge: Bool
  /// Where the local time of day begins, in minutes; hours are drawn around it.
  let zone: (name: String, minute: Int)

  init(_ random: inout SeededGenerator) {
    // Few names make many encounters; now and then a large shop, whose capacities come in steps.
    isLarge = random.percent(14)
    groups = (0..<1 + random.below(4)).map { "g\($0)" }
    agents = (0..<1 + random.below(isLarge ? 3 : 7)).map { "a\($0)" }
    gateways = (0..<1 + random.below(3)).map { "w\($0)" }
    customers = (0..<1 + random.below(12)).map { "u\($0)" }
    conversations = (0..<(isLarge ? 260 : 4 + random.below(30))).map { "c\($0)" }
    // Histories begin on Monday, 2026-09-21 at 14:13 UTC.
    zone = random.pick([("UTC", 853), ("Asia/Shanghai", 1_333), ("America/New_York", 613)])
  }

  func configuration(_ random: inout SeededGenerator) -> RandomConfiguration {
    let order = groups.filter { _ in random.percent(75) }
    let chosen = order.isEmpty ? [groups[0]] : order
    var configuration = RandomConfiguration()
    for key in Self.topKeys { configuration.keys[key] = value(of: key, chosen, &random) }
    configuration.groups = chosen.map { ($0, group($0, chosen, &random)) }
    for agent in agents where random.percent(80) { configuration.agents[agent] = self.agent(chosen, &random) }
    configuration.rules = rules(chosen, &random)
    return configuration
  }

  /// A configuration in which a few things are different.
  func changed(_ old: RandomConfiguration, _ random: inout SeededGenerator) -> RandomConfiguration {
    if random.percent(20) { return configuration(&random) }
    var new = old
    let groups = old.groups.map(\.id)
    for _ in 0..<1 + random.below(3) {
      switch random.below(10) {
      case 0..<3:
        let key = random.pick(Self.topKeys.filter { $0 != "schedules" })
        new.keys[key] = value(of: key, groups, &random)
      case 3..<6:
        let index = random.below(new.groups.count)
        new.groups[index].settings = group(groups[index], groups, &random)
      case 6: new.rules = rules(groups, &random)
      default: new.agents[random.pick(agents)] = random.percent(80) ? agent(groups, &random) : nil
      }
    }
    return new
  }

  // MARK: Everything of the shop as a whole

  private static let topKeys = [
    "timezone", "schedules", "levels", "default", "return", "dedicated", "bad_rating", "capacity_scope",
    "offline_grace",
    "heartbeat", "survey", "supervisor", "emergency", "texts", "assistant", "retention", "group_defaults",
  ]

  private func value(of key: String, _ groups: [String], _ random: inout SeededGenerator) -> Yaml? {
    func maybe(_ share: Int, _ entries: [(String, Yaml)]) -> Yaml? {
      let given = entries.filter { _ in random.percent(share) }
      return given.isEmpty ? nil : .map(given)
    }
    func one(_ share: Int, _ values: [String]) -> Yaml? {
      random.percent(share) ? .plain(random.pick(values)) : nil
    }
    switch key {
    case "timezone": return .plain(zone.name)
    case "schedules": return .map(Self.schedules.map { ($0, schedule(&random)) })
    case "levels":
      let sources = ShopConfiguration.Levels.Source.allCases.map(\.rawValue)
      return maybe(
        60,
        [
          ("source", .plain(random.pick(sources))), ("param", .plain(random.pick(["level", "vip"]))),
          ("vip", .number(random.below(11))),
        ])
    case "default":
      let mode = random.percent(60) ? "human-first" : random.pick(Mode.allCases.map(\.rawValue))
      return maybe(80, [("group", .plain(random.pick(groups))), ("mode", .plain(mode))])
    case "return":
      let over = ShopConfiguration.Returning.OverCapacity.allCases.map(\.rawValue)
      return maybe(
        70,
        [("window", .plain(random.pick(["0", "20s", "5m"]))), ("over_capacity", .plain(random.pick(over)))])
    case "dedicated": return maybe(80, [("wait", .plain(random.pick(["0", "1s", "10s", "1m"])))])
    case "bad_rating": return one(40, ["0", "1", "3", "5"])
    case "capacity_scope": return one(40, ["agent", "group", "group"])
    case "offline_grace": return one(80, ["0", "5s", "15s"])
    case "heartbeat": return one(30, ["0", "30s"])
    case "survey": return maybe(50, [("window", .plain(random.pick(["5s", "1h"])))])
    case "supervisor": return maybe(80, [("gateway", .plain(random.pick(["desk", "w0"])))])
    case "emergency":
      return maybe(
        50,
        [
          ("notice", .plain("系统繁忙")), ("mode", .plain(random.pick(Mode.allCases.map(\.rawValue)))),
          ("group", .plain(random.pick(groups))),
        ])
    case "texts": return texts(&random)
    case "assistant": return assistant(&random)
    case "retention":
      return maybe(
        30, [("conversations", .plain("2d")), ("customers", .plain("30d")), ("statistics", .plain("9d"))])
    default: return random.percent(50) ? groupSettings("", groups, share: 20, &random) : nil
    }
  }

  /// Hours around the time in which the history plays, every day, sometimes over midnight.
  private func schedule(_ random: inout SeededGenerator) -> Yaml {
    func ranges() -> Yaml {
      var ranges: [(start: Int, text: String)] = []
      var minute = zone.minute - random.below(40)
      for _ in 0..<1 + random.below(3) {
        let end = minute + 3 + random.below(60)
        // One that would go on after midnight and into another one's hours ends there.
        let (from, to) = (minute % 1_440, end % 1_440)
        let text = { (minute: Int) in
          "\(minute / 60 < 10 ? "0" : "")\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60)"
        }
        ranges.append((from, "\"\(text(from))-\(to < from ? "24:00" : text(to))\""))
        minute = end + 2 + random.below(30)
      }
      return .words(ranges.sorted { $0.start < $1.start }.map(\.text))
    }
    var entries: [(String, Yaml)] = []
    if random.percent(95) { entries.append(("weekly", .map([("mon-sun", ranges())]))) }
    if random.percent(20) || entries.isEmpty {
      let date = random.pick(["2026-09-21", "2026-09-22"])
      entries.append(("except", .map([(date, random.percent(40) ? .list([]) : ranges())])))
    }
    return .map(entries)
  }

  private func texts(_ random: inout SeededGenerator) -> Yaml? {
    let all: [(String, String)] = [
      ("greeting", "您好"), ("busy", "前面 {position} 位,约 {wait}"), ("busy_hidden", "请稍候"), ("off_hours", "已打烊"),
      ("idle", "silent for {idle}"), ("emergency", "紧急"), ("survey", "请打分"), ("no_agent", "nobody is here"),
      ("busy", "{position} before you, {wait}"), ("idle", "您 {idle} 没有说话"), ("greeting", ""), ("survey", ""),
    ]
    var entries: [(String, Yaml)] = []
    for (key, text) in all where random.percent(30) && !entries.contains(where: { $0.0 == key }) {
      entries.append((key, .plain("\"\(text)\"")))
    }
    return entries.isEmpty ? nil : .map(entries)
  }

  private func assistant(_ random: inout SeededGenerator) -> Yaml? {
    func answer(_ keyword: String) -> Yaml {
      .map([("keywords", .words([keyword])), ("text", .plain("answer to \(keyword)"))])
    }
    var entries: [(String, Yaml)] = []
    if random.percent(30) { entries.append(("greeting", .plain(random.pick(["我是小茶", "\"\""])))) }
    if random.percent(50) { entries.append(("handoff", .words(["人工", "HUMAN"]))) }
    if random.percent(60) { entries.append(("max_misses", .number(1 + random.below(3)))) }
    if random.percent(15) { entries.append(("gateway", .plain(random.pick(["bots", "w0"])))) }
    if random.percent(70) {
      entries.append(
        (
          "answers",
          .map([
            ("shipping", .list([answer("物流"), answer("到哪")])),
            ("refund", .list([answer("怎么退"), answer("物流")])),
          ])
        ))
    }
    return entries.isEmpty ? nil : .map(entries)
  }
}
