import Routing
import Testing

/// The decisions in a conversation's record, as people are told of them.
@Suite struct DecisionRecordTests {
  @Test func aDecisionGoesOnInTheNextField() throws {
    let fields = [
      "state": "active", "why1": "1790000000000 v=12 group=presale step=group agent=li",
      "why2": " dedicated=offline online=3 ready=1 rule=退款 投诉",
      "why3": "1790000001000 v=12 group=presale step=transfer",
      "why4": " agent=wang", "why6": "1790000002000 v=12 group=lost step=behind-a-gap",
    ]
    #expect(
      DecisionRecord.lines(in: fields) == [
        "1790000000000 v=12 group=presale step=group agent=li dedicated=offline online=3 ready=1 rule=退款 投诉",
        "1790000001000 v=12 group=presale step=transfer agent=wang",
      ])
    let decisions = DecisionRecord.read(fields)
    let first = try #require(decisions.first)
    #expect(first.rule == "退款 投诉")
    #expect(first.found.map(\.step) == ["dedicated"] && first.found.map(\.what) == ["offline"])
    // What is zero is left out.
    let staff = try #require(first.staff)
    #expect([staff.online, staff.paused, staff.offline, staff.ready, staff.skipped] == [3, 0, 0, 1, 0])
    #expect(decisions.last?.agent?.rawValue == "wang")
    #expect(decisions.last?.staff == nil)
  }

  @Test(arguments: [
    "", "nonsense", "12 v=1 step=group", "12 group=g step=group", " v=1 group=g step=s", "12 v group",
  ])
  func whatIsNoDecisionIsLeftOut(line: String) {
    #expect(DecisionRecord.read(["why1": line]).isEmpty)
  }
}
