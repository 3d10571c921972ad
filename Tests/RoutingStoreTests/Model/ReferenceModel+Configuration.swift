import Routing

/// A configuration takes hold record by record.
extension ReferenceModel {
  /// How much a capacity grows at once, so that no step serves thousands.
  static let capacityStep = 100

  /// Puts a configuration in force; records follow.
  mutating func apply(_ configuration: ShopConfiguration, version: Int64) {
    self.configuration = configuration
    self.version = version
  }

  /// Brings all records to the configuration in force.
  mutating func settleAll() {
    let agentsBefore = agents.keys.sorted()
    let gone = groups.keys.filter { configuration.groups[$0] == nil }.sorted()
    for group in configuration.groupOrder { configure(group) }
    for agent in agentsBefore { configure(agent) }
    for group in gone { retire(group) }
  }

  mutating func configure(_ id: GroupID) {
    if let settings = configuration.groups[id] {
      var group = groups[id] ?? Group(settings: settings)
      group.settings = settings
      group.isRetired = false
      group.version = version
      groups[id] = group
    } else {
      groups[id]?.isRetired = true
      groups[id]?.version = version
    }
  }

  mutating func configure(_ id: AgentID) {
    guard let agent = agents[id] else { return }
    let isGone = (configuration.agents[id]?.groups ?? []).isEmpty
    if isGone, agent.status != .offline { leave(id) }
    bring(id, online: false)
    for conversation in held(by: id) where conversation.spoke == .agent {
      let timeout = groups[conversation.group]?.settings.idleTimeout.rawValue ?? 0
      guard timeout > 0, let spokeAt = conversation.spokeAt else { continue }
      conversations[conversation.id]?.idleIsArmed = true
      due[timer("idle", conversation.id)] = spokeAt + timeout
    }
    forgetIfGone(id)
  }

  /// An agent who is not configured any more and holds nothing is forgotten.
  mutating func forgetIfGone(_ id: AgentID) {
    if let agent = agents[id], agent.groups.isEmpty, load(id) == 0 { agents[id] = nil }
  }

  /// Settings, status if online, turns, timers; then what waits.
  mutating func bring(_ id: AgentID, online: Bool) {
    guard var agent = agents[id] else { return }
    let inForce = agent.status == .online ? agent.capacity : 0
    if online { agent.status = .online }
    let settings = configuration.agents[id]
    agent.groups = (settings?.groups ?? []).compactMap { membership in
      configuration.groups[membership.group].map { (membership.group, $0.strategy) }
    }
    agent.target = settings?.capacity ?? 0
    agent.version = version
    agent.capacity = agent.target
    if agent.status == .online {
      agent.capacity = min(agent.target, max(inForce, load(id)) + Self.capacityStep)
      if agent.capacity < agent.target { due[timer("capacity", id)] = now }
    }
    agents[id] = agent
    for (group, strategy) in agent.groups where strategy == .roundRobin && agent.turns[group] == nil {
      drawTurn(id, group)
    }
    if agent.status != .offline { watchHeartbeat(id) }
    fill(id)
  }

  /// Silence counts from the last sign of life, and from now at the earliest, since until now perhaps
  /// nobody asked for signs.
  private mutating func watchHeartbeat(_ id: AgentID) {
    guard configuration.heartbeat.rawValue > 0 else { return }
    let name = timer("heartbeat", id)
    let at = now + configuration.heartbeat.rawValue + 1
    due[name] = min(due[name] ?? at, at)
  }

  /// Those who wait in a group that is gone move to the default group at their old place.
  mutating func retire(_ id: GroupID) {
    let target = configuration.defaultGroup
    for conversation in queue(id) {
      settling { model throws(Behind) in
        try model.touch(target)
        let agent = try model.best(target, except: conversation.excluded)
        model.conversations[conversation.id]?.group = target
        if let agent {
          model.assign(conversation.id, to: agent, "queue")
        } else {
          model.enqueue(conversation.id)
        }
      }
    }
    groups[id] = nil
    turnsDrawn[id] = nil
  }
}
