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
        // Whatever refuses does so before it changes anything.
        model.refuse(event)
      }
    }
  }

  /// Whether no record has to be brought up to date, whatever is touched.
  private var isUpToDate: Bool {
    agents.values.allSatisfy { $0.version == version }
      && configuration.groupOrder.allSatisfy { groups[$0] != nil }
      && groups.values.allSatisfy { $0.version == version && ($0.clock.until?.rawValue ?? .max) > now }
  }

  /// Tries `body` on a copy until no record is behind the configuration any more; without a copy where none
  /// can be, which is mostly so.
  mutating func settling(_ body: (inout ReferenceModel) throws(Behind) -> Void) {
    if isUpToDate, (try? body(&self)) != nil { return }
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
    case .message(let id, let from, let text, let agent): try message(id, from, text ?? "", agent)
    case .handoff(let id, let reason):
      let conversation = try known(id)
      guard conversation.state == .bot else { return }
      if conversation.mode == .botOnly { return tellBot(conversation) }
      if let reason, !reason.isEmpty { conversations[id]?.handoffReason = reason }
      try handOff(id)
    case .status(let id):
      _ = try known(id)
      try repeatStatus(id)
    case .close(let id, let by): try close(id, by)
    case .transfer(let id, let target, let by, let note): try transfer(id, target, by, note)
    case .accept(let id, let agent): try accept(id, agent)
    case .rate(let id, let score, let comment): try rate(id, score, comment)
    case .agentOnline(let agent, let gateway): try comeOnline(agent, gateway)
    case .agentPause(let agent):
      try mustBeConfigured(agent)
      if agents[agent]?.status == .online { change(agent) { $0.status = .paused } }
    case .agentOffline(let agent):
      try mustBeConfigured(agent)
      if let status = agents[agent]?.status, status != .offline { leave(agent) }
    case .agentHeartbeat(let agent):
      try mustBeConfigured(agent)
      if let status = agents[agent]?.status, status != .offline { agents[agent]?.heartbeatAt = now }
    case .customerUpdate(let customer, let dedicated):
      if case .set(let agent) = dedicated { try mustBeConfigured(agent) }
      merge(customer, dedicated: dedicated)
    case .customerForget(let customer): customers[customer] = nil
    case .emergency(let on, let notice):
      emergency = on ? Emergency(notice: notice.flatMap { $0.isEmpty ? nil : $0 }) : nil
    }
  }

  /// A sign of life; tells the status, unless an assignment has just been told.
  mutating func repeatStatus(_ id: ConversationID) throws(Behind) {
    let before = conversations[id]?.state
    try sign(id)
    if before == conversations[id]?.state { tellStatus(id) }
  }

  func known(_ id: ConversationID) throws(Refused) -> Conversation {
    guard let conversation = conversations[id] else { throw Refused() }
    return conversation
  }

  func mustBeConfigured(_ agent: AgentID) throws(Refused) {
    if configuration.agents[agent] == nil { throw Refused() }
  }

  func mustBeConfigured(_ group: GroupID) throws(Refused) {
    if configuration.groups[group] == nil { throw Refused() }
  }

  private mutating func close(_ id: ConversationID, _ by: Event.Party) throws {
    let conversation = try known(id)
    if conversation.state == .closed { return }
    if conversation.state == .active, let agent = conversation.agent { try touch(agent) }
    let abandoned = by == .customer && conversation.state == .waiting
    finish(id, by: by.rawValue, abandoned ? "abandoned" : by.rawValue)
  }

  /// An agent pulls a conversation that waits.
  private mutating func accept(_ id: ConversationID, _ agent: AgentID) throws {
    try mustBeConfigured(agent)
    let conversation = try known(id)
    switch conversation.state {
    case .closed, .active: return
    case .bot: throw Refused()
    case .waiting: break
    }
    guard agents[agent] != nil else { throw Refused() }
    if agents[agent]?.status == .offline { throw Refused() }
    try touch(agent)
    guard let record = agents[agent] else { throw Refused() }
    let groups = [conversation.group] + conversation.offered
    guard let group = groups.first(where: record.serves) else { throw Refused() }
    conversations[id]?.group = group
    if group != conversation.group { count("overflowed", conversation, group: group) }
    assign(id, to: agent, "manual")
  }

  // MARK: Transfers

  private mutating func transfer(
    _ id: ConversationID, _ target: Event.TransferTarget, _ by: Event.Party, _ note: String?
  ) throws {
    switch target {
    case .agent(let agent): try mustBeConfigured(agent)
    case .group(let group): try mustBeConfigured(group)
    }
    let conversation = try known(id)
    if conversation.state == .closed { return }
    let giver = conversation.state == .active ? conversation.agent : nil
    if let giver { try touch(giver) }
    var group = conversation.group
    switch target {
    case .agent(let agent):
      if giver == agent { return }
      if let record = agents[agent], record.status == .online {
        try touch(agent)
        return hand(id, to: agent, by, note)
      }
      if conversation.state == .waiting { return }
      group = try home(group)
    case .group(let chosen):
      group = chosen
      if conversation.state == .waiting, conversation.group == group { return }
      try look(group)
    }
    var there = conversation
    there.group = group
    there.offered = []
    there.relaxed = 0
    let isManual = isByHand(group, id)
    let taker = isManual ? nil : try best(group, for: there, except: giver)
    if let note, !note.isEmpty { conversations[id]?.note = note }
    if let giver { count("transferred", conversation, group: conversation.group, agent: giver) }
    release(id)
    move(id, to: group)
    if let taker {
      assign(id, to: taker, "transfer")
    } else {
      if let giver {
        conversations[id]?.excluded = giver
        let until = now + configuration.dedicatedWait.rawValue
        conversations[id]?.excludedUntil = until
      }
      enqueue(id, isManual: isManual)
    }
    if let giver { fill(giver) }
  }

  /// To an agent who is online: always, above its capacity too.
  private mutating func hand(_ id: ConversationID, to agent: AgentID, _ by: Event.Party, _ note: String?) {
    guard let conversation = conversations[id], let record = agents[agent] else { return }
    let giver = conversation.state == .active ? conversation.agent : nil
    let isManual = conversation.state == .waiting && by == .supervisor
    if let note, !note.isEmpty { conversations[id]?.note = note }
    if let giver { count("transferred", conversation, group: conversation.group, agent: giver) }
    release(id)
    if !record.serves(conversation.group), let first = record.groups.first {
      conversations[id]?.group = first.group
    }
    assign(id, to: agent, isManual ? "manual" : "transfer")
    guard let giver, let old = agents[giver] else { return }
    if old.gateway != record.gateway, var moved = conversations[id] {
      // The note is for who has it now.
      moved.note = nil
      tellAssigned(moved, .agent, old.gateway)
    }
    fill(giver)
  }
}
