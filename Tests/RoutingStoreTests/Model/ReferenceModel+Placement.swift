import Routing

/// Conversations meet agents or take their place in a queue.
extension ReferenceModel {
  mutating func drawTurn(_ agent: AgentID, _ group: GroupID) {
    let turn = turnsDrawn[group, default: 0] + 1
    turnsDrawn[group] = turn
    agents[agent]?.turns[group] = turn
  }

  mutating func assign(_ id: ConversationID, to agent: AgentID, _ reason: String) {
    guard var conversation = conversations[id], var record = agents[agent] else { return }
    conversation.waitedMs = conversation.waitingSince.map { max(0, now - $0) } ?? 0
    conversation.state = .active
    conversation.agent = agent
    conversation.reason = reason
    conversation.assignedAt = now
    conversation.waitingSince = nil
    conversation.excluded = nil
    conversation.spoke = nil
    conversation.spokeAt = nil
    conversations[id] = conversation
    record.idleSince = now
    agents[agent] = record
    if record.groups.contains(where: { $0.group == conversation.group && $0.strategy == .roundRobin }) {
      drawTurn(agent, conversation.group)
    }
    tellAssigned(conversation, .customer, conversation.gateway)
    tellAssigned(conversation, .agent, record.gateway)
  }

  /// Behind everybody who came before at this level, also within one millisecond.
  func timeOfQueueing(_ level: Int, _ group: GroupID) -> Int64 {
    let last = queue(group).filter { $0.level == level }.map(\.queuedAt).max()
    return max(now, (last ?? 0) + 1)
  }

  mutating func enqueue(_ id: ConversationID) {
    guard var conversation = conversations[id] else { return }
    conversation.state = .waiting
    conversation.agent = nil
    conversation.waitingSince = conversation.waitingSince ?? now
    conversations[id] = conversation
    tellQueued(conversation)
  }

  /// The agent has it no longer; somebody takes care of both afterwards.
  mutating func release(_ id: ConversationID) {
    guard let agent = conversations[id]?.agent else { return }
    conversations[id]?.agent = nil
    if load(agent) == 0 { agents[agent]?.idleSince = now }
  }

  /// A free agent takes the best that waits over all its groups and does not exclude it, until it is full.
  mutating func fill(_ agent: AgentID) {
    while let record = agents[agent], hasRoom(record) {
      let waiting = conversations.values.filter {
        $0.state == .waiting && record.serves($0.group) && $0.excluded != agent
      }
      guard let next = waiting.min(by: Self.comesFirst) else { return }
      assign(next.id, to: agent, "queue")
    }
  }

  mutating func giveToBot(_ id: ConversationID) {
    guard var conversation = conversations[id] else { return }
    conversation.state = .bot
    conversation.spokeAt = now
    let timeout = groups[conversation.group]?.settings.idleTimeout.rawValue ?? 0
    conversation.idleIsArmed = timeout > 0
    if timeout > 0 { due[timer("idle", id)] = now + timeout }
    conversations[id] = conversation
    tellBot(conversation)
  }

  mutating func finish(_ id: ConversationID, by: String, _ reason: String) {
    guard let agent = conversations[id].map(\.agent) else { return }
    release(id)
    conversations[id]?.state = .closed
    conversations[id]?.closedAt = now
    conversations[id]?.closedBy = by
    conversations[id]?.closeReason = reason
    guard let conversation = conversations[id] else { return }
    tellClosed(conversation, .customer, conversation.gateway)
    if let agent, let record = agents[agent] { tellClosed(conversation, .agent, record.gateway) }
    if let agent { fill(agent) }
  }

  /// Out of service: status at once, conversations after the grace time.
  mutating func leave(_ agent: AgentID) {
    agents[agent]?.status = .offline
    agents[agent]?.offlineAt = now
    if load(agent) > 0 { due[timer("grace", agent)] = now + configuration.offlineGrace.rawValue }
  }

  // MARK: Telling

  private mutating func tell(
    _ gateway: GatewayID, _ type: Command.CommandType, _ conversation: Conversation, _ to: Command.Side,
    _ fill: (inout Command) -> Void = { _ in }
  ) {
    var command = Command(seq: 0, type: type, shop: configuration.shop, at: Moment(now))
    command.conversation = conversation.id
    command.customer = conversation.customer
    command.to = to
    fill(&command)
    send(command, to: gateway)
  }

  mutating func send(_ command: Command, to gateway: GatewayID) {
    var command = command
    command.seq = sequences[gateway, default: 0] + 1
    sequences[gateway] = command.seq
    outboxes[gateway, default: []].append(command)
  }

  mutating func tellAssigned(_ conversation: Conversation, _ to: Command.Side, _ gateway: GatewayID) {
    tell(gateway, .assigned, conversation, to) {
      $0.agent = conversation.agent
      $0.group = conversation.group
      $0.level = Level(clamping: conversation.level)
      $0.reason = conversation.reason
      $0.waitedMs = conversation.waitedMs
    }
  }

  mutating func tellBot(_ conversation: Conversation) {
    tell(conversation.gateway, .bot, conversation, .customer) { $0.group = conversation.group }
  }

  mutating func tellClosed(_ conversation: Conversation, _ to: Command.Side, _ gateway: GatewayID) {
    tell(gateway, .closed, conversation, to) {
      $0.by = conversation.closedBy
      $0.reason = conversation.closeReason
    }
  }

  mutating func tellRequeued(_ conversation: Conversation, _ to: Command.Side, _ gateway: GatewayID) {
    tell(gateway, .requeued, conversation, to) { $0.reason = "offline" }
  }

  /// Its position among its own level, and the estimate over all who are served before it.
  mutating func tellQueued(_ conversation: Conversation) {
    let queue = queue(conversation.group)
    let slots = slots(conversation.group)
    var numbers: (position: Int, wait: Int64)?
    if let record = groups[conversation.group], !record.isRetired, slots > 0,
      queue.count <= record.settings.queue.hide.waiting
    {
      let ahead = queue.count { Self.comesFirst($0, conversation) }
      let sameLevel = queue.count { $0.level == conversation.level && Self.comesFirst($0, conversation) }
      let wait = Self.estimate(ahead + 1, record.settings.queue, slots)
      if wait * 1_000 <= record.settings.queue.hide.wait.rawValue { numbers = (sameLevel + 1, wait) }
    }
    tell(conversation.gateway, .queued, conversation, .customer) {
      $0.group = conversation.group
      $0.position = numbers?.position
      $0.waitSeconds = numbers?.wait
      $0.hidden = numbers == nil
    }
  }

  /// ceil(position × handle time / slots), in seconds.
  private static func estimate(_ position: Int, _ queue: QueueConfiguration, _ slots: Int) -> Int64 {
    let handleTime =
      switch queue.handleTime {
      case .fixed(let time): time.rawValue
      case .measured: Int64(600_000)
      }
    let total = Int64(position) * handleTime
    let perSecond = Int64(slots) * 1_000
    return (total + perSecond - 1) / perSecond
  }

  /// Repeats to the customer's gateway what is so.
  mutating func tellStatus(_ conversation: Conversation) {
    switch conversation.state {
    case .bot: tellBot(conversation)
    case .waiting: tellQueued(conversation)
    case .active: tellAssigned(conversation, .customer, conversation.gateway)
    case .closed: tellClosed(conversation, .customer, conversation.gateway)
    }
  }
}
