import Routing

/// The conversations of a partition in which customers' words are believed to matter: the assistant has them, or they
/// wait and no rule has matched.
///
/// A guess that saves a round trip, never a truth: a function that finds a word to matter says so ('listen'), and one
/// that finds it not to matter refuses what was decided ('moved'). Without it every word of a customer would have to
/// be read for, and most are said to agents.
final class Listeners {
  /// How many conversations are remembered; beyond it any one is forgotten, to be found again when needed.
  static let limit = 10_000

  private var conversations: Set<ConversationID> = []

  /// Whether this text probably matters.
  func expect(_ event: Event) -> Bool {
    guard event.isCustomerText, let conversation = event.conversation else { return false }
    return conversations.contains(conversation)
  }

  /// A word in this conversation matters.
  func add(_ conversation: ConversationID) {
    if conversations.count >= Self.limit, let any = conversations.first { conversations.remove(any) }
    conversations.insert(conversation)
  }

  /// Learns from what was decided.
  func note(_ decision: Decision) {
    switch decision {
    case .open(let opening):
      if opening.route.mode == .botFirst || opening.route.mode == .botOnly { add(opening.conversation) }
    // Decided with a look at the conversation, or sent without one and taken: somebody has it.
    case .message(let conversation, .customer, _, _), .close(let conversation, _),
      .handoff(let conversation, _, _):
      conversations.remove(conversation)
    default: break
    }
  }
}
