/// What a key holds.
public enum LedgerValue: Sendable, Equatable {
  /// Field → value.
  case hash([String: String])
  /// Elements, oldest first.
  case list([String])
  /// Members with scores.
  case sortedSet(SortedSet)

  /// A value as Redis tells it: its type, and as words a hash's fields and values, a list's elements, or a sorted set's
  /// members and scores. Nil for a type that a shard does not have, and for a score that is no number.
  public init?(kind: String, words: [String]) {
    switch kind {
    case "hash":
      var fields: [String: String] = [:]
      for index in stride(from: 0, to: words.count - 1, by: 2) { fields[words[index]] = words[index + 1] }
      self = .hash(fields)
    case "list": self = .list(words)
    case "zset":
      var set = SortedSet()
      for index in stride(from: 0, to: words.count - 1, by: 2) {
        guard let score = Double(words[index + 1]) else { return nil }
        set.insert(words[index], score: score)
      }
      self = .sortedSet(set)
    default: return nil
    }
  }

  /// How many fields, elements or members it has.
  public var count: Int {
    switch self {
    case .hash(let fields): fields.count
    case .list(let elements): elements.count
    case .sortedSet(let set): set.count
    }
  }
}

/// A writing command that the ledger cannot play: the checker does not know the library that wrote it.
public struct LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The command, as the entry has it.
  public let command: [String]
  /// Why it cannot be played.
  public let reason: String

  /// One line.
  public var description: String {
    "the ledger cannot play \(command.prefix(6).joined(separator: " ")): \(reason)"
  }
}
