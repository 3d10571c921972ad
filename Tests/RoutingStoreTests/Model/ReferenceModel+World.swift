import Routing

/// All that the model holds, as the lines that ``World`` reads from Redis.
extension ReferenceModel {
  var world: [String] {
    var lines = ["position \(position)", "dead \(dead)"]
    lines += agents.values.map(line)
    for agent in agents.keys {
      let held = held(by: agent).map(\.id.rawValue)
      if !held.isEmpty { lines.append("held \(agent) " + held.joined(separator: " ")) }
    }
    lines += groups.map(line)
    for group in Set(agents.values.flatMap { $0.groups.map(\.group) }) {
      let ready = ready(group).map(\.rawValue)
      if !ready.isEmpty { lines.append("ready \(group) " + ready.joined(separator: " ")) }
    }
    let waiting = conversations.values.filter { $0.state == .waiting }
    for (group, queue) in Dictionary(grouping: waiting, by: \.group) {
      let places = queue.sorted(by: Self.comesFirst).map { "\($0.id)@\(Self.score(of: $0))" }
      lines.append("wait \(group) " + places.joined(separator: " "))
    }
    lines += conversations.values.map(line)
    lines += customers.map { id, customer in
      let vip = customer.vip.map { $0 ? "1" : "0" } ?? ""
      return "customer \(id) revision=\(customer.revision) name=\(customer.name ?? "") vip=\(vip) "
        + "level=\(customer.level.map(String.init) ?? "")"
    }
    lines += due.map { "due \($0) \($1)" }
    lines += sources.map { "source \($0) \($1)" }
    return lines.sorted()
  }

  /// The protocol's score: (10 - level) * 2^42 + queued_at.
  private static func score(of conversation: Conversation) -> Int64 {
    Int64(10 - conversation.level) * 4_398_046_511_104 + conversation.queuedAt
  }

  private func line(_ agent: Agent) -> String {
    let groups = agent.groups.map { "\($0.group):\($0.strategy.rawValue)" }.joined(separator: ",")
    return
      "agent \(agent.id) status=\(agent.status.rawValue) gateway=\(agent.gateway) load=\(load(agent.id)) "
      + "capacity=\(agent.capacity) target=\(agent.target) groups=\(groups) version=\(agent.version) "
      + "idle_since=\(agent.idleSince) online_at=\(agent.onlineAt)"
  }

  private func line(_ id: GroupID, _ group: Group) -> String {
    let queue = group.settings.queue
    return "group \(id) version=\(group.version) turn=\(turnsDrawn[id] ?? 0) online=\(online(id).count) "
      + "slots=\(slots(id)) limit=\(queue.limit) idle_timeout=\(group.settings.idleTimeout.rawValue)"
  }

  private func line(_ conversation: Conversation) -> String {
    let c = conversation
    var line =
      "conv \(c.id) state=\(c.state.rawValue) customer=\(c.customer) gateway=\(c.gateway) group=\(c.group) "
      + "level=\(c.level) opened_at=\(c.openedAt)"
    if c.state != .closed {
      line += " mode=\(c.mode.rawValue) queued_at=\(c.queuedAt) idle_armed=\(c.idleIsArmed ? "1" : "")"
    }
    switch c.state {
    case .bot:
      line += " spoke=\(c.spoke?.rawValue ?? "") spoke_at=\(c.spokeAt ?? 0)"
    case .waiting:
      line += " waiting_since=\(c.waitingSince ?? 0) excluded=\(c.excluded?.rawValue ?? "")"
    case .active:
      line +=
        " agent=\(c.agent?.rawValue ?? "") reason=\(c.reason) waited_ms=\(c.waitedMs) "
        + "assigned_at=\(c.assignedAt) spoke=\(c.spoke?.rawValue ?? "")"
    case .closed:
      line += " closed_at=\(c.closedAt) closed_by=\(c.closedBy) close_reason=\(c.closeReason)"
    }
    if let score = c.score, let ratedAt = c.ratedAt {
      line += " score=\(score) rated_at=\(ratedAt) comment=\(c.comment ?? "")"
    }
    return line
  }
}
