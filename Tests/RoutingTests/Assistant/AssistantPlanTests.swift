import Testing

@testable import Routing

/// What the built-in assistant says to whom.
@Suite struct AssistantPlanTests {
  private static func shop() throws -> AssistantConfiguration {
    try ShopConfiguration.parse(
      """
      shop: s
      groups: {g: {}}
      assistant:
        handoff: [人工, Agent]
        answers:
          茶叶:
            - {keywords: [保质期, 过期], text: 茶叶十八个月}
            - {keywords: [运费], text: 茶叶包邮}
          茶具:
            - {keywords: [运费, 邮费], text: 茶具运费十元}
            - {keywords: [碎, ＢＲＯＫＥＮ], text: 碎了包赔}
          Tea:
            - {keywords: [delivery, deliver, straße], text: Two days}
      """, file: "shop.yaml"
    ).assistant
  }

  @Test(
    arguments: [
      ("转人工", nil, .handoff),
      ("我要ＡＧＥＮＴ!", nil, .handoff),
      ("运费多少?算了，人工吧", nil, .handoff),
      ("这茶保质期多久", nil, .answer(line: "茶叶", text: "茶叶十八个月")),
      ("运费多少", nil, .answer(line: "茶叶", text: "茶叶包邮")),
      ("运费多少", "茶具", .answer(line: "茶具", text: "茶具运费十元")),
      ("运费多少", "茶叶", .answer(line: "茶叶", text: "茶叶包邮")),
      ("运费多少", "水果", .answer(line: "茶叶", text: "茶叶包邮")),
      ("过期了吗", "茶具", .answer(line: "茶叶", text: "茶叶十八个月")),
      ("邮费呢?会碎吗", nil, .answer(line: "茶具", text: "茶具运费十元")),
      ("It came broken", nil, .answer(line: "茶具", text: "碎了包赔")),
      ("ＤＥＬＩＶＥＲＹ?", nil, .answer(line: "Tea", text: "Two days")),
      ("Hauptstrasse", nil, .answer(line: "Tea", text: "Two days")),
      ("人 工", nil, .miss),
      ("你好", nil, .miss),
      ("你好", "茶叶", .miss),
      ("", nil, .miss),
    ] as [(String, String?, AssistantPlan.Reply)])
  func repliesByWhatTheTextSays(text: String, category: String?, expected: AssistantPlan.Reply) throws {
    #expect(AssistantPlan(try Self.shop()).reply(to: text, category: category) == expected)
  }

  @Test func withoutAnswersItKnowsOnlyHowToCallAPerson() {
    let plan = AssistantPlan(AssistantConfiguration())
    #expect(plan.reply(to: "请转人工客服", category: nil) == .handoff)
    #expect(plan.reply(to: "运费", category: nil) == .miss)
  }

  @Test func withoutHandoffWordsNobodyIsCalled() throws {
    var shop = try Self.shop()
    shop.handoff = []
    #expect(AssistantPlan(shop).reply(to: "人工", category: nil) == .miss)
    #expect(
      AssistantPlan(shop).reply(to: "人工，运费", category: nil) == .answer(line: "茶叶", text: "茶叶包邮"))
  }
}
