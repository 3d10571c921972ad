import Routing
import Testing

@Suite("Events: what is left of a refused one")
struct EventSalvageTests {
  private static let whole = Rejection(
    error: "", id: "e-1", gateway: GatewayID(unchecked: "web"), shop: ShopID(unchecked: "acme"),
    type: "conversation.open", conversation: ConversationID(unchecked: "c"),
    customer: CustomerID(unchecked: "u"))

  private static func rejection(
    _ error: String, _ change: (inout Rejection) -> Void = { _ in }
  ) -> Rejection {
    var rejection = whole
    rejection.error = error
    change(&rejection)
    return rejection
  }

  @Test("a wrong field before the others costs none of them")
  func wrongFieldFirst() {
    let text =
      #"{"text":5,"type":"conversation.open","shop":"acme","id":"e-1","conversation":"c","#
      + #""customer":{"name":"x","id":"u"},"gateway":"web"}"#
    #expect(EventFixture.rejection(text) == Self.rejection("text must be text, not a number"))
  }

  @Test("only what is valid by itself is kept")
  func onlyValid() {
    let text =
      #"{"type":"conversation.opened","shop":"a b","id":5,"conversation":"c","customer":"u","gateway":""}"#
    #expect(
      EventFixture.rejection(text)
        == Rejection(
          error:
            "type 'conversation.opened' is unknown; the nearest known one is 'conversation.open'",
          type: "conversation.opened", conversation: ConversationID(unchecked: "c")))
  }

  @Test("of broken JSON, what stands before the fault")
  func brokenJSON() {
    let text =
      #"{"shop":"acme","gateway":"web","id":"e-1","customer":{"id":"u","name":"x},"type":"agent.pause"}"#
    let expected = Self.rejection("not valid JSON: expected ',' or '}' at byte 75") {
      // The object of the customer had not ended.
      $0.customer = nil
      $0.type = nil
      $0.conversation = nil
    }
    #expect(EventFixture.rejection(text) == expected)
    #expect(
      EventFixture.rejection(#"{"shop":"acme","gateway":"we"#)
        == Rejection(
          error: "not valid JSON: no closing '\"' for the text that starts at byte 25",
          shop: ShopID(unchecked: "acme")))
    #expect(
      EventFixture.rejection(#"{"shop":"acme"}{"gateway":"web"}"#)
        == Rejection(
          error: "not valid JSON: something follows the value at byte 15", shop: ShopID(unchecked: "acme")))
  }

  @Test("of an event that is too long, what stands within the limit")
  func tooLong() {
    let filler = String(repeating: "x", count: 70_000)
    let text =
      #"{"shop":"acme","gateway":"web","text":"\#(filler)","type":"conversation.message","id":"e-1"}"#
    #expect(
      EventFixture.rejection(text)
        == Rejection(
          error: "event is \(text.utf8.count) bytes long; the limit is 65536",
          gateway: GatewayID(unchecked: "web"), shop: ShopID(unchecked: "acme")))
  }

  @Test("nothing of what is not an object")
  func notAnObject() {
    #expect(
      EventFixture.rejection(#"[{"gateway":"web"}]"#)
        == Rejection(error: "an event must be a JSON object, not an array"))
  }

  @Test("a well formed event refused later keeps all it said")
  func later() throws {
    let text =
      #"{"type":"conversation.open","shop":"acme","id":"e-1","conversation":"c","customer":{"id":"u"},"gateway":"web"}"#
    let event = try EventDecoder.decode(text).get()
    #expect(Rejection(error: "no such group", of: event) == Self.rejection("no such group"))
  }
}
