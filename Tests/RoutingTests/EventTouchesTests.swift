import Routing
import Testing

@Suite("Events: whom they name")
struct EventTouchesTests {
  @Test(
    "customer, conversation, agent",
    arguments: zip(
      EventFixture.shapes,
      [
        "u-1 c-1 ann", "- c-1 ann", "- c-1 -", "- c-1 -", "- c-1 -", "- c-1 bob", "- c-1 ann", "- c-1 -",
        "- - ann", "- - ann", "- - ann", "- - ann", "u-1 - -", "u-1 - -", "- - -",
      ]))
  func touches(shape: EventFixture.Shape, expected: String) throws {
    let event = try EventDecoder.decode(shape.text()).get()
    let named = [event.customer?.rawValue, event.conversation?.rawValue, event.agent?.rawValue]
    #expect(named.map { $0 ?? "-" }.joined(separator: " ") == expected)
  }

  @Test("a transfer to a group names no agent")
  func transferToGroup() throws {
    let text = EventFixture.shapes[5].text(changing: "to", to: #"{"group":"sales"}"#)
    let event = try EventDecoder.decode(text).get()
    #expect(event.agent == nil)
  }
}
