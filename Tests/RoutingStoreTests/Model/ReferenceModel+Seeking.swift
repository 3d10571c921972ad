import Routing

/// Looking for a person: the steps 2 to 8 of the page.
extension ReferenceModel {
  /// A conversation just opened, or handed off by the assistant. Gives whether a person or a place in a queue
  /// was found; a handed-off one then is as it was.
  @discardableResult
  mutating func seek(_ id: ConversationID, isHandoff: Bool) throws(Behind) -> Bool {
    guard let conversation = conversations[id] else { return false }
    guard let group = try look(conversation.group) else { return false }
    if !group.clock.isOpen {
      if isHandoff { tellBot(conversation) }
      reply(id, "off_hours", configuration.texts.offHours)
      if isHandoff { return false }
      return otherSide(id, isTold: true, isHandoff: false)
    }
    if isByHand(group, id) { return try waitOrFallBack(id, isManual: true, isHandoff: isHandoff) }
    if let requested = conversation.requested, try seekOne(id, requested, "requested") { return true }
    if try seekOn(id, isWaiting: false) { return true }
    return try waitOrFallBack(id, isManual: false, isHandoff: isHandoff)
  }

  /// Step 3: whether agents have to pull it.
  func isByHand(_ group: Group, _ id: ConversationID) -> Bool {
    switch group.clock.manner {
    case .auto: return false
    case .manual: return true
    case .share(let share):
      var hash: Int64 = 0
      for byte in id.rawValue.utf8 { hash = (hash * 31 + Int64(byte)) % 1_000_003 }
      return (hash * 7_919 % 1_000_003) % 10_000 >= Int64(share.hundredthsOfPercent)
    }
  }

  func isByHand(_ group: GroupID, _ id: ConversationID) -> Bool {
    groups[group].map { isByHand($0, id) } ?? false
  }

  /// Whether a group takes a conversation from elsewhere: outside its hours it takes nobody new.
  func givesOut(_ group: GroupID, _ id: ConversationID) -> Bool {
    groups[group].map { $0.clock.isOpen && !isByHand($0, id) } ?? false
  }

  /// Steps 4 and 5: this agent, or a wait for it.
  private mutating func seekOne(
    _ id: ConversationID, _ agent: AgentID, _ reason: String, isWaiting: Bool = false
  ) throws(Behind) -> Bool {
    guard let conversation = conversations[id] else { return false }
    if agents[agent] != nil {
      try touch(agent)
      if let record = agents[agent],
        hasRoom(record, in: conversation.group, for: units(conversation.weight, record, conversation.group))
      {
        give(id, to: agent, reason, isWaiting: isWaiting)
        return true
      }
    }
    guard configuration.dedicatedWait.rawValue > 0 else { return false }
    if isWaiting {
      reserve(id, for: agent, reason)
      return true
    }
    guard takesMore(conversation.group) else { return false }
    setPlace(id)
    enqueue(id, only: (agent, reason))
    return true
  }

  /// The first time of queueing.
  private mutating func setPlace(_ id: ConversationID) {
    guard let conversation = conversations[id] else { return }
    let time = timeOfQueueing(conversation.level, conversation.group)
    conversations[id]?.queuedAt = time
  }

  /// Steps 5 to 7, or those after the wait for one agent that has ended: whether it has found its way.
  mutating func seekOn(
    _ id: ConversationID, isWaiting: Bool, after ended: String? = nil
  ) throws(Behind) -> Bool {
    guard let conversation = conversations[id], !isWaiting || (ended != nil && !conversation.isManual)
    else { return false }
    let customer = customers[conversation.customer]
    if ended != "dedicated", let agent = conversation.dedicated {
      if agents[agent] != nil { try touch(agent) }
      let suits =
        agents[agent].map { !passesOver(agent, conversation) && hasSkills($0, for: conversation) }
        ?? !conversation.avoid.contains(agent)
      if suits, try seekOne(id, agent, "dedicated", isWaiting: isWaiting) { return true }
    }
    if let customer, let agent = try returning(conversation, customer) {
      give(id, to: agent, "returning", isWaiting: isWaiting)
      return true
    }
    if let agent = try best(conversation.group, for: conversation) {
      give(id, to: agent, "group", isWaiting: isWaiting)
      return true
    }
    return false
  }

  /// Assigns it, or parks one that has waited and from which nothing was heard.
  private mutating func give(_ id: ConversationID, to agent: AgentID, _ reason: String, isWaiting: Bool) {
    if isWaiting, let conversation = conversations[id], isSilent(conversation) { return park(id) }
    assign(id, to: agent, reason)
  }

  /// Step 6.
  private func returning(_ conversation: Conversation, _ customer: Customer) throws(Behind) -> AgentID? {
    let window = configuration.returning.window.rawValue
    let group = conversation.group
    guard window > 0, let end = customer.lastEnd, now - end <= window, let last = customer.lastAgent,
      agents[last] != nil
    else { return nil }
    try touch(last)
    guard let agent = agents[last], agent.serves(group) else { return nil }
    let overCapacity = configuration.returning.overCapacity
    func suits(_ agent: Agent, roomAsked: Bool) -> Bool {
      agent.status == .online && hasSkills(agent, for: conversation)
        && (!roomAsked || hasRoom(agent, in: group, for: units(conversation.weight, agent, group)))
    }
    if !passesOver(last, conversation), suits(agent, roomAsked: overCapacity == .never) { return last }
    for agent in online(group).map(\.id).sorted() { try touch(agent) }
    for rank in online(group).map(leastLoaded).sorted() where rank.id != last {
      if passesOver(rank.id, conversation) { continue }
      guard let other = agents[rank.id] else { continue }
      if suits(other, roomAsked: overCapacity != .group) { return rank.id }
    }
    return nil
  }

  // MARK: Nobody

  /// Step 8.
  private mutating func waitOrFallBack(
    _ id: ConversationID, isManual: Bool, isHandoff: Bool
  ) throws(Behind) -> Bool {
    guard let conversation = conversations[id], let queue = settings(conversation.group)?.queue else {
      return false
    }
    let group = conversation.group
    if online(group).isEmpty, paused(group).isEmpty {
      alertNoAgents(group, conversation)
      if queue.whenEmpty == .fallback { return try fallBack(id, isHandoff: isHandoff) }
    }
    guard takesMore(group) else {
      if queue.enabled { alertQueueFull(group, conversation) }
      return try fallBack(id, isHandoff: isHandoff)
    }
    setPlace(id)
    enqueue(id, isManual: isManual)
    return true
  }

  private mutating func fallBack(_ id: ConversationID, isHandoff: Bool) throws(Behind) -> Bool {
    guard let conversation = conversations[id] else { return false }
    var open: [GroupID] = []
    for group in fallbacks(conversation) {
      guard let record = try look(group), record.clock.isOpen, !isByHand(record, id) else { continue }
      open.append(group)
      var there = conversation
      there.group = group
      if let agent = try best(group, for: there) {
        conversations[id]?.group = group
        assign(id, to: agent, "overflow")
        return true
      }
    }
    for group in open where takesMore(group) {
      let isStaffed = !online(group).isEmpty || !paused(group).isEmpty
      guard isStaffed || settings(group)?.queue.whenEmpty == .queue else { continue }
      conversations[id]?.group = group
      setPlace(id)
      count("overflowed", conversation, group: group)
      enqueue(id)
      return true
    }
    return otherSide(id, isTold: false, isHandoff: isHandoff)
  }

  /// The rule's groups, then those of the overflow steps, each once, the own left out.
  private func fallbacks(_ conversation: Conversation) -> [GroupID] {
    let steps = settings(conversation.group)?.queue.overflow ?? []
    var found: [GroupID] = []
    for group in conversation.overflow + steps.flatMap(\.to)
    where group != conversation.group && !found.contains(group) {
      found.append(group)
    }
    return found
  }

  /// The mode's other side. `isTold`: the customer knows already why.
  @discardableResult
  mutating func otherSide(_ id: ConversationID, isTold: Bool, isHandoff: Bool) -> Bool {
    guard let conversation = conversations[id] else { return false }
    if isHandoff { tellBot(conversation) }
    if isHandoff || conversation.mode == .humanOnly, !isTold {
      reply(id, "busy", configuration.texts.noAgent)
    }
    if isHandoff { return false }
    if conversation.mode == .humanOnly { finish(id, by: "system", "rejected") } else { giveToBot(id) }
    return false
  }
}
