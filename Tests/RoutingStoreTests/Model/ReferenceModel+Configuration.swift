import Routing

/// A configuration takes hold record by record.
extension ReferenceModel {
  /// How much a capacity grows at once, so that no step serves thousands.
  static let capacityStep = 100

  /// Brings all records to the configuration in force.
  mutating func settleAll() {
    let agentsBefore = agents.keys.sorted()
    let gone = groups.keys.filter { configuration.groups[$0] == nil }.sorted()
    for group in configuration.groupOrder { configure(group) }
    for agent in agentsBefore { configure(agent) }
    for group in gone { retire(group) }
  }

  /// Brings a group to the configuration and the clock.
  mutating func configure(_ id: GroupID) {
    guard let settings = configuration.groups[id] else {
      groups[id]?.isRetired = true
      groups[id]?.version = version
      return
    }
    let before = groups[id].flatMap { $0.isNew ? nil : $0 }
    let clock = GroupClock(of: settings, clock: clock, at: Moment(now))
    groups[id] = Group(
      version: version, settings: settings, clock: clock, swept: before?.swept,
      offersSwept: before?.offersSwept, isClosing: before?.isClosing ?? false)
    if let until = clock.until { due[timer("hours", id)] = until.rawValue }
    guard let before else { return }
    follow(id, before.settings.queue, settings.queue)
    // What an earlier change began goes on now, not at the next change of the clock.
    if before.swept != nil || before.offersSwept != nil { due[timer("hours", id)] = now }
    let closes = before.clock.isOpen && !clock.isOpen
    let opens = !before.clock.isOpen && clock.isOpen
    let distributesAnew = before.clock.manner != clock.manner
    guard closes || opens || distributesAnew else { return }
    if closes || distributesAnew { groups[id]?.swept = [] }
    if opens || distributesAnew { groups[id]?.offersSwept = [] }
    if closes { groups[id]?.isClosing = true }
    due[timer("hours", id)] = now
  }

  /// What changed in a queue holds for those too who wait already.
  private mutating func follow(_ id: GroupID, _ old: QueueConfiguration, _ new: QueueConfiguration) {
    let waiting = queue(id)
    if new.notify.rawValue > 0, new.notify != old.notify, !waiting.isEmpty {
      let (name, at) = (timer("notify", id), now + new.notify.rawValue)
      due[name] = min(due[name] ?? at, at)
    }
    guard old.overflow != new.overflow || old.relax != new.relax || old.promoteAfter != new.promoteAfter
    else {
      return
    }
    for conversation in waiting { armWait(conversation.id) }
  }

  mutating func configure(_ id: AgentID) {
    guard let agent = agents[id] else { return }
    let isGone = (configuration.agents[id]?.groups ?? []).isEmpty
    if isGone, agent.status != .offline { leave(id) }
    bring(id, online: false)
    for conversation in held(by: id) where conversation.spoke == .agent {
      let timeout = settings(conversation.group)?.idleTimeout.rawValue ?? 0
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

  /// Those who wait in a group that is gone move to the default group at their old place, the parked ones last.
  mutating func retire(_ id: GroupID) {
    let target = configuration.defaultGroup
    let waiting = conversations.values.filter { $0.state == .waiting && $0.group == id }.sorted(
      by: comesFirst)
    for conversation in waiting.filter(\.isInLine) + waiting.filter({ !$0.isInLine }) {
      settling { model throws(Behind) in
        try model.look(target)
        model.move(conversation.id, to: target)
        try model.settle(conversation.id, in: target, reason: "queue")
      }
    }
    for conversation in conversations.values where conversation.isInLine && conversation.offered.contains(id)
    {
      conversations[conversation.id]?.offered.removeAll { $0 == id }
    }
    groups[id] = nil
    tallies[id] = nil
  }
}
