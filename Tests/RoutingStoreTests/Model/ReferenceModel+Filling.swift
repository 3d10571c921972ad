import Routing

/// What waits comes to an agent who has room; and the bounds of the first minutes.
extension ReferenceModel {
  /// A free agent takes the best that waits for it over all its groups, until nothing fits any more.
  mutating func fill(_ id: AgentID) {
    refresh(id)
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
      if conversation.isManual || (conversation.only != nil && !isWanted) || conversation.excluded == id {
        continue
      }
      if passesOver(id, conversation) || !hasSkills(agent, for: conversation) { continue }
      let weight = conversation.weight
      if isWanted || agent.serves(conversation.group) {
        guard hasRoom(agent, in: conversation.group, for: units(weight, agent, conversation.group))
        else { continue }
        return (conversation, conversation.group, isWanted ? conversation.onlyReason ?? "" : "queue")
      }
      let offer = agent.groups.first { membership in
        conversation.offered.contains(membership.group)
          && hasRoom(agent, in: membership.group, for: units(weight, agent, membership.group))
      }
      if let offer { return (conversation, offer.group, "overflow") }
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
    if try !lookAgain(id) {
      armNotify(conversation.group)
      armWait(id)
    }
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
    guard var agent = agents[id], let minute = rampMinute(agent) else { return refresh(id) }
    if agent.rampMinute != minute {
      agent.rampMinute = minute
      agent.rampCount = 0
    }
    agent.rampCount += 1
    agents[id] = agent
    if agent.rampCount >= agent.ramp {
      due[timer("ramp", id)] = agent.rampAt + (minute + 1) * 60_000
    }
    refresh(id)
  }

  /// Looks whether the running minute allows one more. Its end is noticed by the timer, or with whatever else
  /// happens to the agent.
  mutating func refresh(_ id: AgentID) {
    guard let agent = agents[id] else { return }
    let minute = rampMinute(agent)
    agents[id]?.isHeldBack = minute != nil && minute == agent.rampMinute && agent.rampCount >= agent.ramp
  }
}
