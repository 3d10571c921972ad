import Routing

/// How large things may become, each with the place in the library that bounds it.
enum AuditBounds {
  /// Commands of a gateway: `OUTBOX_LIMIT` in `context.lua`.
  static let commands = 100_000
  /// Commands held back in a shard: `HELD_LIMIT` in `context.lua`.
  static let held = 200_000
  /// Dead letters: `DEAD_LIMIT` in `event_reject.lua`.
  static let letters = 10_000
  /// Facts not counted yet: `FACTS_LIMIT` in `facts.lua`.
  static let facts = 10_000
  /// A lease hash: `SOURCE_LIMIT` in `commit.lua` and its own fields.
  static let lease = 1_024 + 13
  /// Texts of a customer: `TEXTS_LIMIT` in `assistant.lua`.
  static let texts = 20
  /// Lines about a conversation's decisions: `WHY_LIMIT` in `conversation.lua`.
  static let reasons = 8
  /// Agents that a customer does not want again: `AVOID_LIMIT` in `conversation_talk.lua`; and those whom a conversation
  /// lost because they did not answer.
  static let avoided = 16
  /// Fields of a record: each has a name in the library, but for the `turn:` of an agent, one for each group, and a
  /// conversation's decisions, of five fields at most.
  static let fields = 120
  /// Timers: for each conversation wait, idle, response, answer; for each agent grace, heartbeat, capacity, wrap, ramp;
  /// for each group notify, hours, mend.
  static func timers(conversations: Int, agents: Int, groups: Int) -> Int {
    4 * conversations + 5 * agents + 3 * groups
  }
}

// I9, the first half: nothing grows without a bound.
extension AuditChecker {
  /// After an entry: whether what it touched is as small as it must be.
  mutating func judgeSize(of key: String, _ meaning: AuditedKey) {
    switch meaning {
    case .heldBack: judgeCount(ledger.lists[key]?.count, AuditBounds.held, key)
    case .dead: judgeCount(ledger.lists[key]?.count, AuditBounds.letters, key)
    case .facts: judgeCount(ledger.lists[key]?.count, AuditBounds.facts, key)
    case .lease: judgeCount(ledger.hashes[key]?.count, AuditBounds.lease, key)
    case .texts: judgeCount(ledger.lists[key]?.count, AuditBounds.texts, key)
    case .due:
      let most = AuditBounds.timers(
        conversations: places.conversations, agents: agentsSeen.count, groups: groupsSeen.count)
      judgeCount(ledger.sortedSets[key]?.count, most, key)
    case .agent:
      judgeCount(ledger.hashes[key]?.keys.count { !$0.hasPrefix("turn:") }, AuditBounds.fields, key)
    case .group: judgeCount(ledger.hashes[key]?.count, AuditBounds.fields, key)
    case .customer:
      judgeCount(ledger.hashes[key]?.count, AuditBounds.fields, key)
      judgeCount(names(in: ledger.field(key, "avoid")).count, AuditBounds.avoided, key + " avoid")
    case .conversation:
      judgeCount(ledger.hashes[key]?.count, AuditBounds.fields, key)
      let lines = DecisionRecord.lines(in: ledger.hashes[key] ?? [:]).count
      judgeCount(lines, AuditBounds.reasons, key + " why")
    default: break
    }
  }

  mutating func judgeCount(_ count: Int?, _ most: Int, _ key: String) {
    if let count, count > most { report(.boundsAndRecord, "\(key) has grown beyond \(most)") }
  }
}

// I9, the second half: what the entries add up to is what Redis has.
extension AuditChecker {
  /// Compares the state after the last entry with the shard's keys.
  mutating func compare(with state: [String: LedgerValue]) {
    var real: [String: LedgerValue] = [:]
    for (key, value) in state where keys.isAudited(key) { real[key] = keys.told(key, value) }
    for key in Set(ledger.keys).union(real.keys).sorted() {
      let expected = ledger.value(key).flatMap { keys.told(key, $0) }
      let found = real[key]
      if expected == found || (found == nil && ledger.expiring.contains(key)) { continue }
      violations.add(.boundsAndRecord, nil, Self.difference(key, expected, found))
    }
  }

  private static func difference(_ key: String, _ expected: LedgerValue?, _ found: LedgerValue?) -> String {
    guard let expected else { return "\(key) is in Redis, and no entry wrote it" }
    guard let found else { return "\(key) is not in Redis, and entries wrote it" }
    switch (expected, found) {
    case (.hash(let expected), .hash(let found)):
      let fields = Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }.sorted().prefix(
        5)
      let words = fields.map {
        "\($0) is \(found[$0] ?? "not there") and was written \(expected[$0] ?? "never")"
      }
      return "\(key): \(words.joined(separator: ", "))"
    case (.sortedSet(let expected), .sortedSet(let found)):
      let members = Set(expected.places.map(\.member)).union(found.places.map(\.member))
        .filter { expected.score(of: $0) != found.score(of: $0) }.sorted().prefix(5)
      return "\(key): other members or scores than written: \(members.joined(separator: ", "))"
    default: return "\(key) has \(found.count) elements that are not the \(expected.count) written"
    }
  }
}

extension AuditedKeys {
  /// Whether entries tell of a key.
  func isAudited(_ key: String) -> Bool {
    switch meaning(of: key) {
    case .inbox, .outbox, .aside, .unknown: false
    default: true
    }
  }

  /// What entries tell of a key's value; nil if that is nothing. Beats renew a lease, and people switch the audit in it.
  func told(_ key: String, _ value: LedgerValue) -> LedgerValue? {
    guard case .lease = meaning(of: key), case .hash(var fields) = value else { return value }
    for name in ["renewal", "audit"] { fields[name] = nil }
    return fields.isEmpty ? nil : .hash(fields)
  }
}
