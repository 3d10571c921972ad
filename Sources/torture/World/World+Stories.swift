import Proving
import Routing

/// What gateways were told, beside what they must have been told.
extension World {
  /// The commands of `plenty`, which are known beforehand, and those of the others, which must end once.
  func stories() -> [String] {
    var wrong: [String] = []
    for partition in 0..<4 {
      if plan.pushesByCustomer {
        wrong += storiesByConversation(partition)
        continue
      }
      let story = taken.story(partition)
      let expected = load.expected[partition] ?? []
      if let first = zip(story, expected).enumerated().first(where: { $0.element.0 != $0.element.1 }) {
        wrong.append(
          "partition \(partition), command \(first.offset): \(first.element.0), not \(first.element.1)")
      } else if story.count != expected.count {
        wrong.append("partition \(partition): \(story.count) commands, not \(expected.count)")
      }
      let rejected = taken.rejected(partition)
      if rejected != rejected.sorted() || Set(rejected).count != rejected.count {
        wrong.append("partition \(partition): rejections repeated or out of order")
      }
    }
    return wrong + endings("tight", load.tightConversations)
      + endings(LivelyLoad.gateway, Set(lively.conversations.keys))
  }

  /// Where order holds within conversations only: each has exactly its own commands, in order.
  func storiesByConversation(_ partition: Int) -> [String] {
    let told = Dictionary(grouping: taken.story(partition)) { $0.split(separator: " ").last }
    let wanted = Dictionary(grouping: load.expected[partition] ?? []) { $0.split(separator: " ").last }
    let differing = Set(told.keys).union(wanted.keys).filter { told[$0] != wanted[$0] }
    return differing.prefix(3).map { "\($0 ?? ""): \(told[$0] ?? []), not \(wanted[$0] ?? [])" }
  }

  /// Each conversation is closed once, nothing is said of it afterwards, and it is known from the first word.
  func endings(_ gateway: String, _ conversations: Set<String>) -> [String] {
    var wrong: [String] = []
    var closed: Set<String> = []
    var opened: Set<String> = []
    for command in commands(of: gateway) where command.to != .agent {
      guard let id = command.conversation?.rawValue else { continue }
      switch command.type {
      case .closed:
        if !closed.insert(id).inserted { wrong.append("\(id) is closed twice") }
      case .assigned, .queued:
        opened.insert(id)
        if closed.contains(id) { wrong.append("\(id) is \(command.type.name) after its end") }
      default: break
      }
    }
    let missing = conversations.subtracting(closed)
    if !missing.isEmpty {
      wrong.append("\(missing.count) of \(gateway) never closed: \(missing.sorted().prefix(3))")
    }
    let phantoms = opened.subtracting(conversations)
    if !phantoms.isEmpty { wrong.append("\(phantoms.sorted().prefix(3)) of \(gateway) were never opened") }
    return Array(wrong.prefix(5))
  }
}
