import Routing

/// What happens when its time has come.
extension ReferenceModel {
  /// Fires all timers that are due at `now`, in order; gives how many fired.
  @discardableResult
  mutating func tick() -> Int {
    var fired = 0
    while let (name, _) = due.filter({ $0.value <= now }).min(by: { ($0.value, $0.key) < ($1.value, $1.key) })
    {
      var trial = self
      do throws(Behind) {
        trial.due[name] = try trial.fire(name)
        self = trial
        fired += 1
      } catch {
        // That may move timers; whichever is the first then is next.
        settle(error)
      }
    }
    return fired
  }

  /// Fires one timer; gives the time when it shall fire again.
  private mutating func fire(_ name: String) throws(Behind) -> Int64? {
    let parts = name.split(separator: ":").map(String.init)
    let id = parts[2]
    switch parts[0] {
    case "idle": return try fireIdle(ConversationID(unchecked: id))
    case "grace": return try fireGrace(AgentID(unchecked: id))
    case "heartbeat": return fireHeartbeat(AgentID(unchecked: id))
    case "capacity": return try fireCapacity(AgentID(unchecked: id))
    default: return try fireExclusion(ConversationID(unchecked: id))
    }
  }

  private mutating func fireIdle(_ id: ConversationID) throws(Behind) -> Int64? {
    guard let conversation = conversations[id] else { return nil }
    let timeout = groups[conversation.group]?.settings.idleTimeout.rawValue ?? 0
    let isWatched =
      conversation.state == .bot || (conversation.state == .active && conversation.spoke == .agent)
    guard isWatched, timeout > 0, let spokeAt = conversation.spokeAt else {
      conversations[id]?.idleIsArmed = false
      return nil
    }
    if spokeAt + timeout > now { return spokeAt + timeout }
    if let agent = conversation.agent { try touch(agent) }
    finish(id, by: "system", "idle")
    return nil
  }

  private mutating func fireGrace(_ id: AgentID) throws(Behind) -> Int64? {
    guard let agent = agents[id], agent.status == .offline else { return nil }
    let end = agent.offlineAt + configuration.offlineGrace.rawValue
    if end > now { return end }
    guard let conversation = held(by: id).first else {
      forgetIfGone(id)
      return nil
    }
    let group = try home(conversation.group)
    let taker = try best(group, except: nil)
    release(conversation.id)
    tellRequeued(conversation, .customer, conversation.gateway)
    tellRequeued(conversation, .agent, agent.gateway)
    conversations[conversation.id]?.group = group
    if let taker { assign(conversation.id, to: taker, "requeue") } else { enqueue(conversation.id) }
    if load(id) > 0 { return now }
    forgetIfGone(id)
    return nil
  }

  private mutating func fireHeartbeat(_ id: AgentID) -> Int64? {
    let allowed = configuration.heartbeat.rawValue
    guard let agent = agents[id], agent.status != .offline, allowed > 0 else { return nil }
    let silentSince = max(agent.heartbeatAt, agent.onlineAt)
    if silentSince + allowed >= now { return silentSince + allowed + 1 }
    leave(id)
    return nil
  }

  private mutating func fireCapacity(_ id: AgentID) throws(Behind) -> Int64? {
    guard let agent = agents[id], agent.capacity < agent.target else { return nil }
    try touch(id)
    bring(id, online: false)
    guard let grown = agents[id], grown.capacity < grown.target else { return nil }
    return now
  }

  private mutating func fireExclusion(_ id: ConversationID) throws(Behind) -> Int64? {
    guard let conversation = conversations[id], conversation.state == .waiting, conversation.excluded != nil
    else { return nil }
    let agent = try best(conversation.group, except: nil)
    conversations[id]?.excluded = nil
    if let agent { assign(id, to: agent, "queue") }
    return nil
  }
}
