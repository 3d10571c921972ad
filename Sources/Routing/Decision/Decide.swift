/// What a decision may look at beside the event and the configuration: what was read from Redis for it.
public struct Snapshot: Sendable, Equatable {
  /// The stored record of the customer that the event names, or nil when there is none.
  public var customer: StoredCustomer?
  /// The conversation whose customer speaks, where that matters; nil where it was not read or is not known.
  public var conversation: HeardConversation?

  /// Makes a snapshot.
  public init(customer: StoredCustomer? = nil, conversation: HeardConversation? = nil) {
    self.customer = customer
    self.conversation = conversation
  }
}

extension Event {
  /// Whether a decision about this event needs the customer's record.
  public var needsCustomer: Bool {
    switch kind {
    case .open, .customerUpdate: true
    default: false
    }
  }

  /// Whether applying this event may change its customer's record.
  public var changesCustomer: Bool {
    if case .customerForget = kind { true } else { needsCustomer }
  }

  /// Whether a decision about this event always needs what was said in its conversation.
  public var needsConversation: Bool {
    if case .handoff = kind { true } else { false }
  }

  /// Whether this is a text of a customer, which matters to the assistant and, while it waits, to rules.
  public var isCustomerText: Bool {
    if case .message(_, .customer, let text?, _) = kind { !text.isEmpty } else { false }
  }
}

/// Decides what shall become of an event. Pure: the same arguments give the same decision.
///
/// - Parameters:
///   - event: decoded and checked.
///   - snapshot: what the event asks for: ``Event/needsCustomer``, ``Event/needsConversation``.
///   - plan: the configuration in force of the event's shop, or nil if it has none.
///   - now: the time for rules and schedules.
public func decide(
  _ event: Event, _ snapshot: Snapshot, under plan: RoutingPlan?, at now: Moment
) -> Decision {
  guard let plan else {
    return .reject("shop \(event.shop) has no configuration; store one with `fenliu apply`")
  }
  let configuration = plan.configuration
  switch event.kind {
  case .open(let open):
    return plan.decideOpening(open, snapshot, at: now)
  case .message(let conversation, let from, let text, let agent):
    return plan.decideMessage(conversation, from, text ?? "", agent, snapshot, at: now)
  case .handoff(let conversation, let reason):
    return plan.decideHandoff(conversation, reason ?? "", snapshot, at: now)
  case .status(let conversation):
    return .status(conversation: conversation)
  case .close(let conversation, let by):
    return .close(conversation: conversation, by: by)
  case .transfer(let conversation, let target, let by, let note):
    switch target {
    case .agent(let agent):
      if let unknown = configuration.rejectingUnknown(agent) { return unknown }
    case .group(let group):
      if let unknown = configuration.rejectingUnknown(group) { return unknown }
    }
    return .transfer(conversation: conversation, to: target, by: by, note: note)
  case .accept(let conversation, let agent):
    return configuration.rejectingUnknown(agent) ?? .accept(conversation: conversation, agent: agent)
  case .rate(let conversation, let score, let comment):
    return .rate(conversation: conversation, score: score, comment: comment)
  case .agentOnline(let agent, let gateway):
    let settings = AgentSettings(of: agent, in: configuration)
    return configuration.rejectingUnknown(agent)
      ?? .agentOnline(agent: agent, gateway: gateway, settings: settings)
  case .agentPause(let agent):
    return configuration.rejectingUnknown(agent) ?? .agentPause(agent: agent)
  case .agentOffline(let agent):
    return configuration.rejectingUnknown(agent) ?? .agentOffline(agent: agent)
  case .agentHeartbeat(let agent):
    return configuration.rejectingUnknown(agent) ?? .agentHeartbeat(agent: agent)
  case .customerUpdate(let customer, let dedicated):
    if case .set(let agent) = dedicated, let unknown = configuration.rejectingUnknown(agent) {
      return unknown
    }
    return .customerUpdate(
      customer: customer.id, revision: snapshot.customer?.revision,
      fields: StoredCustomer.changes(customer, dedicatedAgent: dedicated, over: snapshot.customer))
  case .customerForget(let customer):
    return .customerForget(customer: customer)
  case .emergency(let on, let notice):
    return .emergency(on: on, notice: notice)
  }
}

extension ShopConfiguration {
  func rejectingUnknown(_ group: GroupID) -> Decision? {
    groups[group] == nil ? .reject("group \(group) is not in the configuration of shop \(shop)") : nil
  }

  func rejectingUnknown(_ agent: AgentID) -> Decision? {
    agents[agent] == nil ? .reject("agent \(agent) is not in the configuration of shop \(shop)") : nil
  }
}
