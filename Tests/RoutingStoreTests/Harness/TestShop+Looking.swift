import HiredisClient
import Routing
import RoutingStore

/// Short ways to look at what a supervisor would look at.
extension TestShop {
  /// The alerts since the last look, "KIND CONVERSATION GROUP AGENT" with what there is of it, in order.
  func alerts(_ gateway: String = "desk") throws -> [String] {
    try take(gateway).filter { $0.type == .alert }.map { alert in
      let parts = [
        alert.kind, alert.conversation?.rawValue, alert.group?.rawValue, alert.agent?.rawValue,
        alert.score.map(String.init),
      ]
      return parts.compactMap(\.self).joined(separator: " ")
    }
  }

  /// Several fields of a record, '-' for one that is absent.
  func fields(_ key: String, _ names: String...) throws -> String {
    try names.map { try field(key, $0) ?? "-" }.joined(separator: " ")
  }

  /// All names of a record's fields.
  func names(_ key: String) throws -> Set<String> {
    let found = try redis("HKEYS", "\(store.shard.tag):\(store.shop):\(key)").array ?? []
    return Set(found.compactMap(\.text))
  }

  /// How long a record is kept on, in milliseconds; -1 for ever, -2 where there is none.
  func timeToLive(_ key: String) throws -> Int64 {
    try redis("PTTL", "\(store.shard.tag):\(store.shop):\(key)").integer ?? -3
  }

  /// Several counters, in the order asked for: `counts("group", "g", "assigned", "queued")`.
  func counts(_ kind: String, _ id: String, _ counters: String...) throws -> [Int] {
    try counters.map { try counted(kind, id, $0) }
  }

  func beat(_ agent: String) throws { try play(.agentHeartbeat(agent: AgentID(unchecked: agent))) }

  /// Hands a conversation on with a word for who gets it.
  func transfer(_ conversation: String, to target: Event.TransferTarget, note: String) throws {
    try play(
      .transfer(conversation: ConversationID(unchecked: conversation), to: target, by: .agent, note: note))
  }
}
