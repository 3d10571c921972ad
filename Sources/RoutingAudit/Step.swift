/// What an entry is found to be and to touch, while its writes are played.
struct Step {
  let entry: AuditEntry
  /// What the key of each write is for.
  let meanings: [AuditedKey]
  /// Conversations that were given to agents, in order.
  let assignments: [Assignment]
  /// Touched conversations and agents, as they were before.
  var conversations: [AuditedKey.Name: ConversationRecord?] = [:]
  var agents: [AuditedKey.Name: AgentRecord?] = [:]
  /// Touched keys whose size has a bound.
  var grown: [String: AuditedKey] = [:]
  /// Gateways that were sent commands.
  var gateways: Set<String> = []
  /// Commands that were held back and taken from their list, by gateway, as far as they have not been handed out yet.
  var released: [String: [String]] = [:]
  /// How many events were taken from a list.
  var popped = 0

  /// An agent is given a conversation.
  struct Assignment {
    let agent: AuditedKey.Name
    let conversation: AuditedKey.Name
    /// Which of the entry's writes says so.
    let index: Int
    /// Whether the agent took it from the queues, or else somebody looked for an agent.
    let isFill: Bool
    /// What the agent used just before, in all and by group; nil when the entry does not tell.
    let room: (used: Int, spread: [String: Int])?
    /// The fields that the conversation is saved with, and those that are taken from it with that.
    let written: [String: String]
    let removed: [String]
  }

  init(_ entry: AuditEntry, _ keys: AuditedKeys) {
    self.entry = entry
    let meanings = entry.writes.map { keys.meaning(of: $0.count > 1 ? $0[1] : "") }
    self.meanings = meanings
    assignments = Self.assignments(of: entry, meanings)
  }

  /// The kind of timer that fired: `wait` of `wait:acme:c`.
  static func timer(of entry: AuditEntry) -> String? {
    entry.timer.map { String($0.prefix { $0 != ":" }) }
  }

  var timer: String? { Self.timer(of: entry) }

  // MARK: Who was given what

  /// Steps in which nothing but taking from the queues gives conversations.
  private static let filling: Set<String> = [
    "conversation_close", "agent_online", "agent_configure", "timer idle", "timer capacity", "timer wrap",
    "timer ramp",
    "timer mend",
  ]

  private static func assignments(of entry: AuditEntry, _ meanings: [AuditedKey]) -> [Assignment] {
    var found: [Assignment] = []
    var released: Set<AuditedKey.Name> = []
    let kind = timer(of: entry).map { "timer " + $0 } ?? entry.kind
    let fills = filling.contains(kind)
    for (index, write) in entry.writes.enumerated() {
      guard case .held(let agent) = meanings[index], write.count > 2, let member = write.last else {
        continue
      }
      if write[0] == "ZREM" { released.insert(agent) }
      guard write[0] == "ZADD" else { continue }
      let conversation = AuditedKey.Name(shop: agent.shop, id: member)
      let (written, removed) = saved(conversation, from: index, entry, meanings)
      found.append(
        Assignment(
          agent: agent, conversation: conversation, index: index, isFill: fills || released.contains(agent),
          room: room(of: agent, from: index, entry, meanings),
          written: written, removed: removed))
    }
    return found
  }

  /// How a conversation is saved when it has been assigned: fields written, fields removed.
  private static func saved(
    _ conversation: AuditedKey.Name, from index: Int, _ entry: AuditEntry, _ meanings: [AuditedKey]
  ) -> (written: [String: String], removed: [String]) {
    for next in index..<entry.writes.count {
      let write = entry.writes[next]
      guard meanings[next] == .conversation(conversation), write[0] == "HSET" else { continue }
      let behind = next + 1
      let hasMore = behind < entry.writes.count && meanings[behind] == meanings[next]
      let gone = hasMore && entry.writes[behind][0] == "HDEL" ? Array(entry.writes[behind].dropFirst(2)) : []
      return (fields(of: write), gone)
    }
    return ([:], [])
  }

  /// What an agent used before the assignment at `index`: what its record says at the next save, without what it was
  /// given up to there.
  private static func room(
    of agent: AuditedKey.Name, from index: Int, _ entry: AuditEntry, _ meanings: [AuditedKey]
  ) -> (used: Int, spread: [String: Int])? {
    var given: [(group: String, units: Int)] = []
    for next in index..<entry.writes.count {
      let write = entry.writes[next]
      if meanings[next] == .held(agent), write[0] == "ZADD", let member = write.last {
        let name = AuditedKey.Name(shop: agent.shop, id: member)
        let fields = saved(name, from: next, entry, meanings).written
        given.append((fields["group"] ?? "", Int(fields["units"] ?? "1") ?? 1))
      }
      guard meanings[next] == .agent(agent), write[0] == "HSET" else { continue }
      let saved = fields(of: write)
      guard let used = saved["used"].flatMap({ Int($0) }) else { continue }
      var spread = numbers(in: saved["spread"])
      for part in given { spread[part.group, default: 0] -= part.units }
      return (used - given.reduce(0) { $0 + $1.units }, spread)
    }
    return nil
  }

  static func fields(of write: [String]) -> [String: String] {
    var fields: [String: String] = [:]
    for index in stride(from: 2, to: write.count - 1, by: 2) { fields[write[index]] = write[index + 1] }
    return fields
  }
}
