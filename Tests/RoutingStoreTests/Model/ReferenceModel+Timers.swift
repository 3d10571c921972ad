import Routing

/// What happens when its time has come.
extension ReferenceModel {
  /// Fires all timers that are due at `now`, in order; gives how many fired.
  @discardableResult
  mutating func tick() -> Int {
    var fired = 0
    while nextTimer() != nil {
      settling { model throws(Behind) in
        // Bringing a record up to date may move timers; whichever is the first then is next.
        guard let next = model.nextTimer() else { return }
        let time = model.due[next]
        if let again = try model.fire(next) {
          model.due[next] = again
        } else if model.due[next] == time {
          // Else what it did has set it anew.
          model.due[next] = nil
        }
      }
      fired += 1
    }
    return fired
  }

  private func nextTimer() -> String? {
    due.filter { $0.value <= now }.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
  }

  /// Fires one timer; gives the time when it shall fire again.
  private mutating func fire(_ name: String) throws(Behind) -> Int64? {
    let parts = name.split(separator: ":").map(String.init)
    let (conversation, agent) = (ConversationID(unchecked: parts[2]), AgentID(unchecked: parts[2]))
    let group = GroupID(unchecked: parts[2])
    switch parts[0] {
    case "idle": return try fireIdle(conversation)
    case "wait": return try fireWait(conversation)
    case "answer": return try fireAnswer(conversation)
    case "response": return fireResponse(conversation)
    case "grace": return try fireGrace(agent)
    case "heartbeat": return fireHeartbeat(agent)
    case "capacity": return try fireCapacity(agent)
    case "wrap": return try fireWrap(agent)
    case "ramp": return try fireRamp(agent)
    case "notify": return fireNotify(group)
    default: return try fireHours(group)
    }
  }

  private mutating func fireIdle(_ id: ConversationID) throws(Behind) -> Int64? {
    guard let conversation = conversations[id], conversation.state != .closed else { return nil }
    let isWatched =
      conversation.state == .bot || (conversation.state == .active && conversation.spoke == .agent)
    let timeout = isWatched ? recorded(conversation.group)?.idleTimeout.rawValue ?? 0 : 0
    guard timeout > 0, let spokeAt = conversation.spokeAt else {
      conversations[id]?.idleIsArmed = false
      return nil
    }
    if spokeAt + timeout > now { return spokeAt + timeout }
    if conversation.state == .active, let agent = conversation.agent { try touch(agent) }
    let text = configuration.texts.idle
    reply(id, "idle", text.replacing("{idle}", with: Self.span((timeout + 999) / 1_000, in: text)))
    finish(id, by: "system", "idle")
    return nil
  }

  /// No first answer: another agent, not the same one.
  private mutating func fireAnswer(_ id: ConversationID) throws(Behind) -> Int64? {
    guard let conversation = conversations[id], conversation.state == .active, conversation.answeredAt == nil,
      let agent = conversation.agent
    else { return nil }
    let within = try look(conversation.group)?.settings.answerWithin.rawValue ?? 0
    guard within > 0 else { return nil }
    if conversation.assignedAt + within > now { return conversation.assignedAt + within }
    try touch(agent)
    if !conversation.avoid.contains(agent) { conversations[id]?.avoid.append(agent) }
    // Not back to the same one at once, even if it is alone.
    conversations[id]?.excluded = agent
    let until = now + configuration.dedicatedWait.rawValue
    conversations[id]?.excludedUntil = until
    try takeAway(id, from: agent, told: "unanswered", fact: "unanswered", assigned: "unanswered")
    fill(agent)
    // It may have been assigned anew, and set the timer anew.
    return due[timer("answer", id)].flatMap { $0 > now ? $0 : nil }
  }

  /// Back to the queue, at the level and the place that it had first, or at once to another agent.
  private mutating func takeAway(
    _ id: ConversationID, from agent: AgentID, told: String, fact: String, assigned: String
  ) throws(Behind) {
    guard let conversation = conversations[id], let gateway = agents[agent]?.gateway else { return }
    let group = try home(conversation.group)
    conversations[id]?.level = conversation.firstLevel
    var there = conversations[id] ?? conversation
    there.group = group
    let isManual = isByHand(group, id)
    let taker = isManual ? nil : try best(group, for: there, except: agent)
    release(id)
    count(fact, conversation, group: conversation.group, agent: agent)
    tellRequeued(conversation, gateway, told)
    conversations[id]?.group = group
    if let taker { assign(id, to: taker, assigned) } else { enqueue(id, isManual: isManual) }
  }

  private mutating func fireResponse(_ id: ConversationID) -> Int64? {
    guard let conversation = conversations[id], conversation.state == .active,
      let since = conversation.unansweredSince, conversation.responseAlert > 0, !conversation.isSlow
    else { return nil }
    if since + conversation.responseAlert > now { return since + conversation.responseAlert }
    conversations[id]?.isSlow = true
    alert("slow_response", about: conversation, agent: conversation.agent)
    count("slow", conversation, group: conversation.group, agent: conversation.agent)
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
    try takeAway(conversation.id, from: id, told: "offline", fact: "requeued", assigned: "requeue")
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

  private mutating func fireWrap(_ id: AgentID) throws(Behind) -> Int64? {
    guard agents[id] != nil else { return nil }
    try touch(id)
    agents[id]?.wrapUps.removeAll { $0.end <= now }
    fill(id)
    return agents[id]?.wrapUps.map(\.end).min()
  }

  private mutating func fireRamp(_ id: AgentID) throws(Behind) -> Int64? {
    guard let agent = agents[id], agent.isHeldBack else { return nil }
    let end = agent.rampAt + (agent.rampMinute + 1) * 60_000
    if end > now { return end }
    try touch(id)
    agents[id]?.isHeldBack = false
    fill(id)
    // Filling may have used up the minute that has begun.
    guard let filled = agents[id], filled.isHeldBack else { return nil }
    return filled.rampAt + (filled.rampMinute + 1) * 60_000
  }
}
