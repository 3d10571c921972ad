import Foundation
import Routing
import TestSupport
import Testing

/// Good events, damaged at random from a fixed seed: nothing crashes, and what is still accepted is JSON
/// in the eyes of Foundation too, with the same meaning.
@Suite("Events: random damage", .timeLimit(.minutes(5)))
struct EventMutationTests {
  /// Pieces that a JSON reader or a key of Redis could stumble over. No U+FEFF: Foundation drops it from
  /// the start of texts.
  private static let pieces: [[UInt8]] =
    [
      "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "-", "0", "1e309", "1.5", ".", "e", "\\u0000",
      "\\ud800", "\\udc00", "\\u0061", "\u{0}", "\n", " ", "你", "😀", "\"a\":1,", "\"shop\":\"x\",",
      "\"type\":\"agent.pause\",", "9007199254740993", "[[[[[[[[[[[[[[[[[", "/",
    ].map { Array($0.utf8) } + [[0x80], [0xC0], [0xED, 0xA0, 0x80], [0xFF]]

  private static func damage(_ event: [UInt8], _ dice: inout SeededGenerator) -> [UInt8] {
    var event = event
    for _ in 0..<max(1, Int.random(in: -5...3, using: &dice)) {
      let place = Int.random(in: 0...event.count, using: &dice)
      let end = min(event.count, place + Int.random(in: 1...12, using: &dice))
      switch Int.random(in: 0..<7, using: &dice) {
      case 0 where place < event.count: event[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
      case 1 where place < event.count: event[place] = UInt8.random(in: 0...255, using: &dice)
      case 2: event.removeSubrange(place..<end)
      case 3: event.insert(contentsOf: event[place..<end], at: place)
      case 4: event.insert(contentsOf: pieces.randomElement(using: &dice) ?? [], at: place)
      case 5: event.replaceSubrange(place..<end, with: pieces.randomElement(using: &dice) ?? [])
      case 6 where place < event.count: event[place] = UInt8.random(in: 0x20...0x7E, using: &dice)
      default: event.removeLast(min(event.count, 3))
      }
    }
    return event
  }

  @Test("200,000 damaged events in four lots", arguments: [1, 2, 3, 4] as [UInt64])
  func damaged(seed: UInt64) {
    var dice = SeededGenerator(seed: seed)
    let good = EventFixture.shapes.map { Array($0.text().utf8) }
    var accepted = 0
    for round in 0..<50_000 {
      let bytes = Self.damage(good[round % good.count], &dice)
      switch EventDecoder.decode(bytes) {
      case .success(let event):
        accepted += 1
        Self.compare(event, with: bytes)
      case .failure(let rejection):
        #expect(!rejection.error.isEmpty)
        // Foundation forgives a comma behind the last member; about everything else it should agree.
        if rejection.error.hasPrefix("not valid JSON: "), !rejection.error.contains("expected a key") {
          Self.compareRefusal(rejection, of: bytes)
        }
      }
    }
    // Enough must survive for the comparison to mean something.
    #expect(accepted > 4_000)
  }

  @Test("every beginning of a good event is refused", arguments: EventFixture.shapes)
  func beginnings(shape: EventFixture.Shape) {
    let bytes = Array(shape.text().utf8)
    for count in bytes.indices {
      let reason = EventFixture.reason(Array(bytes[..<count]))
      #expect(reason?.hasPrefix("not valid JSON: ") == true)
    }
  }

  private static func compare(_ event: Event, with bytes: [UInt8]) {
    let shown = Comment(rawValue: String(decoding: bytes, as: UTF8.self))
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      Issue.record(shown)
      return
    }
    if object["type"] as? String != event.typeName { Issue.record(shown) }
    if object["shop"] as? String != event.shop.rawValue { Issue.record(shown) }
    if object["id"] as? String != event.id { Issue.record(shown) }
    if let conversation = event.conversation, object["conversation"] as? String != conversation.rawValue {
      Issue.record(shown)
    }
    if let at = event.at, (object["at"] as? NSNumber)?.int64Value != at { Issue.record(shown) }
  }

  private static func compareRefusal(_ rejection: Rejection, of bytes: [UInt8]) {
    if (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil {
      Issue.record("\(rejection.error): \(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
