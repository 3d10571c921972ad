import Routing
import Testing

@Suite("Events: decoding good ones")
struct EventDecoderTests {
  private static let conversation = ConversationID(unchecked: "c-1")
  private static let ann = AgentID(unchecked: "ann")
  private static let web = GatewayID(unchecked: "web")
  private static let fullCustomer = Event.Customer(
    id: CustomerID(unchecked: "u-1"), name: "Li", vip: true, level: 3, tags: ["a", "b"],
    attributes: ["k": .text("v"), "n": .number(2), "b": .flag(false)])

  /// What each of `EventFixture.shapes` says, in their order.
  private static let kinds: [Event.Kind] = [
    .open(
      Event.Open(
        conversation: conversation, customer: fullCustomer, gateway: web, channel: "app", text: "hello",
        category: "returns", params: ["utm": "mail", "page": "2"], group: GroupID(unchecked: "sales"),
        agent: ann)),
    .message(conversation: conversation, from: .agent, text: "hello", agent: ann),
    .handoff(conversation: conversation, reason: "asked"),
    .status(conversation: conversation),
    .close(conversation: conversation, by: .agent),
    .transfer(
      conversation: conversation, to: .agent(AgentID(unchecked: "bob")), by: .agent, note: "knows it"),
    .accept(conversation: conversation, agent: ann),
    .rate(conversation: conversation, score: 5, comment: "good"),
    .agentOnline(agent: ann, gateway: web),
    .agentPause(agent: ann),
    .agentOffline(agent: ann),
    .agentHeartbeat(agent: ann),
    .customerUpdate(
      customer: Event.Customer(id: CustomerID(unchecked: "u-1"), tags: []), dedicatedAgent: .set(ann)),
    .customerForget(customer: CustomerID(unchecked: "u-1")),
    .emergency(on: true, notice: "we are flooded"),
  ]

  @Test("every type with every field", arguments: zip(EventFixture.shapes, kinds))
  func everyType(shape: EventFixture.Shape, kind: Event.Kind) throws {
    let event = try EventDecoder.decode(shape.text()).get()
    let expected = Event(
      shop: ShopID(unchecked: "acme"), kind: kind, id: "e-7", at: 1_700_000_000_000, gateway: Self.web)
    #expect(event == expected)
    #expect(event.typeName == shape.type)
  }

  @Test(
    "the dedicated agent stays, is taken away, or is another",
    arguments: [
      ("", .keep), (#","dedicated_agent":null"#, .clear),
      (#","dedicated_agent":"bob""#, .set(AgentID(unchecked: "bob"))),
    ] as [(String, Event.DedicatedChange)])
  func dedicatedAgent(member: String, change: Event.DedicatedChange) throws {
    let text = #"{"type":"customer.update","shop":"acme","customer":{"id":"u-1"}\#(member)}"#
    let customer = Event.Customer(id: CustomerID(unchecked: "u-1"))
    #expect(
      try EventDecoder.decode(text).get().kind
        == .customerUpdate(customer: customer, dedicatedAgent: change))
  }

  @Test("every type is in the table")
  func tableIsWhole() {
    #expect(EventFixture.shapes.map(\.type) == EventType.allCases.map(\.rawValue))
  }

  @Test("the type may stand last, keys may be written with escapes, and space is free")
  func freedom() throws {
    let text =
      "\r\n\t { \"a\\u0067ent\" : \"ann\" ,\n\"shop\":\"acme\","
      + "\"t\\u0079pe\":\"agent\\u002epause\"} \n"
    #expect(
      try EventDecoder.decode(text).get()
        == Event(shop: ShopID(unchecked: "acme"), kind: .agentPause(agent: Self.ann)))
  }

  @Test("fields of other types and unknown fields are ignored, whatever they hold")
  func unknownFields() throws {
    let text =
      #"{"type":"agent.pause","shop":"acme","agent":"ann","text":5,"score":"x","to":null,"future":[{"a":[1.5e3]}],"":0}"#
    #expect(try EventDecoder.decode(text).get().kind == .agentPause(agent: Self.ann))
  }

  @Test("source and n")
  func source() throws {
    let text = #"{"type":"agent.pause","shop":"acme","agent":"ann","source":"web-1","n":9007199254740992}"#
    let event = try EventDecoder.decode(text).get()
    #expect(event.source == SourceID(unchecked: "web-1"))
    #expect(event.n == 9_007_199_254_740_992)
  }

  @Test("integers: minus zero is zero, the bounds are in")
  func integers() throws {
    for (written, value) in [
      ("-0", 0), ("0", 0), ("-9007199254740992", -9_007_199_254_740_992),
      ("9007199254740992", 9_007_199_254_740_992),
    ] as [(String, Int64)] {
      let text = #"{"type":"agent.pause","shop":"acme","agent":"ann","at":\#(written)}"#
      #expect(try EventDecoder.decode(text).get().at == value)
    }
  }

  @Test("texts keep every character but U+0000")
  func texts() throws {
    let written = #"\"\\\/\b\f\n\r\t\u00e9\u4f60\ud83d\ude00 你好 😀\u0001\u007f"#
    let text = #"{"type":"conversation.handoff","shop":"s","conversation":"c","reason":"\#(written)"}"#
    let expected = "\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{4F60}\u{1F600} 你好 😀\u{1}\u{7F}"
    let kind = try EventDecoder.decode(text).get().kind
    guard case .handoff(_, let reason?) = kind else {
      Issue.record("no reason in \(kind)")
      return
    }
    #expect(Array(reason.utf8) == Array(expected.utf8))
  }

  @Test("params and attributes take numbers and flags; null is absent")
  func entries() throws {
    let text =
      #"{"type":"conversation.open","shop":"s","conversation":"c","gateway":"g","customer":{"id":"u","attributes":{"a":-1.5e2,"b":12345678901234567890,"c":null,"":""}},"params":{"a":1.50,"b":true,"c":null,"d":-0,"":"x"}}"#
    guard case .open(let open) = try EventDecoder.decode(text).get().kind else {
      Issue.record("not an opening")
      return
    }
    #expect(open.params == ["a": "1.50", "b": "true", "d": "-0", "": "x"])
    #expect(
      open.customer.attributes == [
        "a": .number(-150), "b": .number(12_345_678_901_234_567_168), "": .text(""),
      ])
  }

  @Test("an event of exactly 64 KiB is taken")
  func largest() throws {
    let start = #"{"type":"conversation.message","shop":"s","conversation":"c","from":"customer","text":""#
    let text = start + String(repeating: "x", count: 65_536 - start.utf8.count - 2) + "\"}"
    #expect(text.utf8.count == 65_536)
    #expect(EventFixture.reason(text) == nil)
    #expect(EventFixture.reason(text + " ") == "event is 65537 bytes long; the limit is 65536")
  }
}
