import Routing

/// What happens to a conversation while it waits.
extension ReferenceModel {
  mutating func armNotify(_ group: GroupID) {
    guard let every = settings(group)?.queue.notify.rawValue, every > 0 else { return }
    let name = timer("notify", group)
    if due[name] == nil { due[name] = now + every }
  }

  mutating func armWait(_ id: ConversationID) {
    if let next = conversations[id].flatMap(nextForWaiting) { due[timer("wait", id)] = next }
  }

  /// The first of what is to come for a waiting conversation.
  private func nextForWaiting(_ conversation: Conversation) -> Int64? {
    guard conversation.state == .waiting, let queue = settings(conversation.group)?.queue else { return nil }
    if let parkedAt = conversation.parkedAt { return parkedAt + queue.parkedFor.rawValue }
    var times = [conversation.onlyUntil, conversation.excludedUntil]
    let since = conversation.waitingSince ?? now
    if conversation.steps < queue.overflow.count {
      times.append(since + queue.overflow[conversation.steps].after.rawValue)
    }
    if conversation.relaxed < queue.relax.count {
      times.append(since + queue.relax[conversation.relaxed].after.rawValue)
    }
    times.append(nextPromotion(conversation, queue))
    times.append(conversation.lookAt)
    return times.compactMap(\.self).min()
  }

  /// Not every millisecond, even where nobody is waited for.
  var lookPeriod: Int64 { max(configuration.dedicatedWait.rawValue, 1_000) }

  /// When those whom it keeps away from may have been alone for long enough.
  private func nextLook(_ id: ConversationID) -> Int64? {
    guard let conversation = conversations[id] else { return nil }
    let changed = ([conversation.group] + conversation.offered).map { tallies[$0]?.changedAt ?? 0 }.max() ?? 0
    let alone = changed + configuration.dedicatedWait.rawValue + 1
    return alone > now ? alone : now + lookPeriod + 1
  }

  private func nextPromotion(_ conversation: Conversation, _ queue: QueueConfiguration) -> Int64? {
    let period = queue.promoteAfter.rawValue
    guard period > 0, conversation.level < 10 else { return nil }
    return conversation.queuedAt + Int64(conversation.promoted + 1) * period
  }

  mutating func fireWait(_ id: ConversationID) throws(Behind) -> Int64? {
    guard let conversation = conversations[id], conversation.state == .waiting else { return nil }
    guard let group = try look(conversation.group) else { return nil }
    if let parkedAt = conversation.parkedAt {
      let end = parkedAt + group.settings.queue.parkedFor.rawValue
      if end > now { return end }
      finish(id, by: "system", "abandoned")
      return nil
    }
    if let until = conversation.excludedUntil, until <= now {
      conversations[id]?.excluded = nil
      conversations[id]?.excludedUntil = nil
    }
    if let until = conversation.onlyUntil, until <= now {
      conversations[id]?.only = nil
      conversations[id]?.onlyUntil = nil
      conversations[id]?.onlyReason = nil
      if try seekOn(id, isWaiting: true, after: conversation.onlyReason), conversations[id]?.state == .active {
        return nil
      }
    }
    relax(id, group.settings.queue)
    promote(id, group.settings.queue)
    while let conversation = conversations[id], conversation.state == .waiting,
      conversation.steps < group.settings.queue.overflow.count
    {
      let step = group.settings.queue.overflow[conversation.steps]
      guard (conversation.waitingSince ?? now) + step.after.rawValue <= now else { break }
      conversations[id]?.steps += 1
      try perform(step, id)
    }
    if !conversation.avoid.isEmpty {
      let next = nextLook(id)
      conversations[id]?.lookAt = next
    }
    if conversations[id]?.state == .waiting { _ = try lookAgain(id) }
    return conversations[id].flatMap(nextForWaiting)
  }

  private mutating func relax(_ id: ConversationID, _ queue: QueueConfiguration) {
    while let conversation = conversations[id], conversation.relaxed < queue.relax.count,
      (conversation.waitingSince ?? now) + queue.relax[conversation.relaxed].after.rawValue <= now
    {
      conversations[id]?.relaxed += 1
    }
  }

  private mutating func promote(_ id: ConversationID, _ queue: QueueConfiguration) {
    while let conversation = conversations[id], let at = nextPromotion(conversation, queue), at <= now {
      conversations[id]?.promoted += 1
      conversations[id]?.level += 1
    }
  }

  private mutating func perform(_ step: QueueConfiguration.OverflowStep, _ id: ConversationID) throws(Behind) {
    guard let conversation = conversations[id] else { return }
    if let change = step.level {
      conversations[id]?.level = change.applied(to: Level(clamping: conversation.level)).rawValue
    }
    try offer(id, to: step.to)
    if step.alert, let conversation = conversations[id] { alert("waiting_too_long", about: conversation) }
    if step.handToBot { overdue(id) }
  }

  /// A rule's own overflow groups come first, from the first step that offers it to any.
  private mutating func offer(_ id: ConversationID, to groups: [GroupID]) throws(Behind) {
    guard let conversation = conversations[id], !groups.isEmpty else { return }
    var offered = conversation.offered
    for group in conversation.overflow + groups where group != conversation.group && !offered.contains(group) {
      if try look(group) != nil { offered.append(group) }
    }
    conversations[id]?.offered = offered
  }

  private mutating func overdue(_ id: ConversationID) {
    guard let conversation = conversations[id], conversation.mode != .humanOnly else { return }
    reply(id, "overdue", configuration.texts.noAgent)
    giveToBot(id)
  }

  /// Step 7 for one that waits, over its own and the offered groups; whether it waits no longer, or is parked.
  mutating func lookAgain(_ id: ConversationID) throws(Behind) -> Bool {
    guard let conversation = conversations[id], conversation.isInLine, !conversation.isManual else { return false }
    var found: (agent: AgentID, group: GroupID, reason: String)?
    if let only = conversation.only {
      found = try wanted(conversation, only).map { ($0, conversation.group, conversation.onlyReason ?? "") }
    } else {
      for group in [conversation.group] + conversation.offered {
        guard try look(group) != nil, let agent = try best(group, for: conversation) else { continue }
        let servesHome = agents[agent]?.serves(conversation.group) ?? false
        found = (agent, servesHome ? conversation.group : group, servesHome ? "queue" : "overflow")
        break
      }
    }
    guard let found else { return false }
    if isSilent(conversation) {
      park(id)
      return true
    }
    conversations[id]?.group = found.group
    assign(id, to: found.agent, found.reason)
    return true
  }

  private func wanted(_ conversation: Conversation, _ agent: AgentID) throws(Behind) -> AgentID? {
    guard agents[agent] != nil, conversation.excluded != agent, !passesOver(agent, conversation) else { return nil }
    try touch(agent)
    guard let record = agents[agent], hasSkills(record, for: conversation),
      hasRoom(record, in: conversation.group, for: units(conversation.weight, record, conversation.group))
    else { return nil }
    return agent
  }

  // MARK: The clock

  /// A group closes while customers wait.
  mutating func closeHours(of id: GroupID) {
    for waiting in conversations.values.filter({ $0.state == .waiting && $0.group == id }).sorted(by: comesFirst) {
      settling { model throws(Behind) in try model.sendOn(waiting.id) }
    }
  }

  private mutating func sendOn(_ id: ConversationID) throws(Behind) {
    guard let conversation = conversations[id], let steps = settings(conversation.group)?.queue.overflow else { return }
    if steps.isEmpty {
      reply(id, "off_hours", configuration.texts.offHours)
      otherSide(id, isTold: true, isHandoff: false)
      return
    }
    if steps.contains(where: \.handToBot), conversation.mode != .humanOnly { return overdue(id) }
    for step in steps where !step.to.isEmpty { try offer(id, to: step.to) }
    if try !lookAgain(id) { armWait(id) }
  }

  /// Conversations come by themselves again.
  mutating func giveOut(_ id: GroupID) {
    let waiting = conversations.values.filter { $0.state == .waiting && $0.group == id && $0.isManual }
    for conversation in waiting.sorted(by: comesFirst) {
      settling { model throws(Behind) in
        model.conversations[conversation.id]?.isManual = false
        _ = try model.lookAgain(conversation.id)
      }
    }
  }

  mutating func fireNotify(_ id: GroupID) throws(Behind) -> Int64? {
    guard let group = try look(id) else { return nil }
    let every = group.settings.queue.notify.rawValue
    let waiting = queue(id)
    guard every > 0, !waiting.isEmpty else { return nil }
    for conversation in waiting {
      guard let position = numbers(conversation)?.position, position < conversation.told ?? .max else { continue }
      tellQueued(conversation.id)
    }
    return now + every
  }
}
