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
    if !conversation.skills.isEmpty, conversation.relaxed < queue.relax.count {
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
    // An earlier reception may have left the timer.
    guard let next = nextForWaiting(conversation), next <= now else { return nextForWaiting(conversation) }
    if let until = conversation.excludedUntil, until <= now {
      conversations[id]?.excluded = nil
      conversations[id]?.excludedUntil = nil
    }
    var expired: String?
    if let until = conversation.onlyUntil, until <= now {
      conversations[id]?.only = nil
      conversations[id]?.onlyUntil = nil
      conversations[id]?.onlyReason = nil
      expired = conversation.onlyReason
    }
    relax(id, group.settings.queue)
    promote(id, group.settings.queue)
    let isOverdue = try takeSteps(id, group.settings.queue)
    if !conversation.avoid.isEmpty {
      let next = nextLook(id)
      conversations[id]?.lookAt = next
    }
    if isOverdue {
      overdue(id)
    } else if !(try seekOn(id, isWaiting: true, after: expired)) {
      _ = try lookAgain(id)
    }
    return conversations[id].flatMap(nextForWaiting)
  }

  private mutating func relax(_ id: ConversationID, _ queue: QueueConfiguration) {
    while var conversation = conversations[id], !conversation.skills.isEmpty,
      conversation.relaxed < queue.relax.count,
      (conversation.waitingSince ?? now) + queue.relax[conversation.relaxed].after.rawValue <= now
    {
      for (skill, least) in queue.relax[conversation.relaxed].skills {
        if let asked = conversation.skills[skill] {
          conversation.skills[skill] = least == 0 ? nil : min(asked, least)
        }
      }
      conversation.relaxed += 1
      conversations[id] = conversation
    }
  }

  private mutating func promote(_ id: ConversationID, _ queue: QueueConfiguration) {
    guard let conversation = conversations[id], let at = nextPromotion(conversation, queue), at <= now else {
      return
    }
    let periods = Int((now - conversation.queuedAt) / queue.promoteAfter.rawValue)
    conversations[id]?.level = min(10, conversation.level + periods - conversation.promoted)
    conversations[id]?.promoted = periods
  }

  /// The overflow steps that are due; whether the assistant is to have it.
  private mutating func takeSteps(_ id: ConversationID, _ queue: QueueConfiguration) throws(Behind) -> Bool {
    var (alerts, isOverdue) = (0, false)
    while let conversation = conversations[id], conversation.steps < queue.overflow.count {
      let step = queue.overflow[conversation.steps]
      guard (conversation.waitingSince ?? now) + step.after.rawValue <= now else { break }
      conversations[id]?.steps += 1
      if let change = step.level {
        conversations[id]?.level = change.applied(to: Level(clamping: conversation.level)).rawValue
      }
      try offer(id, to: step.to)
      if step.alert { alerts += 1 }
      if step.handToBot, conversation.mode != .humanOnly { isOverdue = true }
    }
    guard let conversation = conversations[id] else { return false }
    let waited = max(0, now - (conversation.waitingSince ?? now))
    for _ in 0..<alerts { alert("waiting_too_long", about: conversation, waited: waited) }
    return isOverdue
  }

  /// A rule's own overflow groups come first, from the first step that offers it to any.
  private mutating func offer(_ id: ConversationID, to groups: [GroupID]) throws(Behind) {
    guard let conversation = conversations[id], !groups.isEmpty else { return }
    var offered = conversation.offered
    for group in conversation.overflow + groups where group != conversation.group && !offered.contains(group)
    {
      if exists(group) { offered.append(group) }
    }
    conversations[id]?.offered = offered
  }

  private mutating func overdue(_ id: ConversationID) {
    guard let conversation = conversations[id], conversation.mode != .humanOnly else { return }
    reply(id, "overdue", configuration.texts.noAgent)
    giveToBot(id)
  }

  /// Step 7 for one that waits, over its own and the offered groups; whether it waits no longer, or is
  /// parked.
  mutating func lookAgain(_ id: ConversationID) throws(Behind) -> Bool {
    guard let conversation = conversations[id], conversation.isInLine else { return false }
    var found: (agent: AgentID, group: GroupID, reason: String)?
    if let only = conversation.only {
      found = try wanted(conversation, only).map { ($0, conversation.group, conversation.onlyReason ?? "") }
    } else {
      for group in [conversation.group] + conversation.offered {
        let isHome = group == conversation.group
        guard try look(group) != nil,
          isHome ? !conversation.isManual && !isByHand(group, id) : givesOut(group, id),
          let agent = try best(group, for: conversation)
        else { continue }
        found = (agent, group, group == conversation.group ? "queue" : "overflow")
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
    guard agents[agent] != nil else { return nil }
    try touch(agent)
    guard let record = agents[agent] else { return nil }
    // Whom the customer asked for has it, as it would have had at once.
    let suits =
      conversation.onlyReason == "requested"
      || (conversation.excluded != agent && !passesOver(agent, conversation)
        && hasSkills(record, for: conversation))
    guard suits,
      hasRoom(record, in: conversation.group, for: units(conversation.weight, record, conversation.group))
    else { return nil }
    return agent
  }

  // MARK: The clock

  /// The clock says otherwise of a group: those who wait are gone through, one that changes in each firing.
  mutating func fireHours(_ id: GroupID) throws(Behind) -> Int64? {
    guard let group = try look(id) else { return nil }
    let isClosing = group.isClosing && !group.clock.isOpen
    for conversation in queue(id) where group.swept?.contains(conversation.id) == false {
      groups[id]?.swept?.insert(conversation.id)
      if isClosing {
        if try sendOn(conversation.id) { return now }
      } else if conversation.isManual, !isByHand(group, conversation.id) {
        conversations[conversation.id]?.isManual = false
        _ = try lookAgain(conversation.id)
        return now
      }
    }
    groups[id]?.swept = nil
    groups[id]?.isClosing = false
    let offers = conversations.values.filter { $0.isInLine && $0.offered.contains(id) }.sorted(by: comesFirst)
    for conversation in offers where group.offersSwept?.contains(conversation.id) == false {
      groups[id]?.offersSwept?.insert(conversation.id)
      if givesOut(id, conversation.id), try lookAgain(conversation.id) { return now }
    }
    groups[id]?.offersSwept = nil
    return group.clock.until?.rawValue
  }

  /// The group of a waiting conversation has closed; whether anything changes for it.
  private mutating func sendOn(_ id: ConversationID) throws(Behind) -> Bool {
    guard let conversation = conversations[id], let steps = settings(conversation.group)?.queue.overflow
    else { return false }
    if steps.isEmpty {
      reply(id, "off_hours", configuration.texts.offHours)
      otherSide(id, isTold: true, isHandoff: false)
      return true
    }
    if steps.contains(where: \.handToBot), conversation.mode != .humanOnly {
      overdue(id)
      return true
    }
    for step in steps where !step.to.isEmpty { try offer(id, to: step.to) }
    guard conversations[id]?.offered != conversation.offered else { return false }
    if conversation.only == nil { _ = try lookAgain(id) }
    return true
  }

  mutating func fireNotify(_ id: GroupID) -> Int64? {
    guard let every = settings(id)?.queue.notify.rawValue else { return nil }
    let waiting = queue(id)
    guard every > 0, !waiting.isEmpty else { return nil }
    for conversation in waiting {
      guard let position = numbers(conversation)?.position, position < conversation.told ?? .max else {
        continue
      }
      tellQueued(conversation.id)
    }
    return now + every
  }
}
