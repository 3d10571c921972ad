import Routing

/// Agents come, pause and leave.
extension ReferenceModel {
  /// Changes an agent's record; its groups remember when the number of those online changed.
  mutating func change(_ id: AgentID, _ body: (inout Agent) -> Void) {
    guard var agent = agents[id] else { return }
    func groupsOnline(_ agent: Agent) -> Set<GroupID> {
      agent.status == .online ? Set(agent.groups.map(\.group)) : []
    }
    let before = groupsOnline(agent)
    body(&agent)
    agents[id] = agent
    for group in before.symmetricDifference(groupsOnline(agent)) {
      tallies[group, default: Tally()].changedAt = now
    }
  }

  mutating func comeOnline(_ id: AgentID, _ gateway: GatewayID) throws(Refused) {
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
    if agent.status == .offline, !isBackInTime {
      agent.rampAt = now
      agent.rampMinute = 0
      agent.rampCount = 0
      agent.isHeldBack = false
    }
    agent.onlineAt = now
    agents[id] = agent
    bring(id, online: true)
  }

  /// Out of service: status at once, conversations after the grace time.
  mutating func leave(_ agent: AgentID) {
    let now = now
    change(agent) {
      $0.status = .offline
      $0.offlineAt = now
    }
    if load(agent) > 0 { due[timer("grace", agent)] = now + configuration.offlineGrace.rawValue }
  }

  /// Settings, status if online, turns, timers; then what waits.
  mutating func bring(_ id: AgentID, online: Bool) {
    guard let old = agents[id] else { return }
    let inForce = old.status == .online ? old.capacity : 0
    let settings = configuration.agents[id]
    let memberships = memberships(of: settings)
    let target = capacity(of: settings, memberships)
    let (used, version) = (used(id), version)
    change(id) { agent in
      if online { agent.status = .online }
      agent.groups = memberships
      agent.target = target
      agent.skills = settings?.skills ?? [:]
      agent.weight = settings?.weight ?? 1
      agent.ramp = settings?.ramp ?? 0
      if agent.ramp == 0 { agent.isHeldBack = false }
      agent.version = version
      agent.capacity = agent.target
      if agent.status == .online {
        agent.capacity = min(agent.target, max(inForce, used) + Self.capacityStep)
      }
    }
    guard let agent = agents[id] else { return }
    // Settling counts as a change, though the number stays.
    let groups = (old.status == .online ? old.groups : []) + (agent.status == .online ? agent.groups : [])
    for group in groups.map(\.group) { tallies[group, default: Tally()].changedAt = now }
    if agent.capacity < agent.target { due[timer("capacity", id)] = now }
    for membership in agent.groups where agent.turns[membership.group] == nil {
      startTurn(id, membership)
    }
    if let turns = agents[id]?.turns { agents[id]?.turns = turns.filter { agent.serves($0.key) } }
    if agent.status != .offline { watchHeartbeat(id) }
    fill(id)
  }

  /// At the end of a round, or with the mark of the group.
  private mutating func startTurn(_ id: AgentID, _ membership: Membership) {
    let turn = tallies[membership.group]?.turn ?? 0
    switch membership.strategy {
    case .roundRobin:
      tallies[membership.group, default: Tally()].turn = turn + 1
      agents[id]?.turns[membership.group] = turn + 1
    case .weighted: agents[id]?.turns[membership.group] = turn
    default: break
    }
  }

  private func memberships(of settings: AgentConfiguration?) -> [Membership] {
    (settings?.groups ?? []).compactMap { membership in
      guard let settings, let group = configuration.groups[membership.group] else { return nil }
      return Membership(
        group: group.id, strategy: group.strategy, skill: membership.skill,
        capacity: capacity(of: settings, membership, group))
    }
  }

  /// How many of the group's an agent has at most; nil leaves it to its capacity over all.
  private func capacity(
    of agent: AgentConfiguration, _ membership: AgentConfiguration.Membership, _ group: GroupConfiguration
  ) -> Int? {
    switch configuration.capacityScope {
    case .agent: return membership.capacity ?? (group.capacityIsGiven ? group.capacity : nil)
    case .group: return membership.capacity ?? (agent.capacityIsGiven ? agent.capacity : group.capacity)
    }
  }

  private func capacity(of settings: AgentConfiguration?, _ memberships: [Membership]) -> Int {
    guard let settings else { return 0 }
    if configuration.capacityScope == .agent || memberships.isEmpty { return settings.capacity }
    return memberships.reduce(0) { $0 + ($1.capacity ?? 0) }
  }

  /// Silence counts from the last sign of life, and from now at the earliest, since until now perhaps nobody
  /// asked for signs.
  private mutating func watchHeartbeat(_ id: AgentID) {
    guard configuration.heartbeat.rawValue > 0 else { return }
    let name = timer("heartbeat", id)
    let at = now + configuration.heartbeat.rawValue + 1
    due[name] = min(due[name] ?? at, at)
  }
}
