/// Who receives a customer, and who instead when that one cannot be had (routing, section 3).
public enum Mode: String, Sendable, CaseIterable {
  /// A person, and the assistant when none can be had.
  case humanFirst = "human-first"
  /// The assistant greets, and hands over to a person when asked to or at a loss.
  case botFirst = "bot-first"
  /// Never the assistant; where a person cannot be had, the conversation is rejected.
  case humanOnly = "human-only"
  /// Never a person.
  case botOnly = "bot-only"
}
