import Routing

/// The names under which a play runs: fresh for each, so that an earlier one's customers do not return.
struct Cast: Sendable {
  let shop: ShopID
  /// Stands in every conversation and customer id.
  let run: String
  /// The gateway of the customers.
  let web = GatewayID(unchecked: "play-web")
  /// The gateway of the agents.
  let desk = GatewayID(unchecked: "play-desk")

  var source: String { "play-\(run)" }
  func conversation(_ visit: Visit) -> String { "\(run)-\(visit.id)" }
  func customer(_ visit: Visit) -> String { "c\(run)-\(visit.id)" }

  func open(_ visit: Visit) -> PlayEvent {
    var event = PlayEvent("conversation.open", shop: shop)
    event.conversation = conversation(visit)
    event.customer = .init(id: customer(visit), name: visit.name, vip: visit.vip ? true : nil)
    event.gateway = web.rawValue
    event.channel = "web"
    event.text = visit.text
    event.group = visit.group?.rawValue
    event.routedBy = customer(visit)
    return event
  }

  func message(_ visit: Visit, fromCustomer: Bool, agent: AgentID?) -> PlayEvent {
    var event = PlayEvent("conversation.message", shop: shop)
    event.conversation = conversation(visit)
    event.from = fromCustomer ? "customer" : "agent"
    if !fromCustomer { event.agent = agent?.rawValue }
    event.routedBy = customer(visit)
    return event
  }

  func status(_ visit: Visit) -> PlayEvent {
    var event = PlayEvent("conversation.status", shop: shop)
    event.conversation = conversation(visit)
    event.routedBy = customer(visit)
    return event
  }

  func close(_ visit: Visit, by closer: String) -> PlayEvent {
    var event = PlayEvent("conversation.close", shop: shop)
    event.conversation = conversation(visit)
    event.by = closer
    event.routedBy = customer(visit)
    return event
  }

  func shift(_ agent: AgentID, _ kind: ShiftChange.Kind) -> PlayEvent {
    var event = PlayEvent("agent.\(kind.rawValue)", shop: shop)
    event.agent = agent.rawValue
    if kind == .online { event.gateway = desk.rawValue }
    event.routedBy = agent.rawValue
    return event
  }
}
