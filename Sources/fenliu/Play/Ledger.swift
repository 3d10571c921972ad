import Routing

/// What has become of everybody, as far as the commands tell. Times are of the shop's day.
struct Ledger: Sendable {
  /// Where a visit stands.
  enum Phase: Sendable, Equatable {
    case coming
    /// Opened, and nothing heard yet.
    case opened
    case waiting(GroupID)
    case active(AgentID)
    /// Its agent went away; what follows will be told.
    case between
    case assistant
    case closed(reason: String)
  }

  /// One visit.
  struct Entry: Sendable {
    var phase = Phase.coming
    var openedAt: Int64 = 0
    /// When it was first told to wait; nil for those who never were.
    var queuedAt: Int64?
    /// How long until the first agent: what the router said, or 0; nil for those who had none.
    var waited: Int64?
    /// How long until it left the queue unserved.
    var gaveUpAfter: Int64?
    /// When the agent who has it now took it, and how much of the service was done before.
    var activeSince: Int64 = 0
    var done: Int64 = 0
    var requeues = 0
    /// Grows with each change of place, so that what was planned for an earlier one is not done.
    var turn = 0
  }

  /// One agent.
  struct Agent: Sendable {
    var status = ShiftChange.Kind.offline
    var load = 0
    var served = 0
  }

  var entries: [Entry]
  var agents: [AgentID: Agent] = [:]
  var waiting: [GroupID: Int] = [:]
  /// The most who waited at once in one group, and where and when.
  var longestQueue: (count: Int, group: GroupID?, at: Int64) = (0, nil, 0)
  var commands = 0
  /// How many visits have ended.
  private(set) var gone = 0
  var rejections: [String] = []

  init(visits: Int) { entries = Array(repeating: Entry(), count: visits) }

  /// Moves a visit and keeps the counts of the queues.
  mutating func move(_ index: Int, to phase: Phase, at time: Int64) {
    if case .waiting(let group) = entries[index].phase { waiting[group, default: 0] -= 1 }
    entries[index].phase = phase
    if case .closed = phase { gone += 1 }
    if case .waiting(let group) = phase {
      let count = waiting[group, default: 0] + 1
      waiting[group] = count
      if count > longestQueue.count { longestQueue = (count, group, time) }
    }
  }

  // MARK: Sums

  var came: Int { entries.count { $0.phase != .coming } }
  var isOver: Bool { gone == entries.count }
  var waitingNow: Int { waiting.values.reduce(0, +) }
  /// Those who had an agent without ever waiting.
  var servedAtOnce: Int { entries.count { $0.waited != nil && $0.queuedAt == nil } }
  /// The waits of those who had to wait and were served.
  var waits: [Int64] { entries.compactMap { $0.queuedAt == nil ? nil : $0.waited }.sorted() }
  var gaveUp: Int { entries.count { $0.gaveUpAfter != nil } }
  var requeues: Int { entries.reduce(0) { $0 + $1.requeues } }

  func closed(_ reason: String) -> Int { entries.count { $0.phase == .closed(reason: reason) } }
}
