import Routing

/// What waits comes to an agent who has room; and the bounds of the first minutes.
extension ReferenceModel {
  /// A free agent takes the best that waits for it over all its groups, until nothing fits any more.
  mutating func fill(_ id: AgentID) {
    while let next = nextFor(id) {
      if isSilent(next.conversation) {
        park(next.conversation.id)
        continue
      }
      conversations[next.conversation.id]?.group = next.group
      assign(next.conversation.id, to: id, next.reason)
    }
  }

  private func nextFor(
    _ id: AgentID
  ) -> (conversation: Conversation, group: GroupID, reason: String)? {
    guard let agent = agents[id] else { return nil }
    for conversation in conversations.values.filter(\.isInLine).sorted(by: comesFirst) {
      let isWanted = conversation.only == id
      if (conversation.only != nil && !isWanted) || conversation.excluded == id { continue }
      // Whom the customer asked for has it, as it would have had at once.
      if conversation.onlyReason != "requested",
        passesOver(id, conversation) || !hasSkills(agent, for: conversation)
      {
        continue
      }
      let weight = conversation.weight
      let reason = isWanted ? conversation.onlyReason : nil
      if !conversation.isManual, isWanted || agent.serves(conversation.group),
        hasRoom(agent, in: conversation.group, for: units(weight, agent, conversation.group))
      {
        return (conversation, conversation.group, reason ?? "queue")
      }
      let offer = conversation.offered.first { group in
        agent.serves(group) && givesOut(group, conversation.id)
          && hasRoom(agent, in: group, for: units(weight, agent, group))
      }
      if let offer { return (conversation, offer, reason ?? "overflow") }
    }
    return nil
  }

  // MARK: Silence

  func isSilent(_ conversation: Conversation) -> Bool {
    guard let after = settings(conversation.group)?.queue.silentAfter.rawValue, after > 0,
      let signAt = conversation.signAt
    else { return false }
    return now - signAt > after
  }

  /// Its turn comes and nobody seems to be there: the next, please.
  mutating func park(_ id: ConversationID) {
    conversations[id]?.parkedAt = now
    armWait(id)
  }

  /// A sign of life: it takes its place again.
  mutating func sign(_ id: ConversationID) throws(Behind) {
    guard let conversation = conversations[id], conversation.state == .waiting else { return }
    let isAsked = (settings(conversation.group)?.queue.silentAfter.rawValue ?? 0) > 0
    if isAsked || conversation.parkedAt != nil { conversations[id]?.signAt = now }
    guard conversation.parkedAt != nil else { return }
    conversations[id]?.parkedAt = nil
    armNotify(conversation.group)
    armWait(id)
    _ = try lookAgain(id)
  }

  // MARK: Ramp

  /// How many minutes the ramp lasts, and the running one.
  private func rampMinute(_ agent: Agent) -> Int64? {
    guard agent.ramp > 0 else { return nil }
    let minute = (now - agent.rampAt) / 60_000
    let minutes = Int64((agent.target + agent.ramp - 1) / agent.ramp)
    return minute < minutes ? minute : nil
  }

  mutating func countForRamp(_ id: AgentID) {
    guard var agent = agents[id], let minute = rampMinute(agent) else { return }
    if agent.rampMinute != minute {
      agent.rampMinute = minute
      agent.rampCount = 0
    }
    agent.rampCount += 1
    if agent.rampCount >= agent.ramp, !agent.isHeldBack {
      agent.isHeldBack = true
      due[timer("ramp", id)] = agent.rampAt + (minute + 1) * 60_000
    }
    agents[id] = agent
  }
}
