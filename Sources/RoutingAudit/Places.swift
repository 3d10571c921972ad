/// Where conversations stand: which lists have them, who holds them, and what the holders' records should come to. Kept up
/// with each write, so that nothing has to be searched.
struct Places {
  typealias Name = AuditedKey.Name

  /// What an agent holds.
  struct Held: Equatable {
    var count = 0
    var units = 0
    var spread: [String: Int] = [:]
  }

  /// By conversation: the waiting lists that have it.
  private(set) var lists: [Name: Set<String>] = [:]
  /// By conversation: the agents whose lists of held ones have it.
  private(set) var holders: [Name: Set<String>] = [:]
  /// By agent: what the records of active conversations come to.
  private(set) var held: [Name: Held] = [:]
  /// Conversations that are not closed, agents, and groups that have a record.
  private(set) var open: Set<Name> = []
  private(set) var agents: Set<Name> = []
  private(set) var groups: Set<Name> = []
  /// How many conversations were ever seen, for the bound of the timers.
  private(set) var conversations = 0

  mutating func begin(with ledger: Ledger, _ keys: AuditedKeys) {
    for key in ledger.keys {
      let meaning = keys.meaning(of: key)
      if let set = ledger.sortedSets[key] { note(set.places.map(\.member), meaning, key, ledger) }
      guard let fields = ledger.hashes[key] else { continue }
      switch meaning {
      case .conversation(let name): change(name, from: nil, to: ConversationRecord(id: name.id, fields))
      case .agent(let name): agents.insert(name)
      case .group(let name): groups.insert(name)
      default: break
      }
    }
  }

  /// The conversations that a write to a list puts there or takes away.
  func members(_ write: [String], _ meaning: AuditedKey, _ ledger: Ledger) -> [String] {
    switch meaning {
    case .waiting, .held: break
    default: return []
    }
    switch write[0] {
    case "ZREM": return Array(write.dropFirst(2))
    case "ZADD":
      let pairs = write.dropFirst(2).drop { Double($0) == nil }
      return stride(from: pairs.startIndex + 1, to: pairs.endIndex, by: 2).map { pairs[$0] }
    default: return ledger.sortedSets[write[1]]?.places.map(\.member) ?? []
    }
  }

  /// After a write to a list: who stands in it now.
  mutating func note(_ members: [String], _ meaning: AuditedKey, _ key: String, _ ledger: Ledger) {
    let set = ledger.sortedSets[key]
    switch meaning {
    case .waiting(_, let owner):
      for member in members {
        Self.put(key, set?.score(of: member) != nil, &lists, Name(shop: owner.shop, id: member))
      }
    case .held(let agent):
      for member in members {
        Self.put(agent.id, set?.score(of: member) != nil, &holders, Name(shop: agent.shop, id: member))
      }
    case .agent(let name): Self.keep(name, ledger.hashes[key] != nil, &agents)
    case .group(let name): Self.keep(name, ledger.hashes[key] != nil, &groups)
    default: break
    }
  }

  /// A conversation's record has changed.
  mutating func change(_ name: Name, from old: ConversationRecord?, to new: ConversationRecord?) {
    if old == nil, new != nil { conversations += 1 }
    Self.keep(name, new != nil && new?.state != "closed", &open)
    if let old, let holder = old.holder { add(old, -1, to: Name(shop: name.shop, id: holder)) }
    if let new, let holder = new.holder { add(new, 1, to: Name(shop: name.shop, id: holder)) }
  }

  private mutating func add(_ conversation: ConversationRecord, _ sign: Int, to agent: Name) {
    var sums = held[agent] ?? Held()
    sums.count += sign
    sums.units += sign * conversation.units
    let units = (sums.spread[conversation.group] ?? 0) + sign * conversation.units
    sums.spread[conversation.group] = units == 0 ? nil : units
    held[agent] = sums == Held() ? nil : sums
  }

  private static func put(
    _ element: String, _ isThere: Bool, _ index: inout [Name: Set<String>], _ name: Name
  ) {
    if isThere {
      index[name, default: []].insert(element)
    } else {
      index[name]?.remove(element)
      if index[name]?.isEmpty == true { index[name] = nil }
    }
  }

  private static func keep(_ name: Name, _ isThere: Bool, _ set: inout Set<Name>) {
    if isThere { set.insert(name) } else { set.remove(name) }
  }
}
