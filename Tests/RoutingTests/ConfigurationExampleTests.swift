import Foundation
import Testing

@testable import Routing

@Suite struct ConfigurationExampleTests {
  let shop: ShopConfiguration

  init() throws {
    shop = try ShopConfiguration.parse(ConfigurationExample.text, file: "shop.yaml")
  }

  @Test func shopAsAWhole() {
    #expect(shop.shop.rawValue == "teahouse")
    #expect(shop.timezone == "Asia/Shanghai")
    #expect(shop.levels.source == .paramThenAttribute)
    #expect(shop.levels.param == "viplevel")
    #expect(shop.levels.vip == Level(clamping: 6))
    #expect(shop.defaultGroup.rawValue == "leaf")
    #expect(shop.defaultMode == .botFirst)
    #expect(shop.returning.window == .minutes(45))
    #expect(shop.returning.overCapacity == .agent)
    #expect(shop.dedicatedWait == .seconds(90))
    #expect(shop.badRating == 1)
    #expect(shop.capacityScope == .group)
    #expect(shop.offlineGrace == .seconds(20))
    #expect(shop.heartbeat == .seconds(40))
    #expect(shop.surveyWindow == .days(1))
    #expect(shop.supervisorGateway?.rawValue == "desk")
    #expect(shop.emergency.notice == "系统繁忙")
    #expect(shop.emergency.mode == .botOnly)
    #expect(shop.emergency.group?.rawValue == "pot")
    #expect(shop.retention.conversations == .days(2))
    #expect(shop.retention.customers == .days(30))
    #expect(shop.retention.statistics == .days(100))
  }

  @Test func texts() {
    var texts = ShopTexts()
    texts.greeting = "欢迎"
    texts.busy = "前面 {position} 位,约 {wait}"
    texts.busyHidden = "请稍候"
    texts.offHours = "已打烊"
    texts.idle = "您 {idle} 没有说话"
    texts.emergency = "紧急"
    texts.survey = "请打分"
    texts.noAgent = "没有人"
    #expect(shop.texts == texts)
  }

  @Test func assistant() {
    var assistant = AssistantConfiguration()
    assistant.greeting = "我是小茶"
    assistant.handoff = ["人工", "human"]
    assistant.maxMisses = 3
    assistant.gateway = GatewayID(unchecked: "bots")
    assistant.answers = [
      .init(name: "物流", answers: [.init(keywords: ["物流", "快递"], text: "请看订单页")]),
      .init(name: "茶叶", answers: [.init(keywords: ["保质期"], text: "十八个月")]),
    ]
    #expect(shop.assistant == assistant)
  }

  @Test func schedules() throws {
    let day = try #require(shop.schedules[ScheduleID(unchecked: "day")])
    let working = try ["09:00-12:00", "13:00-21:00"].map(HourRange.parse)
    for weekday in [Weekday.monday, .tuesday, .wednesday, .thursday, .friday] {
      #expect(day.weekly[weekday] == working)
    }
    #expect(day.weekly[.saturday] == [try #require(HourRange(start: 600, end: 1_440))])
    #expect(day.weekly[.sunday] == nil)
    let sale = try #require(CalendarDate(year: 2026, month: 11, day: 11))
    let newYear = try #require(CalendarDate(year: 2027, month: 1, day: 1))
    #expect(day.exceptions == [sale: [try HourRange.parse("00:00-24:00")], newYear: []])
    let rush = try #require(shop.schedules[ScheduleID(unchecked: "rush")])
    #expect(Set(rush.weekly.keys) == [.friday, .saturday, .sunday, .monday])
  }

  @Test func groupWithEveryKey() throws {
    let pot = GroupID(unchecked: "pot")
    var group = GroupConfiguration(id: GroupID(unchecked: "leaf"))
    group.name = "茶叶"
    group.hours = ScheduleID(unchecked: "day")
    group.strategy = .weighted
    group.capacity = 5
    group.capacityIsGiven = true
    group.distribution = Distribution(
      bySchedule: [
        .init(schedule: ScheduleID(unchecked: "rush"), manner: .manual),
        .init(schedule: ScheduleID(unchecked: "day"), manner: .auto),
      ], otherwise: .share(Share(clampingHundredths: 8_050)))
    group.idleTimeout = .minutes(5)
    group.responseAlert = .minutes(2)
    group.answerWithin = .minutes(1)
    group.wrapUp = Milliseconds(500)
    group.serviceLevel = .seconds(15)
    group.queue.enabled = false
    group.queue.limit = 100
    group.queue.whenEmpty = .fallback
    group.queue.handleTime = .measured
    // The wait comes from group_defaults: a mapping is merged key by key.
    group.queue.hide = .init(waiting: 20, wait: .minutes(20))
    group.queue.notify = .seconds(5)
    group.queue.promoteAfter = .minutes(3)
    group.queue.order = .credit
    group.queue.credit = .seconds(60)
    group.queue.overflow = [
      .init(after: .seconds(30), to: [pot], level: .relative(2)),
      .init(after: .minutes(2), alert: true),
      .init(after: .minutes(10), level: .absolute(Level(clamping: 9)), handToBot: true),
    ]
    group.queue.relax = [
      .init(after: .minutes(1), skills: [SkillID(unchecked: "english"): 2, SkillID(unchecked: "普洱"): 0])
    ]
    group.queue.silentAfter = .minutes(4)
    group.queue.parkedFor = .minutes(8)
    #expect(shop.groups[group.id] == group)
  }

  @Test func groupThatInherits() {
    var group = GroupConfiguration(id: GroupID(unchecked: "pot"))
    group.name = "茶具"
    group.capacity = 7
    group.capacityIsGiven = true
    group.serviceLevel = .seconds(20)
    group.queue.limit = 200
    group.queue.hide.wait = .minutes(20)
    // The inherited overflow leads to pot itself, and so means nothing here.
    #expect(shop.groups[group.id] == group)
    #expect(shop.groupOrder.map(\.rawValue) == ["pot", "leaf"])
  }

  @Test func agents() {
    let (pot, leaf) = (GroupID(unchecked: "pot"), GroupID(unchecked: "leaf"))
    let (li, de, no) = (AgentID(unchecked: "li"), AgentID(unchecked: "de"), AgentID(unchecked: "no"))
    #expect(
      shop.agents == [
        li: AgentConfiguration(
          id: li, name: "小李", groups: [.init(group: pot), .init(group: leaf)], capacity: 6,
          capacityIsGiven: true, weight: 3, skills: [SkillID(unchecked: "english"): 9], ramp: 4),
        // The largest of 8, given for leaf, and 7, pot's own.
        de: AgentConfiguration(
          id: de, groups: [.init(group: leaf, skill: 9, capacity: 8), .init(group: pot)], capacity: 8),
        no: AgentConfiguration(id: no, groups: [.init(group: pot)], capacity: 7),
      ])
  }

  @Test func rules() {
    let (pot, leaf) = (GroupID(unchecked: "pot"), GroupID(unchecked: "leaf"))
    #expect(
      shop.rules == [
        RuleConfiguration(
          name: "大客户 A/B",
          who: .init(
            level: .between(2, 4), vip: false, tags: ["new", "新客"], ids: [CustomerID(unchecked: "c-17")],
            attributes: [
              "orders": [.compares(.atLeast(20))], "city_code": [.equals(.text("0571"))],
              "grade": [.equals(.text("gold")), .equals(.number(3)), .equals(.flag(true))],
              "code": [.equals(.text("3"))],
            ]),
          what: .init(keywords: ["退款", "refund"], category: ["after"]),
          when: ScheduleCondition(schedule: ScheduleID(unchecked: "day"), open: false),
          location: .init(province: ["江苏", "浙江"], city: ["杭州"], country: ["中国"]),
          how: .init(channel: ["app", "wechat"], params: ["source": ["spring", "fall"], "page": ["3"]]),
          sample: .percent(30),
          route: .init(
            group: leaf, level: .relative(2), mode: .humanOnly, tags: ["big"], overflow: [pot],
            prefer: .mostSkilled, skills: [SkillID(unchecked: "english"): 3], weight: 2)),
        RuleConfiguration(
          name: "mark", who: .init(level: .atLeast(5)), continues: true,
          route: .init(level: .relative(-1), tags: ["vip"])),
      ])
  }

  @Test func designExampleParses() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: "../shared/design/shop.yaml")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      print("notice: the design's shop.yaml is not beside this package; not parsed")
      return
    }
    let shop = try ShopConfiguration.parse(text, file: "shop.yaml")
    #expect(shop.shop.rawValue == "acme")
    // Not quoted in the example, though YAML ends a text within { } at a comma.
    let notice = "系统繁忙,请您稍后再来。"
    #expect(shop.emergency.notice == notice)
    #expect(shop.emergency.mode == .botOnly)
    let warning = try #require(shop.warnings().first { $0.keyPath == "emergency.notice" })
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(warning.line == lines.firstIndex { $0.contains(notice) }.map { $0 + 1 })
    #expect(warning.message.contains("'\(notice)'"))
    #expect(shop.groupOrder.map(\.rawValue) == ["presale", "aftersale", "allround"])
    #expect(shop.agents.count == 3)
    #expect(shop.agents[AgentID(unchecked: "xiaowang")]?.groups.first?.capacity == 2)
    #expect(shop.rules.map(\.name) == ["退款投诉", "江浙沪大客户", "夜间机器人", "新话术试验"])
    #expect(shop.groups[GroupID(unchecked: "aftersale")]?.queue.handleTime == .measured)
    #expect(shop.surveyWindow == .hours(24))
    #expect(shop.assistant.answers.map(\.name) == ["物流", "退换货"])
  }
}
