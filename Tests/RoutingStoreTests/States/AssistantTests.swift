import Routing
import TestSupport
import Testing

/// The assistant and what it knows (routing.md, section 3 and "Assistant and knowledge").
@Suite(.redis) struct AssistantTests {
  private static func shop(_ assistant: String) -> String {
    """
    shop: s
    default: {mode: bot-first}
    groups: {g: {idle_timeout: 5m}}
    agents: {a: {groups: [g], capacity: 9}}
    assistant:
    \(assistant)
    """
  }

  private static let knowing = shop(
    """
      greeting: hello
      handoff: [人工, human]
      max_misses: 3
      answers:
        物流:
          - {keywords: [快递, 到哪], text: on its way}
        退换货:
          - {keywords: [怎么退, 快递费], text: seven days}
    """)

  @Test func itGreetsAndAnswersWhatItKnows() async throws {
    try await TestShop.run(yaml: Self.knowing) { shop, _ in
      try shop.arrive("c", text: "我的快递到哪了")
      #expect(try shop.replies() == ["greeting hello", "faq on its way"])
      try shop.say("c", text: "怎么退")
      #expect(try shop.replies() == ["faq seven days"])
      #expect(try shop.places == ["c bot"])
      #expect(try shop.counts("group", "g", "faq", "missed") == [2, 0])
    }
  }

  @Test func theProductLineThatTheCustomerChoseAnswersFirst() async throws {
    try await TestShop.run(yaml: Self.knowing) { shop, _ in
      try shop.arrive("plain", text: "快递费")
      try shop.arrive("chosen", text: "快递费", category: "退换货")
      #expect(
        try shop.replies() == ["greeting hello", "faq on its way", "greeting hello", "faq seven days"])
    }
  }

  @Test(arguments: ["人工", "我要转人工!", "ＨＵＭＡＮ please"])
  func aHandoffWordCallsAPerson(word: String) async throws {
    try await TestShop.run(yaml: Self.knowing, "word\(word.count)") { shop, _ in
      try shop.online("a")
      try shop.arrive("c")
      try shop.say("c", text: word)
      #expect(try shop.places == ["c a"])
      // Said at once, there is nothing to greet for.
      _ = try shop.take()
      try shop.arrive("d", text: word)
      #expect(try shop.places == ["c a", "d a"])
      #expect(try shop.replies() == [])
      #expect(try shop.counted("group", "g", "handed_off") == 1)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }

  @Test func aPersonIsCalledAfterSoManyQuestionsInARowWithoutAnAnswer() async throws {
    try await TestShop.run(yaml: Self.knowing) { shop, _ in
      try shop.online("a")
      // The opening's text is never a miss.
      try shop.arrive("c", text: "???")
      try shop.say("c", text: "???")
      try shop.say("c", text: "???")
      #expect(try shop.field("conv:c", "misses") == "2")
      try shop.say("c", text: "快递")
      #expect(try shop.field("conv:c", "misses") == nil)
      try shop.say("c", text: "???")
      try shop.say("c", text: "???")
      #expect(try shop.places == ["c bot"])
      try shop.say("c", text: "???")
      #expect(try shop.places == ["c a"])
      #expect(try shop.fields("conv:c", "misses", "reason") == "- group")
      #expect(try shop.counts("shop", "", "missed", "faq", "handed_off") == [5, 1, 1])
    }
  }

  @Test func twoMissesAreEnoughUnlessTheShopSaysOtherwise() async throws {
    try await TestShop.run(yaml: Self.shop("  greeting: hello")) { shop, _ in
      try shop.online("a")
      try shop.arrive("c")
      try shop.say("c", text: "one")
      #expect(try shop.places == ["c bot"])
      try shop.say("c", text: "two")
      #expect(try shop.places == ["c a"])
    }
  }

  @Test func aHandoffThatFindsNobodyBeginsToCountMissesAnew() async throws {
    let yaml = Self.knowing.replacing("idle_timeout: 5m", with: "queue: {enabled: false}")
    try await TestShop.run(yaml: yaml) { shop, _ in
      try shop.arrive("c")
      for _ in 1...3 { try shop.say("c", text: "???") }
      #expect(try shop.fields("conv:c", "state", "misses") == "bot -")
      try shop.say("c", text: "???")
      #expect(try shop.field("conv:c", "misses") == "1")
      #expect(try shop.counted("group", "g", "handed_off") == 1)
    }
  }

  @Test func anAssistantsConversationThatIsLeftIsClosed() async throws {
    try await TestShop.run(yaml: Self.knowing) { shop, _ in
      try shop.arrive("c")
      try shop.pass(200_000)
      try shop.say("c", text: "快递")
      try shop.pass(299_999)
      #expect(try shop.places == ["c bot"])
      try shop.pass(1)
      #expect(try shop.fields("conv:c", "close_reason", "agent") == "idle -")
      #expect(try shop.timeToLive("conv:c:texts") == -2)
    }
  }

  // MARK: An outside bot

  private static let outside = shop(
    """
      gateway: robot
      handoff: [人工]
      max_misses: 1
      answers: {x: [{keywords: [快递], text: never said}]}
    """)

  @Test func anOutsideBotHearsEveryWordAndAnswersItself() async throws {
    try await TestShop.run(yaml: Self.outside) { shop, _ in
      try shop.arrive("c", text: "快递")
      try shop.say("c", text: "在吗")
      let heard = try shop.take("robot")
      #expect(
        heard.map { "\($0.type.name) \($0.to?.rawValue ?? "") \($0.kind ?? "") \($0.text ?? "")" } == [
          "conversation.bot agent  ", "conversation.reply agent message 快递",
          "conversation.reply agent message 在吗",
        ])
      #expect(try shop.take().map(\.type.name) == ["conversation.bot"])
      try shop.say("c", .bot, text: "\"您好\"")
      #expect(try shop.replies() == ["message \"您好\""])
      #expect(try shop.field("conv:c", "spoke") == "bot")
      #expect(try shop.counts("shop", "", "faq", "missed") == [0, 0])
    }
  }

  @Test func anOutsideBotHandsOverByTheEventAndTheWordWorksToo() async throws {
    try await TestShop.run(yaml: Self.outside) { shop, _ in
      try shop.online("a")
      try shop.arrive("c")
      try shop.arrive("d")
      _ = try shop.take("robot")
      try shop.handOff("c")
      try shop.say("d", text: "人工")
      #expect(try shop.places == ["c a", "d a"])
      #expect(try shop.take("robot").map { $0.text ?? "" } == ["人工"])
      // Nothing that the bot says later reaches a customer who has a person.
      _ = try shop.take()
      try shop.say("c", .bot, text: "late")
      #expect(try shop.take() == [])
      #expect(try shop.field("conv:c", "spoke") == nil)
      #expect(try shop.violations + shop.leftovers == [])
    }
  }
}
