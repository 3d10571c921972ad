/// What the built-in assistant replies, made ready for searching (routing, section 3, and "Assistant and knowledge").
public struct AssistantPlan: Sendable {
  /// Handoff words under the id 0, the keywords of the answers under the answers' ids: 1 for the first.
  private let keywords: KeywordAutomaton
  /// The answers in file order, each with the name of its product line.
  private let answers: [(line: String, text: String)]
  /// The ids of each product line's answers.
  private let ids: [String: Range<Int>]

  private static let handoff = 0

  /// Makes ready what a configuration says. A keyword of which folding leaves nothing is never found.
  public init(_ configuration: AssistantConfiguration) {
    var keywords = configuration.handoff.map { ($0, Self.handoff) }
    var answers: [(line: String, text: String)] = []
    var ids: [String: Range<Int>] = [:]
    for line in configuration.answers {
      let first = answers.count + 1
      for answer in line.answers {
        answers.append((line.name, answer.text))
        keywords += answer.keywords.map { ($0, answers.count) }
      }
      ids[line.name] = first..<(answers.count + 1)
    }
    self.keywords = KeywordAutomaton(keywords)
    self.answers = answers
    self.ids = ids
  }

  /// What the assistant does with a question.
  public enum Reply: Sendable, Equatable {
    /// It calls a person: the customer asked for one.
    case handoff
    /// It answers, out of what it knows about a product line.
    case answer(line: String, text: String)
    /// It has no answer.
    case miss
  }

  /// The reply to a customer's text. Keywords are found anywhere in it, whatever its width and case.
  ///
  /// A handoff word comes before any answer. Of several answers the first in file order is given, but those of the
  /// product line that the customer chose in a menu come first.
  ///
  /// - Parameter category: what the customer chose in a menu; a product line is meant when it has this very name.
  public func reply(to text: String, category: String?) -> Reply {
    let found = keywords.matches(in: FoldedText(text))
    if found.contains(Self.handoff) { return .handoff }
    let chosen = category.flatMap { ids[$0] }.flatMap { own in found.filter(own.contains).min() }
    guard let id = chosen ?? found.min() else { return .miss }
    return .answer(line: answers[id - 1].line, text: answers[id - 1].text)
  }
}
