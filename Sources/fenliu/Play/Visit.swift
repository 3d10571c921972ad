import Routing

/// A customer's visit as it is planned: what the router is not told before it happens.
struct Visit: Sendable {
  /// What its conversation and customer ids end with.
  var id: String
  /// The name that people see; nil for recorded customers.
  var name: String?
  var vip = false
  /// The group asked for; nil leaves it to the shop's rules.
  var group: GroupID?
  /// The first words.
  var text: String?
  /// When the customer comes, in milliseconds of the shop's day.
  var arrival: Int64
  /// How long an agent is busy with it.
  var service: Int64
  /// How long the customer waits in the queue; nil is for ever.
  var patience: Int64?
  /// Messages, by the time since the agent took it.
  var messages: [Message] = []
  /// Who closes it, or nil: the customer falls silent and the router closes it.
  var closedBy: Closer? = .agent
  /// How often a waiting customer asks for its place; nil is never.
  var asksEvery: Int64?

  struct Message: Sendable {
    var after: Int64
    var fromCustomer: Bool
  }

  enum Closer: String, Sendable {
    case agent
    case customer
  }
}

/// An agent coming or going.
struct ShiftChange: Sendable {
  enum Kind: String, Sendable {
    case online
    case pause
    case offline
  }

  /// In milliseconds of the shop's day.
  var at: Int64
  var agent: AgentID
  var kind: Kind
}

/// All that is going to happen, in times of the shop's day.
struct PlayPlan: Sendable {
  var begin: Int64
  /// When it is over at the latest: whatever is open then is closed.
  var latestEnd: Int64
  var visits: [Visit]
  var shifts: [ShiftChange]
}
