public import HiredisClient
public import Routing

/// The right to change a partition: who holds it and in which epoch. Every commit carries it.
public struct Fence: Sendable, Equatable {
  /// The worker's name, fresh for each process.
  public var owner: String
  /// Grows each time the partition changes hands.
  public var epoch: Int64
  /// Which partition of the shard.
  public var partition: Int

  /// Makes a fence.
  public init(owner: String, epoch: Int64, partition: Int) {
    self.owner = owner
    self.epoch = epoch
    self.partition = partition
  }
}

/// What a commit found. Only ``committed`` and ``duplicate`` have removed the event from its list.
public enum CommitReply: Sendable, Equatable {
  /// Applied and acknowledged.
  case committed
  /// Acknowledged without effect: its source had sent it before.
  case duplicate
  /// The lease has passed to another: nothing of this worker's counts any more.
  case fenced
  /// An event before this one was not committed.
  case position
  /// It was decided under another configuration than the one in force: decide again.
  case stale
  /// What was read has changed since: read and decide again.
  case moved
  /// A record must be brought to the configuration in force first.
  case behind(Record)
  /// What the customer said matters: read the conversation and decide again.
  case listen
  /// It cannot be applied; the reason is for people.
  case rejected(String)
  /// The server refused or the function failed.
  case failed(RedisServerError)

  /// A record that follows the configuration.
  public enum Record: Sendable, Equatable {
    /// The record of a group.
    case group(GroupID)
    /// The record of an agent.
    case agent(AgentID)

    /// Reads `group ID` or `agent ID`.
    init?(_ text: some StringProtocol) {
      if text.hasPrefix("group ") {
        self = .group(GroupID(unchecked: String(text.dropFirst(6))))
      } else if text.hasPrefix("agent ") {
        self = .agent(AgentID(unchecked: String(text.dropFirst(6))))
      } else {
        return nil
      }
    }
  }

  /// Reads a reply of a function made by `commit` in `commit.lua`.
  public init(_ value: RedisValue) {
    if case .error(let error) = value {
      self = .failed(error)
      return
    }
    let text = value.text ?? ""
    switch text {
    case "committed": self = .committed
    case "duplicate": self = .duplicate
    case "fenced": self = .fenced
    case "position": self = .position
    case "stale": self = .stale
    case "moved": self = .moved
    case "listen": self = .listen
    default:
      if text.hasPrefix("rejected ") {
        self = .rejected(String(text.dropFirst(9)))
      } else if text.hasPrefix("behind "), let record = Record(text.dropFirst(7)) {
        self = .behind(record)
      } else {
        self = .failed(RedisServerError("ERR a function answered with '\(text)'"))
      }
    }
  }
}

/// What every commit carries beside its own arguments.
public struct CommitHeader: Sendable {
  /// The right to change the partition.
  public var fence: Fence
  /// How many events of the partition were committed before this one.
  public var position: Int64
  /// The worker's estimate of the server's time.
  public var now: Moment
  /// The configuration version that was decided under; 0 where none matters.
  public var version: Int64

  /// Makes a header.
  public init(fence: Fence, position: Int64, now: Moment, version: Int64) {
    self.fence = fence
    self.position = position
    self.now = now
    self.version = version
  }
}

extension RedisPipeline {
  /// Adds the call that applies `decision` and acknowledges `event`.
  ///
  /// A ``Decision/reject(_:)`` is not performed here but by ``appendReject(of:letter:shard:header:)``.
  public mutating func appendCommit(
    _ decision: Decision, of event: Event, shard: ShardKeys, header: CommitHeader
  ) {
    switch decision {
    case .reject: break
    case .open(let opening): append(opening, event, shard, header)
    case .message(let conversation, let from, let agent, let mayMatter):
      begin(Functions.conversationMessage, 4, event, shard, header)
      word(conversation.rawValue)
      word(from.rawValue)
      word(agent?.rawValue ?? "")
      word(mayMatter ? 1 : 0)
    case .relay(let conversation, let text):
      begin(Functions.conversationRelay, 2, event, shard, header)
      word(conversation.rawValue)
      word(text)
    case .listen(let listening): append(listening, event, shard, header)
    case .handoff(let conversation, let heard, let route):
      begin(Functions.conversationHandoff, 2 + words(of: route), event, shard, header)
      word(conversation.rawValue)
      word(heard)
      append(route)
    case .status(let conversation):
      begin(Functions.conversationStatus, 1, event, shard, header)
      word(conversation.rawValue)
    case .close(let conversation, let by):
      begin(Functions.conversationClose, 2, event, shard, header)
      word(conversation.rawValue)
      word(by.rawValue)
    case .transfer(let conversation, let target, let by, let note):
      begin(Functions.conversationTransfer, 5, event, shard, header)
      word(conversation.rawValue)
      switch target {
      case .agent(let agent):
        word("agent")
        word(agent.rawValue)
      case .group(let group):
        word("group")
        word(group.rawValue)
      }
      word(by.rawValue)
      word(note ?? "")
    case .accept(let conversation, let agent):
      begin(Functions.conversationAccept, 2, event, shard, header)
      word(conversation.rawValue)
      word(agent.rawValue)
    case .rate(let conversation, let score, let comment):
      begin(Functions.conversationRate, 3, event, shard, header)
      word(conversation.rawValue)
      word(Int64(score))
      word(comment ?? "")
    case .agentOnline(let agent, let gateway, let settings):
      begin(Functions.agentOnline, 2 + settings.words.count, event, shard, header)
      word(agent.rawValue)
      word(gateway.rawValue)
      for text in settings.words { word(text) }
    case .agentPause(let agent):
      begin(Functions.agentPause, 1, event, shard, header)
      word(agent.rawValue)
    case .agentOffline(let agent):
      begin(Functions.agentOffline, 1, event, shard, header)
      word(agent.rawValue)
    case .agentHeartbeat(let agent):
      begin(Functions.agentHeartbeat, 1, event, shard, header)
      word(agent.rawValue)
    case .customerUpdate(let customer, let revision, let fields):
      begin(Functions.customerUpdate, 2 + 2 * fields.count, event, shard, header)
      word(customer.rawValue)
      if let revision { word(revision) } else { word("") }
      append(fields)
    case .customerForget(let customer):
      begin(Functions.customerForget, 1, event, shard, header)
      word(customer.rawValue)
    case .emergency(let on, let notice):
      begin(Functions.shopEmergency, 2, event, shard, header)
      word(on ? 1 : 0)
      word(notice ?? "")
    }
  }

  // MARK: Parts that several functions take

  private mutating func append(
    _ opening: Decision.Opening, _ event: Event, _ shard: ShardKeys, _ header: CommitHeader
  ) {
    let route = opening.route
    let own = 10 + 2 * route.fields.count + 2 * opening.customerFields.count
    begin(Functions.conversationOpen, own, event, shard, header)
    word(opening.conversation.rawValue)
    word(opening.customer.rawValue)
    word(opening.gateway.rawValue)
    word(route.group.rawValue)
    word(Int64(route.level.rawValue))
    word(route.mode.rawValue)
    if let revision = opening.customerRevision { word(revision) } else { word("") }
    word(opening.text)
    word(opening.answer)
    append(route.fields)
    append(opening.customerFields)
  }

  private mutating func append(
    _ listening: Decision.Listening, _ event: Event, _ shard: ShardKeys, _ header: CommitHeader
  ) {
    begin(Functions.conversationListen, 7 + words(of: listening.route), event, shard, header)
    word(listening.conversation.rawValue)
    word(listening.state.rawValue)
    word(listening.heard)
    word(listening.meaning.rawValue)
    word(listening.answer)
    word(listening.text)
    word(Int64(listening.dropped))
    append(listening.route)
  }

  private func words(of route: Decision.Route) -> Int { 4 + 2 * route.fields.count }

  private mutating func append(_ route: Decision.Route) {
    word(route.group.rawValue)
    word(Int64(route.level.rawValue))
    word(route.mode.rawValue)
    append(route.fields)
  }

  /// How many words follow, then name and value of each field.
  private mutating func append(_ fields: [Decision.Field]) {
    word(Int64(2 * fields.count))
    for field in fields {
      word(field.name)
      word(field.value)
    }
  }

  private mutating func append(_ fields: [StoredCustomer.Field]) {
    for field in fields {
      word(field.name)
      word(field.value)
    }
  }

  private mutating func begin(
    _ function: String, _ own: Int, _ event: Event, _ shard: ShardKeys, _ header: CommitHeader
  ) {
    begin(function, own, shard, header, source: event.source, n: event.n, shop: event.shop)
  }

  /// The words that all commits begin with; the order is that of `commit.lua`.
  mutating func begin(
    _ function: String, _ own: Int, _ shard: ShardKeys, _ header: CommitHeader, source: SourceID?, n: Int64?,
    shop: ShopID?
  ) {
    begin(4 + 9 + own)
    word("FCALL")
    word(function)
    word(1)
    word(shard.tag)
    word(header.fence.owner)
    word(header.fence.epoch)
    word(header.position)
    word(Int64(header.fence.partition))
    word(source?.rawValue ?? "")
    word(n ?? 0)
    word(header.now.rawValue)
    word(shop?.rawValue ?? "")
    word(header.version)
  }
}
