import Foundation
import Routing
import Testing

@Suite("Dead letters")
struct EventDeadLetterTests {
  private static func letter(_ event: [UInt8]) -> DeadLetter {
    DeadLetter(event: event, error: "customer.id is missing", at: Moment(1_700_000_000_000), partition: 2)
  }

  private static func text(_ letter: DeadLetter) -> String { String(decoding: letter.json, as: UTF8.self) }

  @Test("the text, keys in order")
  func form() {
    #expect(
      Self.text(Self.letter(Array(#"{"type":"a\n"}"#.utf8)))
        == #"{"event":"{\"type\":\"a\\n\"}","error":"customer.id is missing","at":1700000000000,"partition":2}"#
    )
    #expect(
      Self.text(Self.letter([0x7B, 0xFF]))
        == #"{"event_base64":"e/8=","error":"customer.id is missing","at":1700000000000,"partition":2}"#)
  }

  @Test(
    "there and back",
    arguments: [
      [], Array("{}".utf8), Array("你好 😀 \"\\\u{0}\u{1}\u{1F}\u{7F}\r\n\t\u{8}\u{C}/".utf8), [0xFF],
      [0xFF, 0],
      [0, 0xFF, 0x80], [0xED, 0xA0, 0x80], Array(0...255), Array("abc".utf8) + [0xE4, 0xBD],
      [UInt8](repeating: 0, count: 65_536), [UInt8](repeating: 0xFE, count: 65_536),
    ] as [[UInt8]])
  func roundTrip(event: [UInt8]) throws {
    let letter = Self.letter(event)
    #expect(try DeadLetter(json: letter.json) == letter)
    #expect(letter.event == event)
    #expect(letter.isRetriable)
    let object = try JSONSerialization.jsonObject(with: Data(letter.json)) as? [String: Any]
    if let base64 = object?["event_base64"] as? String {
      #expect(Data(base64Encoded: base64) == Data(event))
    } else {
      let read = try #require(object?["event"] as? String)
      #expect(Array(read.utf8) == event)
    }
  }

  @Test("beyond 64 KiB the beginning is kept, in whole characters")
  func truncated() throws {
    for lead in 0..<3 {
      let event =
        [UInt8](repeating: UInt8(ascii: "x"), count: lead) + Array(String(repeating: "你", count: 30_000).utf8)
      let letter = Self.letter(event)
      #expect(letter.isTruncated && !letter.isRetriable)
      #expect(letter.event.count == 65_536 - (65_536 - lead) % 3)
      #expect(Self.text(letter).contains(#"","truncated":true,"error":"#))
      #expect(try DeadLetter(json: letter.json) == letter)
    }
    let binary = Self.letter([UInt8](repeating: 0xE4, count: 100_000))
    #expect(binary.event.count == 65_536)
    #expect(try DeadLetter(json: binary.json) == binary)
    let justFits = Self.letter([UInt8](repeating: 0x20, count: 65_536))
    #expect(!justFits.isTruncated)
  }

  @Test(
    "what is not a dead letter",
    arguments: [
      ("", "not a dead letter: not valid JSON: it is empty"),
      ("[]", "not a dead letter: it is an array"),
      (#"{"error":"e","at":1,"partition":0}"#, "not a dead letter: event is missing"),
      (
        #"{"event":5,"error":"e","at":1,"partition":0}"#,
        "not a dead letter: event must be text, not a number"
      ),
      (
        #"{"event":"","event_base64":"","error":"e","at":1,"partition":0}"#,
        "not a dead letter: event stands beside event_base64"
      ),
      (
        #"{"event_base64":"e","error":"e","at":1,"partition":0}"#,
        "not a dead letter: event_base64 is not base64"
      ),
      (
        #"{"event_base64":"e/9=","error":"e","at":1,"partition":0}"#,
        "not a dead letter: event_base64 is not base64"
      ),
      (
        #"{"event_base64":"====","error":"e","at":1,"partition":0}"#,
        "not a dead letter: event_base64 is not base64"
      ),
      (#"{"event":"","at":1,"partition":0}"#, "not a dead letter: error is missing"),
      (#"{"event":"","error":"e","partition":0}"#, "not a dead letter: at is missing"),
      (#"{"event":"","error":"e","at":1}"#, "not a dead letter: partition is missing"),
    ])
  func malformed(text: String, reason: String) {
    #expect {
      _ = try DeadLetter(json: Array(text.utf8))
    } throws: {
      ($0 as? DeadLetter.Malformed)?.reason == reason
    }
  }
}
