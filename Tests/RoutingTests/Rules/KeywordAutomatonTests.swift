import TestSupport
import Testing

@testable import Routing

@Suite struct KeywordAutomatonTests {
  private func found(_ keywords: [String], in texts: String...) -> Set<String> {
    let automaton = KeywordAutomaton(zip(keywords, keywords.indices))
    return Set(automaton.matches(in: texts.map(FoldedText.init)).map { keywords[$0] })
  }

  @Test("a keyword is found anywhere in a text, in any width and case")
  func simple() {
    #expect(found(["退款", "refund"], in: "我想退款") == ["退款"])
    #expect(found(["退款", "refund"], in: "ＲＥＦＵＮＤ please 退款") == ["退款", "refund"])
    #expect(found(["Ｒｅｆｕｎｄ"], in: "no refunds") == ["Ｒｅｆｕｎｄ"])
    #expect(found(["退款", "refund"], in: "退 款 ref und") == [])
    #expect(found(["退款"], in: "") == [])
    #expect(found([], in: "退款") == [])
  }

  @Test("keywords within, before and over one another are all found")
  func overlapping() {
    #expect(found(["he", "she", "his", "hers"], in: "ushers") == ["he", "she", "hers"])
    #expect(found(["a", "aa", "aaa", "aaaa"], in: "aaa") == ["a", "aa", "aaa"])
    #expect(found(["退货", "退货流程", "货流", "流程图"], in: "退货流程") == ["退货", "退货流程", "货流"])
    #expect(found(["abcd", "bc", "c"], in: "abce") == ["bc", "c"])
  }

  @Test("a keyword does not begin in one text and end in the next")
  func severalTexts() {
    #expect(found(["退款", "快递"], in: "我要退", "款 快递") == ["快递"])
    #expect(found(["退款", "快递"], in: "退款", "快递") == ["退款", "快递"])
  }

  @Test("the bytes of one character are not mistaken for another's")
  func characterBoundaries() {
    // 退 is E9 80 80 and 款 E6 AC BE; no keyword of whole characters begins in the middle of one.
    #expect(found(["\u{80}", "\u{9000}"], in: "退") == ["\u{9000}"])
  }

  @Test("one keyword may stand for several things, and several for one")
  func ids() {
    let automaton = KeywordAutomaton([("退款", 3), ("refund", 3), ("REFUND", 5), ("", 9), ("款", 4)])
    #expect(automaton.matches(in: FoldedText("refund")) == [3, 5])
    #expect(automaton.matches(in: FoldedText("退款")) == [3, 4])
    #expect(automaton.matches(in: FoldedText("nothing")) == [])
    for limit in 0...4 {
      let few = automaton.matches(in: ["退款", "refund"].map(FoldedText.init), limit: limit)
      #expect(few.count == min(limit, 3))
    }
    #expect(!automaton.isEmpty)
    #expect(KeywordAutomaton([("", 1)]).isEmpty)
  }

  @Test("finds what a search word by word finds, in random texts")
  func againstNaiveSearch() {
    var random = SeededGenerator(seed: 11)
    // Few letters, so that words run into each other; two of the characters share their first two bytes.
    let letters: [[Character]] = [["a", "b"], ["退", "選", "款", "a"], ["a", "b", "c", "流", "é", "😀"]]
    var hits = 0
    for round in 0..<600 {
      let alphabet = letters[round % letters.count]
      func word(_ longest: Int) -> String {
        String((0..<(1 + random.below(longest))).map { _ in random.pick(alphabet) })
      }
      let keywords = (0..<(1 + random.below(20))).map { _ in word(6) }
      let texts = (0..<(1 + random.below(3))).map { _ in word(40) }
      let automaton = KeywordAutomaton(zip(keywords, keywords.indices))
      let naive = keywords.indices.filter { index in
        texts.contains { contains(FoldedText($0).bytes, FoldedText(keywords[index]).bytes) }
      }
      #expect(automaton.matches(in: texts.map(FoldedText.init)) == Set(naive), "\(keywords) in \(texts)")
      hits += naive.count
    }
    #expect(hits > 1_000)
  }

  @Test("ten thousand keywords, each found where it is and nowhere else")
  func tenThousand() {
    let keywords = (0..<10_000).map { "商品\($0)号" }
    let automaton = KeywordAutomaton(zip(keywords, keywords.indices))
    for id in stride(from: 0, to: 10_000, by: 7) {
      #expect(automaton.matches(in: FoldedText("你好,我要退 商品\(id)号 谢谢")) == [id])
    }
    #expect(automaton.matches(in: FoldedText("商品10000号 商品号 品1号")) == [])
    #expect(automaton.matches(in: keywords.map(FoldedText.init)) == Set(0..<10_000))
  }

  private func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
    guard text.count >= word.count else { return false }
    return (0...(text.count - word.count)).contains { text[$0..<($0 + word.count)].elementsEqual(word) }
  }
}
