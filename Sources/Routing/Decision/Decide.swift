/// What a decision may look at beside the event and the configuration: what was read from Redis for it.
public struct Snapshot: Sendable, Equatable {
  /// The stored record of the customer who opens a conversation, or nil when there is none.
  public var customer: StoredCustomer?

  /// Makes a snapshot.
  public init(customer: StoredCustomer? = nil) { self.customer = customer }
}

extension Event {
  /// Whether a decision about this event needs the customer's record.
  public var needsCustomer: Bool {
    if case .open = kind { true } else { false }
  }

  /// Whether applying this event may change its customer's record.
  public var changesCustomer: Bool { needsCustomer }
}

/// Decides what shall become of an event. Pure: the same arguments give the same decision.
///
/// - Parameters:
///   - event: decoded and checked.
///   - snapshot: what the event ``Event/needsCustomer`` asks for.
///   - configuration: the configuration in force of the event's shop, or nil if it has none.
public func decide(_ event: Event, _ snapshot: Snapshot, under configuration: ShopConfiguration?) -> Decision
{
  guard let configuration else {
    return .reject("shop \(event.shop) has no configuration; store one with `fenliu apply`")
  }
  switch event.kind {
  case .open(let open):
    return decideOpening(open, snapshot, under: configuration)
  case .message(let conversation, let from, _, let agent):
    return .message(conversation: conversation, from: from, agent: agent)
  case .handoff(let conversation, _):
    return .handoff(conversation: conversation)
  case .status(let conversation):
    return .status(conversation: conversation)
  case .close(let conversation, let by):
    return .close(conversation: conversation, by: by)
  case .transfer(let conversation, let target, let by, _):
    switch target {
    case .agent(let agent):
      if let unknown = configuration.rejectingUnknown(agent) { return unknown }
    case .group(let group):
      if let unknown = configuration.rejectingUnknown(group) { return unknown }
    }
    return .transfer(conversation: conversation, to: target, by: by)
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
  case .accept, .customerUpdate, .customerForget, .emergency:
    return .reject("this version of Fenliu does not apply \(event.typeName) yet")
  }
}

private func decideOpening(
  _ open: Event.Open, _ snapshot: Snapshot, under configuration: ShopConfiguration
) -> Decision {
  if let group = open.group, let unknown = configuration.rejectingUnknown(group) { return unknown }
  if let agent = open.agent, let unknown = configuration.rejectingUnknown(agent) { return unknown }
  return .open(
    Decision.Opening(
      conversation: open.conversation, customer: open.customer.id, gateway: open.gateway,
      group: open.group ?? configuration.defaultGroup,
      level: configuration.levels.level(of: open.customer, stored: snapshot.customer, params: open.params),
      mode: configuration.defaultMode, customerRevision: snapshot.customer?.revision,
      customerFields: StoredCustomer.changes(open.customer, over: snapshot.customer)))
}

extension ShopConfiguration {
  fileprivate func rejectingUnknown(_ group: GroupID) -> Decision? {
    groups[group] == nil ? .reject("group \(group) is not in the configuration of shop \(shop)") : nil
  }

  fileprivate func rejectingUnknown(_ agent: AgentID) -> Decision? {
    agents[agent] == nil ? .reject("agent \(agent) is not in the configuration of shop \(shop)") : nil
  }
}
