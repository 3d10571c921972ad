/// What Fenliu promises, as the checker numbers it.
public enum Invariant: Int, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  /// Every event that was pushed ends once: applied, repeated, rejected or still pending; nothing else is applied.
  case everyEventOnce = 1
  /// Effects happen once: no event of a source twice, no position twice.
  case effectsOnce
  /// The events of a partition are applied in the order of its list.
  case order
  /// Owner and epoch of a partition never go back, an epoch has one owner, and nobody else writes.
  case fencing
  /// An agent's load is what it holds, and within its capacity but where a rule says otherwise.
  case load
  /// Who waits stands in the lists, nobody else does; and every pick is the best that could be had.
  case queues
  /// Every command comes once for each `seq`, in order, from one entry.
  case commands
  /// After the last fault all lists drain in time.
  case draining
  /// Everything has a bound; and what the entries add up to is what Redis has.
  case boundsAndRecord

  /// `I1` to `I9`.
  public var description: String { "I\(rawValue)" }
}

/// Something that must not be.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
  /// Which promise is broken.
  public var invariant: Invariant
  /// The number of the entry after which, or in which, it shows; nil for what is seen at the end only.
  public var entry: Int64?
  /// What is wrong, for a person.
  public var words: String

  /// Makes one.
  public init(_ invariant: Invariant, entry: Int64? = nil, _ words: String) {
    self.invariant = invariant
    self.entry = entry
    self.words = words
  }

  /// One line.
  public var description: String { "\(invariant)\(entry.map { " entry \($0)" } ?? ""): \(words)" }
}

/// The violations found so far: each subject's once, and no more than a person can read.
struct ViolationList {
  /// How many are kept.
  static let most = 1_000

  private(set) var found: [Violation] = []
  /// How many there were beyond those kept.
  private(set) var unlisted = 0
  private var known: Set<String> = []

  mutating func add(_ invariant: Invariant, _ entry: Int64?, _ words: String) {
    // What is wrong stays wrong until something changes it: the first entry at which it shows says enough.
    guard known.insert("\(invariant) \(words)").inserted else { return }
    if found.count < Self.most {
      found.append(Violation(invariant, entry: entry, words))
    } else {
      unlisted += 1
    }
  }
}
