import Testing

@testable import Routing

@Suite struct ConfigurationDefaultsTests {
  private let shop: ShopConfiguration

  init() throws {
    shop = try ShopConfiguration.parse(
      "shop: s\ngroups: {b: {}, a: }\nagents: {x: {groups: [a]}, y: }", file: "f")
  }

  @Test func ofTheShop() {
    #expect(shop.timezone == "UTC")
    #expect(shop.schedules.isEmpty)
    #expect(shop.levels.source == .attribute)
    #expect(shop.levels.param == "level")
    #expect(shop.levels.vip.rawValue == 5)
    #expect(shop.defaultGroup.rawValue == "b")
    #expect(shop.defaultMode == .humanFirst)
    #expect(shop.returning.window.rawValue == 1_800_000)
    #expect(shop.returning.overCapacity == .group)
    #expect(shop.dedicatedWait.rawValue == 60_000)
    #expect(shop.badRating == 2)
    #expect(shop.capacityScope == .agent)
    #expect(shop.offlineGrace.rawValue == 15_000)
    #expect(shop.heartbeat.rawValue == 0)
    #expect(shop.surveyWindow == nil)
    #expect(shop.supervisorGateway == nil)
    #expect(shop.emergency == ShopConfiguration.Emergency())
    #expect(shop.rules.isEmpty)
    #expect(shop.retention.conversations.rawValue == 86_400_000)
    #expect(shop.retention.customers.rawValue == 90 * 86_400_000)
    #expect(shop.retention.statistics.rawValue == 400 * 86_400_000)
    #expect(shop.assistant.answers.isEmpty)
    #expect(shop.assistant.handoff.contains("人工"))
    #expect(shop.assistant.gateway == nil)
    #expect(shop.assistant.maxMisses == 2)
    #expect(shop.groupOrder.map(\.rawValue) == ["b", "a"])
  }

  @Test func ofTexts() {
    let texts = shop.texts
    for text in [
      texts.busy, texts.busyHidden, texts.offHours, texts.idle, texts.emergency,
      texts.survey, texts.noAgent,
    ] {
      #expect(text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) })
    }
    #expect(texts.busy.contains("{position}") && texts.busy.contains("{wait}"))
    #expect(texts.idle.contains("{idle}"))
  }

  @Test(arguments: ["a", "b"]) func ofAGroup(id: String) throws {
    let group = try #require(shop.groups[GroupID(unchecked: id)])
    #expect(group.name == id)
    #expect(group.hours == nil)
    #expect(group.strategy == .leastLoaded)
    #expect(group.capacity == 10)
    #expect(group.distribution == Distribution(bySchedule: [], otherwise: .auto))
    #expect(group.idleTimeout.rawValue == 600_000)
    #expect(group.responseAlert.rawValue == 0)
    #expect(group.answerWithin.rawValue == 0)
    #expect(group.wrapUp.rawValue == 0)
    #expect(group.serviceLevel.rawValue == 30_000)
    #expect(group.queue.enabled)
    #expect(group.queue.limit == 1_000)
    #expect(group.queue.whenEmpty == .queue)
    #expect(group.queue.handleTime == .fixed(Milliseconds(600_000)))
    #expect(group.queue.hide.waiting == 50)
    #expect(group.queue.hide.wait.rawValue == 1_800_000)
    #expect(group.queue.notify.rawValue == 0)
    #expect(group.queue.promoteAfter.rawValue == 0)
    #expect(group.queue.order == .strict)
    #expect(group.queue.credit.rawValue == 90_000)
    #expect(group.queue.overflow.isEmpty)
    #expect(group.queue.relax.isEmpty)
    #expect(group.queue.silentAfter.rawValue == 0)
    #expect(group.queue.parkedFor.rawValue == 600_000)
  }

  @Test func ofAnAgent() throws {
    let (x, y) = (AgentID(unchecked: "x"), AgentID(unchecked: "y"))
    let membership = AgentConfiguration.Membership(group: GroupID(unchecked: "a"), skill: 5, capacity: nil)
    #expect(shop.agents[x] == AgentConfiguration(id: x, groups: [membership], capacity: 10))
    #expect(shop.agents[y] == AgentConfiguration(id: y, groups: [], capacity: 10))
  }

  @Test func ofARule() throws {
    let text = "shop: s\ngroups: {a: {}}\nrules: [{name: r, route: {group: a}}]"
    let rule = try #require(try ShopConfiguration.parse(text, file: "f").rules.first)
    #expect(rule == RuleConfiguration(name: "r", route: .init(group: GroupID(unchecked: "a"))))
    #expect(rule.route.weight == 1)
    #expect(!rule.continues)
    #expect(rule.sample == nil && rule.when == nil)
  }

  @Test func jsonIsTheSame() throws {
    let json = """
      {"shop": "s", "timezone": "Asia/Shanghai", "heartbeat": "20s", "bad_rating": 0,
      \t"groups": {"a": {"name": "\\u552e\\u524d", "capacity": 3, "queue": {"enabled": false}}, "b": null},
      \t"agents": {"x": {"groups": ["a", {"group": "b", "skill": 7}]}}}
      """
    let yaml = """
      shop: s
      timezone: Asia/Shanghai
      heartbeat: 20s
      bad_rating: 0
      groups:
        a: {name: 售前, capacity: 3, queue: {enabled: false}}
        b:
      agents:
        x:
          groups:
            - a
            - {group: b, skill: 7}
      """
    #expect(try ShopConfiguration.parse(json, file: "j") == ShopConfiguration.parse(yaml, file: "y"))
  }

  @Test func idsKeepTheirText() throws {
    let text = """
      shop: 2026-11-11
      groups: {no: {}, yes: {}, on: {}, null: {}, 010: {}, 1e3: {}, ~x: {}, true: {name: 0x10}}
      agents: {7: {groups: [no, yes, on, 010, 1e3, ~x, true]}}
      """
    let shop = try ShopConfiguration.parse(text, file: "f")
    #expect(shop.shop.rawValue == "2026-11-11")
    #expect(shop.groupOrder.map(\.rawValue) == ["no", "yes", "on", "null", "010", "1e3", "~x", "true"])
    #expect(shop.groups[GroupID(unchecked: "true")]?.name == "0x10")
    #expect(shop.agents[AgentID(unchecked: "7")]?.groups.count == 7)
  }

  @Test func anchorsAreFollowed() throws {
    let text = """
      shop: s
      groups:
        a: &common {capacity: 3, queue: {limit: 4}}
        b: *common
      """
    let shop = try ShopConfiguration.parse(text, file: "f")
    let (a, b) = (GroupID(unchecked: "a"), GroupID(unchecked: "b"))
    #expect(shop.groups[b]?.capacity == 3)
    #expect(shop.groups[b]?.queue == shop.groups[a]?.queue)
  }
}
