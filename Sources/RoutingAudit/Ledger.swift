/// A small Redis in memory that plays the writing commands of an audit, so that after each entry there is the state which
/// the shard had then.
///
/// It knows the commands that the library gives, and no others: an unknown one is an error, not left out. A time to live
/// is noted and not acted on, since the audit does not tell when Redis removes a key.
public struct Ledger: Sendable {
  /// The commands that it can play: those that `audit.lua` notes.
  public static let commands: Set<String> = [
    "HSET", "HDEL", "HINCRBY", "RPUSH", "LPOP", "LTRIM", "ZADD", "ZREM", "DEL", "PEXPIRE",
  ]

  /// Hashes by key. An empty one is not there, as in Redis.
  public private(set) var hashes: [String: [String: String]] = [:]
  /// Lists by key.
  public private(set) var lists: [String: [String]] = [:]
  /// Sorted sets by key.
  public private(set) var sortedSets: [String: SortedSet] = [:]
  /// Keys that have a time to live, and so may be gone from Redis.
  public private(set) var expiring: Set<String> = []

  /// An empty one.
  public init() {}

  /// One that begins with these keys.
  public init(_ state: [String: LedgerValue]) {
    for (key, value) in state where value.count > 0 {
      switch value {
      case .hash(let fields): hashes[key] = fields
      case .list(let elements): lists[key] = elements
      case .sortedSet(let set): sortedSets[key] = set
      }
    }
  }

  /// All keys.
  public var keys: [String] { Array(hashes.keys) + Array(lists.keys) + Array(sortedSets.keys) }

  /// What a key holds; nil if it is not there.
  public func value(_ key: String) -> LedgerValue? {
    if let fields = hashes[key] { return .hash(fields) }
    if let elements = lists[key] { return .list(elements) }
    return sortedSets[key].map { .sortedSet($0) }
  }

  /// A field of a hash.
  public func field(_ key: String, _ name: String) -> String? { hashes[key]?[name] }

  /// Plays one writing command: name, key, arguments.
  public mutating func play(_ command: [String]) throws(LedgerError) {
    guard command.count > 1 else { throw LedgerError(command: command, reason: "it has no key") }
    let key = command[1]
    let arguments = command[2...]
    switch command[0] {
    case "HSET", "HDEL", "HINCRBY":
      try expectFree(key, lists[key] == nil && sortedSets[key] == nil, command)
      try playHash(command, key, arguments)
    case "RPUSH", "LPOP", "LTRIM":
      try expectFree(key, hashes[key] == nil && sortedSets[key] == nil, command)
      try playList(command, key, arguments)
    case "ZADD", "ZREM":
      try expectFree(key, hashes[key] == nil && lists[key] == nil, command)
      try playSortedSet(command, key, arguments)
    case "DEL":
      for key in command.dropFirst() {
        hashes[key] = nil
        lists[key] = nil
        sortedSets[key] = nil
        expiring.remove(key)
      }
    case "PEXPIRE":
      if hashes[key] != nil || lists[key] != nil || sortedSets[key] != nil { expiring.insert(key) }
    default: throw LedgerError(command: command, reason: "no such command is known")
    }
  }

  /// Removes a key whose time to live is over. False if it has none.
  mutating func expire(_ key: String) -> Bool {
    guard expiring.contains(key) else { return false }
    drop(key)
    return true
  }

  private func expectFree(_ key: String, _ isFree: Bool, _ command: [String]) throws(LedgerError) {
    if !isFree { throw LedgerError(command: command, reason: "the key holds another type") }
  }

  private mutating func playHash(
    _ command: [String], _ key: String, _ arguments: ArraySlice<String>
  ) throws(LedgerError) {
    switch command[0] {
    case "HSET":
      guard !arguments.isEmpty, arguments.count % 2 == 0 else { throw wrong(command) }
      for index in stride(from: 2, to: command.count, by: 2) {
        hashes[key, default: [:]][command[index]] = command[index + 1]
      }
    case "HDEL":
      for name in arguments { hashes[key]?[name] = nil }
      if hashes[key]?.isEmpty == true { drop(key) }
    default:
      guard arguments.count == 2, let amount = Int64(command[3]),
        let old = Int64(hashes[key]?[command[2]] ?? "0")
      else { throw wrong(command) }
      hashes[key, default: [:]][command[2]] = String(old + amount)
    }
  }

  private mutating func playList(
    _ command: [String], _ key: String, _ arguments: ArraySlice<String>
  ) throws(LedgerError) {
    switch command[0] {
    case "RPUSH":
      guard !arguments.isEmpty else { throw wrong(command) }
      lists[key, default: []].append(contentsOf: arguments)
    case "LPOP":
      let count = min(arguments.first.flatMap { Int($0) } ?? 1, lists[key]?.count ?? 0)
      lists[key]?.removeFirst(count)
      if lists[key]?.isEmpty == true { drop(key) }
    default:
      guard arguments.count == 2, let first = Int(command[2]), let last = Int(command[3]) else {
        throw wrong(command)
      }
      guard let count = lists[key]?.count else { return }
      let from = max(0, first < 0 ? count + first : first)
      let to = min(count - 1, last < 0 ? count + last : last)
      if from > to {
        drop(key)
      } else {
        lists[key]?.removeLast(count - 1 - to)
        lists[key]?.removeFirst(from)
      }
    }
  }

  private mutating func playSortedSet(
    _ command: [String], _ key: String, _ arguments: ArraySlice<String>
  ) throws(LedgerError) {
    if command[0] == "ZREM" {
      for member in arguments { sortedSets[key]?.remove(member) }
      if sortedSets[key]?.count == 0 { drop(key) }
      return
    }
    let conditions = Set(arguments.prefix { ["NX", "XX", "LT", "GT"].contains($0) })
    let pairs = Array(arguments.dropFirst(conditions.count))
    guard !pairs.isEmpty, pairs.count % 2 == 0 else { throw wrong(command) }
    for index in stride(from: 0, to: pairs.count, by: 2) {
      guard let score = Double(pairs[index]) else { throw wrong(command) }
      let old = sortedSets[key]?.score(of: pairs[index + 1])
      if old != nil, conditions.contains("NX") { continue }
      if old == nil, conditions.contains("XX") { continue }
      if let old, conditions.contains("LT"), score >= old { continue }
      if let old, conditions.contains("GT"), score <= old { continue }
      sortedSets[key, default: SortedSet()].insert(pairs[index + 1], score: score)
    }
  }

  private mutating func drop(_ key: String) {
    hashes[key] = nil
    lists[key] = nil
    sortedSets[key] = nil
    expiring.remove(key)
  }

  private func wrong(_ command: [String]) -> LedgerError {
    LedgerError(command: command, reason: "its arguments are not what Redis takes")
  }
}
