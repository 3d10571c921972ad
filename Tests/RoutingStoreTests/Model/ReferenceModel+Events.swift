import Routing

/// What each event does.
extension ReferenceModel {
  /// Applies one event at `now`, bringing records up to date on the way.
  mutating func apply(_ event: Event) {
    position += 1
    if let source = event.source, let n = event.n {
      if let last = sources[source], n <= last { return }
      sources[source] = n
    }
    settling { model throws(Behind) in
      do {
        try model.perform(event.kind)
      } catch let behind as Behind {
        throw behind
      } catch {
        model.refuse(event)
      }
    }
  }

  /// Tries `body` on a copy until no record is behind the configuration any more.
  mutating func settling(_ body: (inout ReferenceModel) throws(Behind) -> Void) {
    while true {
      var trial = self
      do throws(Behind) {
        try body(&trial)
        self = trial
        return
      } catch {
        settle(error)
      }
    }
  }

  mutating func settle(_ record: Behind) {
    switch record {
    case .group(let group): configure(group)
    case .agent(let agent): configure(agent)
    }
  }

  private mutating func refuse(_ event: Event) {
    dead += 1
    guard let gateway = event.gateway else { return }
    var command = Command(seq: 0, type: .rejected, shop: event.shop, at: Moment(now))
    command.conversation = event.conversation
    command.id = event.id
    send(command, to: gateway)
  }

  private mutating func perform(_ kind: Event.Kind) throws {
    switch kind {
    case .open(let opening): try open(opening)
    case .message(let id, let from, _, let agent): try message(id, from, agent)
    case .handoff(let id, _): try handOff(id)
    case .status(let id): tellStatus(try known(id))
    case .close(let id, let by): try close(id, by)
    case .transfer(let id, let target, let by, _): try transfer(id, target, by)
    case .rate(let id, let score, let comment):
      _ = try known(id)
      conversations[id]?.score = score
      conversations[id]?.ratedAt = now
      if let comment, !comment.isEmpty { conversations[id]?.comment = comment }
    case .agentOnline(let agent, let gateway): try comeOnline(agent, gateway)
    case .agentPause(let agent):
      try mustBeConfigured(agent)
      if agents[agent]?.status == .online { agents[agent]?.status = .paused }
    case .agentOffline(let agent):
      try mustBeConfigured(agent)
      if let status = agents[agent]?.status, status != .offline { leave(agent) }
    case .agentHeartbeat(let agent):
      try mustBeConfigured(agent)
      if agents[agent]?.status != .offline { agents[agent]?.heartbeatAt = now }
    case .accept, .customerUpdate, .customerForget, .emergency: throw Refused()
    }
  }

  private func known(_ id: ConversationID) throws(Refused) -> Conversation {
    guard let conversation = conversations[id] else { throw Refused() }
    return conversation
  }

  private func mustBeConfigured(_ agent: AgentID) throws(Refused) {
    if configuration.agents[agent] == nil { throw Refused() }
  }

  private func mustBeConfigured(_ group: GroupID) throws(Refused) {
    if configuration.groups[group] == nil { throw Refused() }
  }

  // MARK: Conversations

  private mutating func open(_ opening: Event.Open) throws {
    let id = opening.conversation
    if let group = opening.group { try mustBeConfigured(group) }
    if let agent = opening.agent { try mustBeConfigured(agent) }
    if var known = conversations[id], known.state != .closed {
      guard known.customer == opening.customer.id else { throw Refused() }
      known.gateway = opening.gateway
      conversations[id] = known
      return tellStatus(known)
    }
    let level = merge(opening)
    conversations[id] = Conversation(
      id: id, customer: opening.customer.id, gateway: opening.gateway,
      group: opening.group ?? configuration.defaultGroup, level: level, mode: configuration.defaultMode,
      openedAt: now, queuedAt: now)
    try place(id)
  }

  /// What the event says of the customer goes over what is stored; gives the level.
  private mutating func merge(_ opening: Event.Open) -> Int {
    let told = opening.customer
    let old = customers[told.id]
    let new = Customer(
      revision: (old?.revision ?? 0) + 1, name: told.name ?? old?.name, vip: told.vip ?? old?.vip,
      level: told.level ?? old?.level)
    if new.name != old?.name || new.vip != old?.vip || new.level != old?.level { customers[told.id] = new }

    let attribute = new.level ?? (new.vip == true ? configuration.levels.vip.rawValue : 0)
    let parameter = opening.params[configuration.levels.param].flatMap { Int($0) }
    let level =
      switch configuration.levels.source {
      case .attribute: attribute
      case .param: parameter ?? 0
      case .paramThenAttribute: parameter ?? attribute
      }
    return min(10, max(0, level))
  }

  /// A person if one can be had and is wanted; else the queue, the assistant, or the end.
  private mutating func place(_ id: ConversationID) throws(Behind) {
    guard let conversation = conversations[id] else { return }
    let group = conversation.group
    try touch(group)
    if conversation.mode == .botFirst || conversation.mode == .botOnly { return giveToBot(id) }
    if let agent = try best(group, except: nil) { return assign(id, to: agent, "group") }
    if takesMore(group) {
      let time = timeOfQueueing(conversation.level, group)
      conversations[id]?.queuedAt = time
      return enqueue(id)
    }
    if conversation.mode == .humanOnly { finish(id, by: "system", "rejected") } else { giveToBot(id) }
  }

  private mutating func handOff(_ id: ConversationID) throws {
    let conversation = try known(id)
    guard conversation.state == .bot else { return }
    if conversation.mode == .botOnly { return tellBot(conversation) }
    let group = try home(conversation.group)
    if let agent = try best(group, except: nil) {
      conversations[id]?.group = group
      conversations[id]?.mode = .humanFirst
      conversations[id]?.queuedAt = now
      assign(id, to: agent, "group")
    } else if takesMore(group) {
      conversations[id]?.group = group
      conversations[id]?.mode = .humanFirst
      let time = timeOfQueueing(conversation.level, group)
      conversations[id]?.queuedAt = time
      enqueue(id)
    } else {
      tellBot(conversation)
    }
  }

  private mutating func message(
    _ id: ConversationID, _ from: Event.Speaker, _ agent: AgentID?
  ) throws(Refused) {
    let conversation = try known(id)
    if conversation.state == .closed { return }
    if from == .agent {
      guard conversation.state == .active, agent == nil || agent == conversation.agent else { return }
    }
    if from == .bot, conversation.state != .bot { return }
    conversations[id]?.spoke = from
    conversations[id]?.spokeAt = now
    let timeout = groups[conversation.group]?.settings.idleTimeout.rawValue ?? 0
    if from == .agent, timeout > 0, !conversation.idleIsArmed {
      conversations[id]?.idleIsArmed = true
      due[timer("idle", id)] = now + timeout
    }
  }

  private mutating func close(_ id: ConversationID, _ by: Event.Party) throws {
    let conversation = try known(id)
    if conversation.state == .closed { return }
    if let agent = conversation.agent { try touch(agent) }
    let abandoned = by == .customer && conversation.state == .waiting
    finish(id, by: by.rawValue, abandoned ? "abandoned" : by.rawValue)
  }

  private mutating func transfer(
    _ id: ConversationID, _ target: Event.TransferTarget, _ by: Event.Party
  ) throws {
    switch target {
    case .agent(let agent): try mustBeConfigured(agent)
    case .group(let group): try mustBeConfigured(group)
    }
    let conversation = try known(id)
    if conversation.state == .closed { return }
    let giver = conversation.agent
    if let giver { try touch(giver) }
    var group = conversation.group
    switch target {
    case .agent(let agent):
      if giver == agent { return }
      if let record = agents[agent], record.status == .online {
        try touch(agent)
        return hand(conversation, to: record, by)
      }
      if conversation.state == .waiting { return }
      group = try home(group)
    case .group(let chosen):
      group = chosen
      if conversation.state == .waiting, conversation.group == group { return }
    }
    try touch(group)
    let taker = try best(group, except: giver ?? conversation.excluded)
    release(id)
    conversations[id]?.group = group
    if let taker {
      assign(id, to: taker, "transfer")
    } else {
      if let giver {
        conversations[id]?.excluded = giver
        due[timer("exclusion", id)] = now + configuration.dedicatedWait.rawValue
      }
      enqueue(id)
    }
    if let giver { fill(giver) }
  }

  /// To an agent who is online: always, above its capacity too.
  private mutating func hand(_ conversation: Conversation, to agent: Agent, _ by: Event.Party) {
    let giver = conversation.agent
    let isManual = conversation.state == .waiting && by == .supervisor
    release(conversation.id)
    if !agent.serves(conversation.group), let first = agent.groups.first {
      conversations[conversation.id]?.group = first.group
    }
    assign(conversation.id, to: agent.id, isManual ? "manual" : "transfer")
    guard let giver, let old = agents[giver] else { return }
    if old.gateway != agent.gateway, let moved = conversations[conversation.id] {
      tellAssigned(moved, .agent, old.gateway)
    }
    fill(giver)
  }

  // MARK: Agents

  private mutating func comeOnline(_ id: AgentID, _ gateway: GatewayID) throws(Refused) {
    try mustBeConfigured(id)
    var agent = agents[id] ?? Agent(id: id, gateway: gateway, idleSince: now)
    agent.gateway = gateway
    if agent.status == .online, agent.version == version {
      agent.heartbeatAt = now
      agents[id] = agent
      return
    }
    let isBackInTime =
      agent.status == .offline && now - agent.offlineAt < configuration.offlineGrace.rawValue
    if agent.status != .online, !isBackInTime, load(id) == 0 { agent.idleSince = now }
    agent.onlineAt = now
    agents[id] = agent
    bring(id, online: true)
  }
}
