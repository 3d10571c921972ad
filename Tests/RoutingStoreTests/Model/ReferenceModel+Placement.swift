import Routing

/// Conversations come to agents, into queues, to the assistant, and to their end.
extension ReferenceModel {
  mutating func assign(_ id: ConversationID, to agent: AgentID, _ reason: String) {
    guard var conversation = conversations[id], let record = agents[agent] else { return }
    let waited = conversation.waitingSince.map { max(0, now - $0) } ?? 0
    if let estimate = conversation.estimate {
      count("estimated", conversation, group: conversation.group, value: estimate)
      count("estimate_error", conversation, group: conversation.group, value: abs(estimate - waited))
    }
    if reason == "overflow" { count("overflowed", conversation, group: conversation.group) }
    endWaiting(&conversation)
    conversation.texts = []
    let greeting = configuration.texts.greeting
    let settings = settings(conversation.group)
    conversation.state = .active
    conversation.agent = agent
    conversation.reason = reason
    conversation.waitedMs = waited
    conversation.assignedAt = now
    conversation.units = units(conversation.weight, record, conversation.group)
    conversation.responseAlert = settings?.responseAlert.rawValue ?? 0
    let isFirst = !conversation.isGreeted
    // Somebody had it before: the agent's answer is measured from here.
    if !isFirst { conversation.askedAt = now }
    conversation.isGreeted = true
    conversation.spoke = nil
    conversation.spokeAt = nil
    conversation.idleIsArmed = false
    conversation.answeredAt = nil
    conversation.requested = nil
    conversation.dedicated = nil
    conversations[id] = conversation

    agents[agent]?.idleSince = now
    drawTurn(agent, conversation.group)
    countForRamp(agent)
    if let within = settings?.answerWithin.rawValue, within > 0 { due[timer("answer", id)] = now + within }
    tellAssigned(conversation, .customer, conversation.gateway)
    tellAssigned(conversation, .agent, record.gateway)
    if isFirst { reply(id, "greeting", greeting) }
    count("assigned", conversation, group: conversation.group, agent: agent, value: waited)
  }

  /// The next turn of a round, or the mark of a weighted agent.
  private mutating func drawTurn(_ id: AgentID, _ group: GroupID) {
    guard let agent = agents[id], let membership = agent.membership(group) else { return }
    let turn = tallies[group]?.turn ?? 0
    switch membership.strategy {
    case .roundRobin:
      tallies[group, default: Tally()].turn = turn + 1
      agents[id]?.turns[group] = turn + 1
    case .weighted:
      let mark = max(agent.turns[group] ?? 0, turn)
      tallies[group, default: Tally()].turn = mark
      agents[id]?.turns[group] = mark + 5_040_000 / Int64(agent.weight)
    default: break
    }
  }

  private func endWaiting(_ conversation: inout Conversation) {
    conversation.waitingSince = nil
    conversation.signAt = nil
    conversation.excluded = nil
    conversation.excludedUntil = nil
    conversation.parkedAt = nil
    conversation.lookAt = nil
    conversation.estimate = nil
    conversation.told = nil
    beginStepsAnew(&conversation)
    conversation.promoted = 0
  }

  /// What has been done with it in one queue counts for nothing in the next.
  private func beginStepsAnew(_ conversation: inout Conversation) {
    conversation.only = nil
    conversation.onlyUntil = nil
    conversation.onlyReason = nil
    conversation.offered = []
    conversation.steps = 0
    conversation.relaxed = 0
    conversation.isManual = false
  }

  /// Lets it wait, at the place that its level and `queuedAt` give it.
  mutating func enqueue(
    _ id: ConversationID, isManual: Bool = false, only: (agent: AgentID, reason: String)? = nil
  ) {
    guard var conversation = conversations[id] else { return }
    let begins = conversation.state != .waiting
    conversation.state = .waiting
    conversation.agent = nil
    conversation.waitingSince = conversation.waitingSince ?? now
    if begins { conversation.level = conversation.firstLevel }
    conversation.isManual = isManual
    conversation.lookAt = conversation.avoid.isEmpty ? nil : now + lookPeriod + 1
    conversations[id] = conversation
    if conversation.signAt == nil, (settings(conversation.group)?.queue.silentAfter.rawValue ?? 0) > 0 {
      conversations[id]?.signAt = now
    }
    if let only { reserve(id, for: only.agent, only.reason) }
    let numbers = tellQueued(id)
    if begins {
      conversations[id]?.estimate = numbers.map { $0.wait * 1_000 }
      tellBusy(id, numbers)
      count("queued", conversation, group: conversation.group)
    }
    armNotify(conversation.group)
    armWait(id)
  }

  /// It waits for one agent only, for a while.
  mutating func reserve(_ id: ConversationID, for agent: AgentID, _ reason: String) {
    conversations[id]?.only = agent
    conversations[id]?.onlyReason = reason
    let until = now + configuration.dedicatedWait.rawValue
    conversations[id]?.onlyUntil = until
  }

  /// The agent has it no longer; somebody takes care of both afterwards.
  mutating func release(_ id: ConversationID) {
    guard let agent = conversations[id]?.agent, conversations[id]?.state == .active else { return }
    conversations[id]?.state = .bot  // until the caller says where it goes
    conversations[id]?.isSlow = false
    conversations[id]?.unansweredSince = nil
    if load(agent) == 0 { agents[agent]?.idleSince = now }
  }

  /// A waiting conversation or one just released goes to another group at its old place.
  mutating func move(_ id: ConversationID, to group: GroupID) {
    guard var conversation = conversations[id] else { return }
    conversation.group = group
    conversation.parkedAt = nil
    beginStepsAnew(&conversation)
    conversations[id] = conversation
  }

  mutating func giveToBot(_ id: ConversationID) {
    guard var conversation = conversations[id] else { return }
    endWaiting(&conversation)
    conversation.state = .bot
    conversation.spoke = nil
    conversation.spokeAt = now
    conversation.misses = 0
    let timeout = settings(conversation.group)?.idleTimeout.rawValue ?? 0
    conversation.idleIsArmed = timeout > 0
    if timeout > 0 { due[timer("idle", id)] = now + timeout }
    conversations[id] = conversation
    tellBot(conversation)
    if let bot = configuration.assistant.gateway {
      tell(bot, .bot, conversation, .agent) { $0.group = conversation.group }
    } else {
      reply(id, "greeting", configuration.assistant.greeting)
    }
  }

  mutating func finish(_ id: ConversationID, by: String, _ reason: String) {
    guard let before = conversations[id] else { return }
    let agent = before.state == .active ? before.agent : nil
    if let agent { wrapUp(before, agent) }
    release(id)
    conversations[id]?.state = .closed
    conversations[id]?.parkedAt = nil
    conversations[id]?.closedAt = now
    conversations[id]?.closedBy = by
    conversations[id]?.closeReason = reason
    guard let conversation = conversations[id] else { return }
    tellClosed(conversation, .customer, conversation.gateway)
    if let agent, let record = agents[agent] { tellClosed(conversation, .agent, record.gateway) }
    if agent != nil, configuration.surveyWindow != nil { reply(id, "survey", configuration.texts.survey) }

    customers[before.customer]?.lastEnd = now
    if let agent, customers[before.customer] != nil {
      customers[before.customer]?.lastAgent = agent
      customers[before.customer]?.lastGroup = before.group
    }
    count("closed", before, group: before.group, agent: agent)
    count("closed_\(reason)", before, group: before.group, agent: agent)
    if reason == "abandoned" {
      count(reason, before, group: before.group, value: before.waitingSince.map { max(0, now - $0) } ?? 0)
    }
    if reason == "rejected" { count(reason, before, group: before.group) }
    if let agent {
      let handled = max(0, now - before.assignedAt)
      count("handled", before, group: before.group, agent: agent, value: handled)
      if settings(before.group)?.queue.handleTime == .measured {
        tallies[before.group, default: Tally()].handleMs += handled
        tallies[before.group, default: Tally()].handleCount += 1
      }
      fill(agent)
    }
  }

  /// The slot stays taken for a while.
  private mutating func wrapUp(_ conversation: Conversation, _ agent: AgentID) {
    guard let time = settings(conversation.group)?.wrapUp.rawValue, time > 0 else { return }
    let slot = "\(conversation.id):\(conversation.group):\(conversation.units)"
    let names = [slot] + (2...).lazy.prefix(1_000).map { "\(slot):\($0)" }
    let taken = Set(agents[agent]?.wrapUps.map(\.name) ?? [])
    guard let free = names.first(where: { !taken.contains($0) }) else { return }
    agents[agent]?.wrapUps.append(
      WrapUp(name: free, group: conversation.group, units: conversation.units, end: now + time))
    let name = timer("wrap", agent)
    due[name] = min(due[name] ?? .max, now + time)
  }
}
