import Routing
import TestSupport
import Testing

/// What customers are told in words (routing.md, key `texts`).
@Suite(.redis) struct TextTests {
  private static let yaml = """
    shop: s
    groups: {g: {queue: {handle_time: 90s, hide: {waiting: 2}}}, h: {}}
    agents: {a: {groups: [g, h], capacity: 1}, b: {groups: [h], capacity: 1}}
    texts:
      greeting: "welcome to \\"us\\""
      busy: "{position} ahead, {wait} %1"
      busy_hidden: please wait
      survey: stars?
    survey: {window: 1h}
    """

  @Test func theGreetingComesAtTheFirstAssignmentOfAReception() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a", "b")
      try shop.open("c")
      #expect(try shop.replies() == ["greeting welcome to \"us\""])
      try shop.transfer("c", to: .to(group: "h"))
      #expect(try shop.field("conv:c", "agent") == "b")
      #expect(try shop.replies() == [])
      try shop.close("c")
      #expect(try shop.replies() == ["survey stars?"])
      try shop.open("c")
      #expect(try shop.replies() == ["greeting welcome to \"us\""])
    }
  }

  @Test func whoWaitsIsToldItsPlaceAndTime() async throws {
    try await TestShop.run(yaml: Self.yaml) { shop, _ in
      try shop.online("a")
      for name in ["served", "one", "two", "three"] { try shop.open(name) }
      #expect(
        try shop.replies().filter { $0.hasPrefix("busy") } == [
          "busy 1 ahead, 2 min %1", "busy 2 ahead, 3 min %1", "busy please wait",
        ])
      // Asking again gives figures, no text.
      try shop.status("one")
      #expect(try shop.replies() == [])
    }
  }

  @Test func timesAreInTheLanguageOfTheText() async throws {
    let yaml = Self.yaml.replacing("{position} ahead, {wait} %1", with: "前面{position}位,{wait}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.online("a")
      for name in ["served", "one"] { try shop.open(name) }
      #expect(try shop.replies().last == "busy 前面1位,2分钟")
    }
    try await TestShop.run(yaml: yaml.replacing("handle_time: 90s", with: "handle_time: 59s"), "inSeconds") {
      shop, _ in
      try shop.online("a")
      for name in ["served", "one"] { try shop.open(name) }
      #expect(try shop.replies().last == "busy 前面1位,59秒")
    }
  }

  @Test func theShopHasChineseTextsUnlessItGivesItsOwn() async throws {
    let yaml = """
      shop: s
      schedules: {never: {weekly: {mon: []}}}
      groups: {g: {idle_timeout: 10m}, shut: {hours: never}, off: {queue: {enabled: false}}}
      agents: {a: {groups: [g], capacity: 1}}
      survey: {window: 1h}
      default: {mode: human-only}
      """
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.open("hidden")
      try shop.online("a")
      try shop.open("told")
      try shop.open("shut", group: "shut")
      try shop.open("off", group: "off")
      try shop.say("hidden", .agent)
      try shop.close("told", by: .customer)
      try shop.pass(600_000)
      try shop.emergency(true)
      try shop.open("late", group: "off")
      #expect(
        try shop.replies() == [
          "busy 客服正忙,请您稍候。", "busy 客服正忙,前面还有 1 位,预计等待 10分钟。", "off_hours 现在不是客服的工作时间,请您留言。",
          "busy 暂时没有客服可以接待您,请您稍后再来。", "idle 因为您 10分钟 没有发送任何消息,当前会话已经结束。", "survey 请为本次服务打分(1-5)。",
          "emergency 系统繁忙,请您稍后再来。", "busy 暂时没有客服可以接待您,请您稍后再来。",
        ])
    }
  }
}
