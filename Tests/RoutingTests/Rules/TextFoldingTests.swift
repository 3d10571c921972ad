import Foundation
import TestSupport
import Testing

@testable import Routing

@Suite struct TextFoldingTests {
  @Test(
    "texts that a customer would call the same are one",
    arguments: [
      ("refund", ["REFUND", "Refund", "ｒｅｆｕｎｄ", "ＲＥＦＵＮＤ", "Ｒefund", "𝐑𝐞𝐟𝐮𝐧𝐝"]),
      ("退款!", ["退款！"]),
      ("我要 退款?", ["我要　退款？"]),
      ("ガイド", ["ｶﾞｲﾄﾞ", "カ\u{3099}イト\u{3099}"]),
      ("한국어", ["\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}\u{110B}\u{1165}"]),
      ("café", ["CAFÉ", "cafe\u{301}", "ｃａｆｅ\u{301}"]),
      ("straße", ["STRASSE", "strasse", "STRA\u{1E9E}E"]),
      ("όσος", ["ΌΣΟΣ", "όσοσ"]),
      ("i\u{307}stanbul", ["İstanbul"]),
      ("10kg", ["１０㎏", "⑩kg"]),
      ("等...", ["等…"]),
      ("凉", ["\u{F979}"]),
      ("😀 ok", ["😀　ＯＫ"]),
      ("\u{1F0}", ["\u{1F0}", "j\u{30C}", "J\u{30C}"]),
    ])
  func same(text: String, others: [String]) {
    for other in others { #expect(FoldedText(other) == FoldedText(text), "\(other)") }
  }

  @Test(
    "texts that only look alike stay apart",
    arguments: [("退款", "退 款"), ("ı", "i"), ("カ", "か"), ("ガ", "カ"), ("0", "o"), ("é", "e"), ("“", "\"")])
  func different(left: String, right: String) {
    #expect(FoldedText(left) != FoldedText(right))
  }

  @Test("what is folded stays what it is", arguments: ["", "refund 123", "我要退款,谢谢!", "straße", "ｶﾞ"])
  func idempotent(text: String) {
    let once = FoldedText(text)
    #expect(FoldedText(String(decoding: once.bytes, as: UTF8.self)) == once)
  }

  /// The quick way leaves Unicode's tables out; it has to agree with them on every scalar, alone and between others.
  @Test("the quick way agrees with Unicode on every scalar")
  func agreesWithTables() {
    for value in UInt32(0)...0x1FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(scalar)
      let normalised = text.precomposedStringWithCompatibilityMapping
      // Independent of the table way's own loop: Swift's mapping of whole texts.
      let expected = normalised.lowercased().uppercased().lowercased()
        .precomposedStringWithCompatibilityMapping
      let isDotless = normalised.unicodeScalars.contains("\u{131}")
      if !isDotless, FoldedText(text).bytes != Array(expected.utf8) {
        Issue.record("U+\(String(value, radix: 16)): \(text)")
      }
    }
  }

  @Test("folding a text is folding its scalars, where the quick way applies")
  func concatenation() {
    var random = SeededGenerator(seed: 7)
    let pool = Array("abcXYZ 09ＡＢｃ！？　退款货物流가힣あガー、。「」“”—…😀🛒".unicodeScalars)
    for _ in 0..<2_000 {
      let scalars = (0..<random.below(12)).map { _ in random.pick(pool) }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      let single = scalars.flatMap { FoldedText(String($0)).bytes }
      let whole = text.precomposedStringWithCompatibilityMapping.lowercased()
      #expect(FoldedText(text).bytes == single)
      #expect(FoldedText(text).bytes == Array(whole.utf8), "\(text)")
    }
  }
}
