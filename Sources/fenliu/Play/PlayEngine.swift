import Routing

/// The play itself, apart from Redis and the real clock: what the gateways send when a time of the plan has
/// come, and what they make of a command.
struct PlayEngine: Sendable {
  private enum Cue: Sendable {
    case arrive(Int)
    case leave(Int)
    case askStatus(Int)
    case say(Int, turn: Int, fromCustomer: Bool)
    case finish(Int, turn: Int)
    case shift(Int)
  }

  let plan: PlayPlan
  let cast: Cast
  let clock: ShopClock
  private(set) var ledger: Ledger
  private(set) var chronicle: Chronicle
  private var timeline = Timeline<Cue>()
  private var places: [ConversationID: Int] = [:]

  /// A play that has not begun.
  init(plan: PlayPlan, cast: Cast, clock: ShopClock, names: ShopNames) {
    self.plan = plan
    self.cast = cast
    self.clock = clock
    ledger = Ledger(visits: plan.visits.count)
    chronicle = Chronicle(names: names)
    // Agents first, where both come at the same time.
    for (index, shift) in plan.shifts.enumerated() {
      ledger.agents[shift.agent] = Ledger.Agent()
      timeline.add(.shift(index), at: shift.at)
    }
    for (index, visit) in plan.visits.enumerated() {
      places[ConversationID(unchecked: cast.conversation(visit))] = index
      timeline.add(.arrive(index), at: visit.arrival)
    }
  }

  /// When something is to be done next.
  var nextCue: Int64? { timeline.next }

  /// Whether every customer has come and gone.
  var isOver: Bool { ledger.isOver }

  /// Does what is due; returns what the gateways send.
  mutating func advance(to now: Int64) -> [PlayEvent] {
    var events: [PlayEvent] = []
    while let (time, cue) = timeline.take(until: now) { events += perform(cue, at: time) }
    return events
  }

  private mutating func perform(_ cue: Cue, at time: Int64) -> [PlayEvent] {
    switch cue {
    case .shift(let index):
      let shift = plan.shifts[index]
      ledger.agents[shift.agent]?.status = shift.kind
      chronicle.shift(shift, at: time)
      return [cast.shift(shift.agent, shift.kind)]
    case .arrive(let index):
      ledger.entries[index].openedAt = time
      ledger.move(index, to: .opened, at: time)
      return [cast.open(plan.visits[index])]
    case .leave(let index):
      // Only those who have waited since they came: somebody who was served already is not as impatient.
      guard case .waiting = ledger.entries[index].phase, ledger.entries[index].waited == nil else {
        return []
      }
      return [cast.close(plan.visits[index], by: "customer")]
    case .askStatus(let index):
      guard case .waiting = ledger.entries[index].phase, let pause = plan.visits[index].asksEvery else {
        return []
      }
      timeline.add(.askStatus(index), at: time + pause)
      return [cast.status(plan.visits[index])]
    case .say(let index, let turn, let fromCustomer):
      guard ledger.entries[index].turn == turn, case .active(let agent) = ledger.entries[index].phase else {
        return []
      }
      return [cast.message(plan.visits[index], fromCustomer: fromCustomer, agent: agent)]
    case .finish(let index, let turn):
      guard ledger.entries[index].turn == turn, case .active(let agent) = ledger.entries[index].phase else {
        return []
      }
      let visit = plan.visits[index]
      guard let closer = visit.closedBy else {
        return [cast.message(visit, fromCustomer: false, agent: agent)]
      }
      return [cast.close(visit, by: closer.rawValue)]
    }
  }

  /// Takes in a command; returns what the gateways send in answer.
  mutating func take(_ command: Command) -> [PlayEvent] {
    ledger.commands += 1
    let time = clock.time(ofServer: command.at.rawValue)
    if command.type == .rejected { ledger.rejections.append(command.error ?? "no reason given") }
    guard let conversation = command.conversation, let index = places[conversation] else { return [] }
    if command.to == .agent {
      noteAgentSide(command)
      return []
    }
    switch command.type {
    case .queued: return queued(index, command, at: time)
    case .assigned: return assigned(index, command, at: time)
    case .requeued:
      ledger.entries[index].requeues += 1
      ledger.entries[index].turn += 1
      ledger.entries[index].done += max(0, time - ledger.entries[index].activeSince)
      ledger.move(index, to: .between, at: time)
      chronicle.requeued(plan.visits[index], at: time)
      return []
    case .closed:
      closed(index, command, at: time)
      return []
    case .bot:
      // The queue is full: this shop's assistant has no answers, so the customer goes.
      ledger.move(index, to: .assistant, at: time)
      chronicle.turnedAway(plan.visits[index], at: time)
      return [cast.close(plan.visits[index], by: "customer")]
    default: return []
    }
  }

  private mutating func queued(_ index: Int, _ command: Command, at time: Int64) -> [PlayEvent] {
    guard let group = command.group else { return [] }
    let visit = plan.visits[index]
    chronicle.queued(visit, command, speed: clock.speed, at: time)
    guard ledger.entries[index].phase != .waiting(group) else { return [] }
    ledger.move(index, to: .waiting(group), at: time)
    guard ledger.entries[index].queuedAt == nil, ledger.entries[index].waited == nil else { return [] }
    ledger.entries[index].queuedAt = time
    if let patience = visit.patience { timeline.add(.leave(index), at: visit.arrival + patience) }
    if let pause = visit.asksEvery { timeline.add(.askStatus(index), at: time + pause) }
    return []
  }

  private mutating func assigned(_ index: Int, _ command: Command, at time: Int64) -> [PlayEvent] {
    guard let agent = command.agent, ledger.entries[index].phase != .active(agent) else { return [] }
    let visit = plan.visits[index]
    let waited = clock.span(ofServer: command.waitedMs ?? 0)
    chronicle.assigned(visit, command, waited: waited, at: time)
    ledger.move(index, to: .active(agent), at: time)
    if ledger.entries[index].waited == nil { ledger.entries[index].waited = waited }
    ledger.entries[index].activeSince = time
    ledger.entries[index].turn += 1
    let entry = ledger.entries[index]
    // The agent's time counts from the assignment, not from when this player heard of it. Whoever takes over
    // from another reads half a minute at least.
    let service = entry.done == 0 ? visit.service : max(30_000, visit.service - entry.done)
    for message in visit.messages where message.after >= entry.done && message.after - entry.done < service {
      timeline.add(
        .say(index, turn: entry.turn, fromCustomer: message.fromCustomer),
        at: time + message.after - entry.done)
    }
    timeline.add(.finish(index, turn: entry.turn), at: time + service)
    return []
  }

  private mutating func closed(_ index: Int, _ command: Command, at time: Int64) {
    let entry = ledger.entries[index]
    if case .closed = entry.phase { return }
    let reason = command.reason ?? "?"
    let left = reason == "abandoned" && entry.waited == nil
    if left { ledger.entries[index].gaveUpAfter = max(0, time - entry.openedAt) }
    ledger.entries[index].turn += 1
    ledger.move(index, to: .closed(reason: reason), at: time)
    chronicle.closed(plan.visits[index], reason: reason, after: time - entry.openedAt, at: time)
  }

  private mutating func noteAgentSide(_ command: Command) {
    switch command.type {
    case .assigned:
      guard let agent = command.agent else { return }
      ledger.agents[agent, default: .init()].load += 1
      ledger.agents[agent, default: .init()].served += 1
      holders[command.conversation ?? .init(unchecked: "")] = agent
    case .closed, .requeued:
      guard let id = command.conversation, let agent = holders.removeValue(forKey: id) else { return }
      ledger.agents[agent]?.load -= 1
    default: break
    }
  }

  /// Who has each conversation, by the agents' side.
  private var holders: [ConversationID: AgentID] = [:]

  /// What ends everything that is open, so that the next play begins in an empty shop.
  mutating func curtain(at time: Int64) -> [PlayEvent] {
    timeline = Timeline()
    var events: [PlayEvent] = []
    for (index, entry) in ledger.entries.enumerated() {
      switch entry.phase {
      case .coming, .closed: break
      default: events.append(cast.close(plan.visits[index], by: "supervisor"))
      }
    }
    for agent in ledger.agents.keys.sorted() where ledger.agents[agent]?.status != .offline {
      ledger.agents[agent]?.status = .offline
      events.append(cast.shift(agent, .offline))
    }
    return events
  }
}
