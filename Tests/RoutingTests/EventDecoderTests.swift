import Routing
import Testing

/// Decodes a text and hands back the reason of the refusal, or nil.
func reason(_ text: String) -> String? {
  if case .failure(let rejection) = EventDecoder.decode(text) { return rejection.error }
  return nil
}

@Suite("Events: every type, good")
struct EventDecoderTests {
  @Test(
    "is decoded",
    arguments: [
      (
        #"{"type":"conversation.status","shop":"s","conversation":"c"}"#,
        Event(shop: ShopID(unchecked: "s"), kind: .status(conversation: ConversationID(unchecked: "c")))
      )
    ])
  func good(text: String, event: Event) throws {
    #expect(try EventDecoder.decode(text).get() == event)
  }

  @Test("tells the reason")
  func bad() {
    #expect(reason(#"{"type":"agent.pause","shop":"a"}"#) == "agent is missing")
    #expect(reason(#"{"type":"agent.pause""shop":"a"}"#) == "not valid JSON: expected ',' or '}' at byte 21")
  }
}
