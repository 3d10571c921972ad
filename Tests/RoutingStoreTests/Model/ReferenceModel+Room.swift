import Routing

/// Who has room for what, and who comes first.
extension ReferenceModel {
  func held(by agent: AgentID) -> [Conversation] {
    conversations.values.filter { $0.state == .active && $0.agent == agent }
      .sorted { ($0.level, $1.queuedAt, $1.id) > ($1.level, $0.queuedAt, $0.id) }
  }

  func load(_ agent: AgentID) -> Int {
    conversations.values.count { $0.state == .active && $0.agent == agent }
  }

  /// Units taken, by group: of conversations held and of slots in wrap-up.
  func spread(_ agent: AgentID) -> [GroupID: Int] {
    var spread: [GroupID: Int] = [:]
    for conversation in conversations.values
    where conversation.state == .active && conversation.agent == agent {
      spread[conversation.group, default: 0] += conversation.units
    }
    for wrapUp in agents[agent]?.wrapUps ?? [] { spread[wrapUp.group, default: 0] += wrapUp.units }
    return spread
  }

  func used(_ agent: AgentID) -> Int { spread(agent).values.reduce(0, +) }

  /// What a conversation of such a weight takes of the agent in the group.
  func units(_ weight: Int, _ agent: Agent, _ group: GroupID) -> Int {
    max(1, min(weight, agent.capacity, agent.membership(group)?.capacity ?? agent.capacity))
  }

  func hasRoom(_ agent: Agent, in group: GroupID, for units: Int) -> Bool {
    guard agent.status == .online, !agent.isHeldBack else { return false }
    let spread = spread(agent.id)
    guard spread.values.reduce(0, +) + units <= agent.capacity else { return false }
    guard let most = agent.membership(group)?.capacity else { return true }
    return spread[group, default: 0] + units <= most
  }

  /// Order of the least loaded: share of capacity used, then the longest idle, then id.
  func leastLoaded(_ agent: Agent) -> Rank {
    let share = Int64(min(used(agent.id), agent.capacity)) * 2047 / Int64(max(1, agent.capacity))
    return Rank(first: share, second: agent.idleSince, id: agent.id)
  }

  struct Rank: Comparable {
    var first: Int64
    var second: Int64
    var id: AgentID

    static func < (one: Rank, other: Rank) -> Bool {
      (one.first, one.second, one.id) < (other.first, other.second, other.id)
    }
  }

  private func rank(_ agent: Agent, _ membership: Membership) -> Rank {
    switch membership.strategy {
    case .leastLoaded: return leastLoaded(agent)
    case .longestIdle:
      return Rank(first: load(agent.id) > 0 ? 1 : 0, second: agent.idleSince, id: agent.id)
    case .roundRobin, .weighted:
      return Rank(first: 0, second: agent.turns[membership.group] ?? 0, id: agent.id)
    case .mostSkilled:
      let share = Int64(min(used(agent.id), agent.capacity)) * 127 / Int64(max(1, agent.capacity))
      return Rank(first: Int64(10 - membership.skill) * 128 + share, second: agent.idleSince, id: agent.id)
    }
  }

  /// Agents with room for one unit in the group, best first under the group's strategy.
  func ready(_ group: GroupID) -> [AgentID] {
    agents.values.compactMap { agent in
      agent.membership(group).flatMap { hasRoom(agent, in: group, for: 1) ? rank(agent, $0) : nil }
    }
    .sorted().map(\.id)
  }

  /// Agents online without room for one unit in the group, the least loaded first.
  func busy(_ group: GroupID) -> [AgentID] {
    online(group).filter { !hasRoom($0, in: group, for: 1) }.map(leastLoaded).sorted().map(\.id)
  }

  func online(_ group: GroupID) -> [Agent] {
    agents.values.filter { $0.status == .online && $0.serves(group) }
  }

  func paused(_ group: GroupID) -> [Agent] {
    agents.values.filter { $0.status == .paused && $0.serves(group) }
  }

  func slots(_ group: GroupID) -> Int {
    online(group).reduce(0) { $0 + min($1.capacity, $1.membership(group)?.capacity ?? $1.capacity) }
  }

  // MARK: Who may have it

  /// Whether the conversation keeps away from the agent, unless for long nobody else was online.
  func passesOver(_ agent: AgentID, _ conversation: Conversation) -> Bool {
    guard conversation.avoid.contains(agent) else { return false }
    let isAlone = ([conversation.group] + conversation.offered).allSatisfy { group in
      let others = online(group).contains { $0.id != agent }
      return !others && now - (tallies[group]?.changedAt ?? 0) > configuration.dedicatedWait.rawValue
    }
    return !isAlone
  }

  func hasSkills(_ agent: Agent, for conversation: Conversation) -> Bool {
    conversation.skills.allSatisfy { (agent.skills[$0.key] ?? 0) >= $0.value }
  }

  /// Step 7: the first of the ready list who may have it and has room for it.
  func best(_ group: GroupID, for conversation: Conversation, except: AgentID? = nil) throws(Behind)
    -> AgentID?
  {
    var candidates: [Agent] = []
    for id in ready(group) {
      try touch(id)
      if id == except || id == conversation.excluded || passesOver(id, conversation) { continue }
      guard let agent = agents[id], hasSkills(agent, for: conversation),
        hasRoom(agent, in: group, for: units(conversation.weight, agent, group))
      else { continue }
      if !conversation.prefersSkilled { return id }
      candidates.append(agent)
    }
    return candidates.min { one, other in
      let (skill, otherSkill) = (one.membership(group)?.skill ?? 0, other.membership(group)?.skill ?? 0)
      return skill == otherSkill ? leastLoaded(one) < leastLoaded(other) : skill > otherSkill
    }?.id
  }
}
