import Routing
import Testing

/// The model by itself, on examples of the page: what it says must be right before anything is compared with
/// it.
@Suite struct ModelTests {
  private let shop = """
    shop: s
    dedicated: {wait: 10s}
    supervisor: {gateway: desk}
    texts: {busy: "{position} before you, {wait}", no_agent: nobody}
    groups:
      a: {queue: {handle_time: 90s}}
      b: {}
    agents:
      ann: {groups: [a], capacity: 2}
      bob: {groups: [b], capacity: 1}
    """

  @Test func whoComesFirstIsServedFirstAndAHeavyConversationFitsAnIdleAgent() throws {
    var model = try Scene(shop + "\nrules: [{name: big, who: {vip: true}, route: {weight: 5}}]")
    model.online("ann")
    model.open("c1", vip: true)
    model.open("c2")
    #expect(model.place("c1") == "ann")
    #expect(model.model.used(AgentID(unchecked: "ann")) == 2)
    #expect(model.place("c2") == "waiting a")
    model.play(.close(conversation: ConversationID(unchecked: "c1"), by: .agent))
    #expect(model.place("c2") == "ann")
  }

  @Test func theEstimateIsInTheLanguageOfItsText() {
    #expect(ReferenceModel.span(50, in: "约 {wait}") == "50秒")
    #expect(ReferenceModel.span(121, in: "约 {wait}") == "3分钟")
    #expect(ReferenceModel.span(59, in: "wait {wait} · é") == "59 s")
    #expect(ReferenceModel.span(60, in: "wait {wait}") == "1 min")
  }

  @Test func whoWaitsIsToldItsPlace() throws {
    var model = try Scene(shop)
    model.online("ann")
    for id in ["c1", "c2", "c3", "c4"] { model.open(id) }
    let texts = model.commands("w").filter { $0.type == .reply }.compactMap(\.text)
    #expect(texts.suffix(2) == ["1 before you, 45 s", "2 before you, 2 min"])
  }

  @Test func nobodyThereIsAlertedOnceAMinute() throws {
    var model = try Scene(shop)
    model.open("c1")
    model.open("c2")
    model.pass(60_000)
    model.open("c3")
    #expect(model.commands("desk").map(\.kind) == ["no_agents", "no_agents"])
  }

  @Test func fallbackTakesTheOverflowGroupAndElseTheOtherSide() throws {
    let text = shop.replacing(
      "a: {queue: {", with: "a: {queue: {when_empty: fallback, overflow: [{after: 1m, to: [b]}], ")
    var model = try Scene(text)
    model.open("c1")
    #expect(model.place("c1") == "waiting b")
    model = try Scene(text.replacing("b: {}", with: "b: {queue: {enabled: false}}"))
    model.open("c1")
    #expect(model.place("c1") == "bot")
    model.online("bob")
    model.open("c2")
    #expect(model.place("c2") == "bob")
    #expect(model.model.conversations[ConversationID(unchecked: "c2")]?.reason == "overflow")
  }

  @Test func whoWaitsTooLongIsPromotedAndOffered() throws {
    let steps = "promote_after: 20s, overflow: [{after: 30s, to: [b], level: \"+2\"}], "
    var model = try Scene(shop.replacing("a: {queue: {", with: "a: {queue: {" + steps))
    model.online("bob")
    model.open("c1")
    model.pass(20_000)
    #expect(model.conversation("c1")?.level == 1)
    model.pass(9_999)
    #expect(model.place("c1") == "waiting a")
    model.pass(1)
    #expect(model.place("c1") == "bob")
    #expect(model.conversation("c1")?.level == 3)
    #expect(model.conversation("c1")?.group == GroupID(unchecked: "b"))
  }

  @Test func aReturningCustomerFindsItsAgentAboveCapacity() throws {
    var model = try Scene(shop)
    model.online("ann")
    model.open("c1", customer: "u1")
    model.play(.close(conversation: ConversationID(unchecked: "c1"), by: .customer))
    model.open("c2")
    model.open("c3")
    model.open("c4", customer: "u1")
    #expect(model.place("c4") == "ann")
    #expect(model.conversation("c4")?.reason == "returning")
  }

  @Test func theDedicatedAgentIsWaitedForOnlySoLong() throws {
    var model = try Scene(
      shop.replacing("ann: {groups: [a]", with: "eve: {groups: [a]}\n  ann: {groups: [a]"))
    model.online("eve")
    let customer = Event.Customer(id: CustomerID(unchecked: "u1"))
    model.play(.customerUpdate(customer: customer, dedicatedAgent: .set(AgentID(unchecked: "ann"))))
    model.open("c1", customer: "u1")
    #expect(model.place("c1") == "waiting a")
    model.pass(10_000)
    #expect(model.place("c1") == "eve")
    model.open("c2", customer: "u1")
    model.online("ann")
    #expect(model.conversation("c2")?.reason == "dedicated")
  }

  @Test func whoDoesNotAnswerLosesItToAnother() throws {
    let agents = "eve: {groups: [a]}\n  ann: {groups: [a]"
    var model = try Scene(
      shop.replacing("ann: {groups: [a]", with: agents).replacing(
        "a: {queue", with: "a: {answer_within: 5s, queue"))
    model.online("ann")
    model.open("c1")
    model.online("eve")
    model.pass(5_000)
    #expect(model.place("c1") == "eve")
    #expect(model.conversation("c1")?.reason == "unanswered")
  }

  @Test func theShareOfAGroupIsStableAndTheRestWaitsForAHand() throws {
    var model = try Scene(shop.replacing("a: {queue", with: "a: {distribution: {auto: 50%}, queue"))
    model.online("ann")
    for index in 0..<400 {
      model.open("c\(index)")
      if let place = model.place("c\(index)"), place == "ann" {
        model.play(.close(conversation: ConversationID(unchecked: "c\(index)"), by: .agent))
      }
    }
    let byHand = model.model.conversations.values.count { $0.isManual }
    #expect((150...250).contains(byHand))
  }

  @Test func theAssistantAnswersMissesAndHandsOver() throws {
    let answers =
      "assistant: {answers: {x: [{keywords: [price], text: 3 yuan}]}}\ndefault: {mode: bot-first}\n"
    var model = try Scene(shop.replacing("groups:\n", with: answers + "groups:\n"))
    model.online("ann")
    model.open("c1")
    model.say("c1", "what PRICE?")
    model.say("c1", "hm")
    model.say("c1", "ｐｒｉｃｅ")
    model.say("c1", "hm")
    #expect(model.place("c1") == "bot")
    model.say("c1", "hm")
    #expect(model.place("c1") == "ann")
    #expect(model.commands("w").count { $0.kind == "faq" } == 2)
  }

  @Test(arguments: [(0, 0), (1, 2), (2, 3), (3, 4), (4, 4), (7, 6), (1_000, 19), (60_000, 31)])
  func aBucketOfTheHistogramGrowsByTheRootOfTwo(value: Int64, bucket: Int) {
    #expect(ReferenceModel.bucket(value) == bucket)
  }
}

/// A short way to play with the model.
private struct Scene {
  var model: ReferenceModel

  init(_ text: String) throws {
    let configuration = try ShopConfiguration.parse(text, file: "scene.yaml")
    model = ReferenceModel(configuration, version: 1)
    model.now = StoreHarness.start
    model.settleAll()
  }

  mutating func play(_ kind: Event.Kind) { model.apply(Event(shop: ShopID(unchecked: "s"), kind: kind)) }

  mutating func online(_ agent: String) {
    play(.agentOnline(agent: AgentID(unchecked: agent), gateway: GatewayID(unchecked: "w")))
  }

  mutating func open(_ id: String, customer: String? = nil, vip: Bool? = nil) {
    let customer = Event.Customer(id: CustomerID(unchecked: customer ?? "u-" + id), vip: vip)
    play(
      .open(
        Event.Open(
          conversation: ConversationID(unchecked: id), customer: customer, gateway: GatewayID(unchecked: "w"))
      ))
  }

  mutating func say(_ id: String, _ text: String) {
    play(.message(conversation: ConversationID(unchecked: id), from: .customer, text: text, agent: nil))
  }

  mutating func pass(_ span: Int64) { model.perform(.pass(span, firing: true)) }

  func conversation(_ id: String) -> ReferenceModel.Conversation? {
    model.conversations[ConversationID(unchecked: id)]
  }

  /// Who has it, or where it is.
  func place(_ id: String) -> String? {
    conversation(id).map { conversation in
      switch conversation.state {
      case .active: conversation.agent?.rawValue ?? "?"
      case .waiting: "waiting \(conversation.group)"
      default: conversation.state.rawValue
      }
    }
  }

  func commands(_ gateway: String) -> [Command] { model.outboxes[GatewayID(unchecked: gateway)] ?? [] }
}
