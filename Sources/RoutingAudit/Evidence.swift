/// An event that was pushed into a partition's list.
public struct PushedEvent: Sendable {
  /// Its bytes, as they were pushed.
  public var raw: [UInt8]
  /// Its source, and its number within it, where the pusher knows them.
  public var source: String?
  /// See `source`.
  public var n: Int64?
  /// False for a push whose answer never came: the event may be in the list or not.
  public var isCertain: Bool

  /// Makes one.
  public init(_ raw: [UInt8], source: String? = nil, n: Int64? = nil, isCertain: Bool = true) {
    self.raw = raw
    self.source = source
    self.n = n
    self.isCertain = isCertain
  }
}

/// What is known of a run beside its audit, once nobody writes any more.
public struct Evidence: Sendable {
  /// By partition, what was pushed, in the order of the list.
  public var pushed: [Int: [PushedEvent]]
  /// By partition, what is still in its list.
  public var inboxes: [Int: [[UInt8]]]
  /// By gateway, the commands that it took, in order; some perhaps repeatedly, as by a gateway that was killed between
  /// reading and removing them.
  public var taken: [String: [[UInt8]]]
  /// By gateway, the commands that it has not taken.
  public var outboxes: [String: [[UInt8]]]
  /// Every key of the shard; nil if that was not read. Keys that entries do not tell of may be among them.
  public var state: [String: LedgerValue]?

  /// Makes it.
  public init(
    pushed: [Int: [PushedEvent]] = [:], inboxes: [Int: [[UInt8]]] = [:], taken: [String: [[UInt8]]] = [:],
    outboxes: [String: [[UInt8]]] = [:], state: [String: LedgerValue]? = nil
  ) {
    self.pushed = pushed
    self.inboxes = inboxes
    self.taken = taken
    self.outboxes = outboxes
    self.state = state
  }
}

extension AuditChecker {
  /// Compares all that was fed with the rest of the evidence: everything that was found, in order of the entries.
  public mutating func finish(_ evidence: Evidence) -> [Violation] {
    judgeEverything()
    for partition in Set(evidence.pushed.keys).union(taken.keys).union(evidence.inboxes.keys).sorted() {
      judgeEvents(
        of: partition, pushed: evidence.pushed[partition] ?? [], left: evidence.inboxes[partition] ?? [])
    }
    for gateway in Set(commands.keys).union(evidence.taken.keys).union(evidence.outboxes.keys).sorted() {
      let left = evidence.outboxes[gateway] ?? []
      judgeTaken(by: gateway, evidence.taken[gateway] ?? [], left: left + heldBack(for: gateway))
      judgeCount(left.count, AuditBounds.commands, "out:\(gateway)")
    }
    if let state = evidence.state { compare(with: state) }
    if violations.unlisted > 0 {
      return violations.found
        + [Violation(.boundsAndRecord, "\(violations.unlisted) more violations are not listed")]
    }
    return violations.found
  }

  /// Judges what was pushed and taken so far, and forgets it: for a run that is too long for the memory. The lists of events
  /// have to be empty and nobody pushes meanwhile; `evidence` has what came since the last time, gathered before the
  /// last entries were read. What gateways have not taken yet is judged the next time; state and lists only in the end.
  public mutating func settle(_ evidence: Evidence) {
    for partition in Set(evidence.pushed.keys).union(taken.keys).sorted() {
      judgeEvents(of: partition, pushed: evidence.pushed[partition] ?? [], left: [])
      taken[partition] = nil
    }
    for gateway in evidence.taken.keys.sorted() {
      judgeTaken(by: gateway, evidence.taken[gateway] ?? [], left: [], isEnd: false)
    }
  }

  /// I8, for the caller, who has the clock: what was still there when the time for draining (twice the lease and 2 s after
  /// the last fault) was over, by list.
  public static func judgeDraining(_ left: [String: Int]) -> [Violation] {
    left.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map {
      Violation(.draining, "\($0.value) entries are still in \($0.key)")
    }
  }
}
