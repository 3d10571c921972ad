import HiredisClient
import Routing

extension Rejection {
  /// The step of `commit` that sets an event aside.
  static let step = "event_reject"
}

extension Decision {
  /// The step of `commit` that performs it. What a ``Decision/reject(_:)`` takes is not in the decision; see
  /// ``CommitCall/append(_:letter:source:n:version:)``.
  var step: String {
    switch self {
    case .reject: Rejection.step
    case .open: "conversation_open"
    case .message: "conversation_message"
    case .relay: "conversation_relay"
    case .listen: "conversation_listen"
    case .handoff: "conversation_handoff"
    case .status: "conversation_status"
    case .close: "conversation_close"
    case .transfer: "conversation_transfer"
    case .accept: "conversation_accept"
    case .rate: "conversation_rate"
    case .agentOnline: "agent_online"
    case .agentPause: "agent_pause"
    case .agentOffline: "agent_offline"
    case .agentHeartbeat: "agent_heartbeat"
    case .customerUpdate: "customer_update"
    case .customerForget: "customer_forget"
    case .emergency: "shop_emergency"
    }
  }
}

/// Decisions as the words of their step, in the order that its Lua file tells.
extension RedisWords {
  /// Adds what the decision's ``Decision/step`` takes.
  mutating func append(_ decision: Decision) {
    switch decision {
    case .reject: break
    case .open(let opening): append(opening)
    case .message(let conversation, let from, let agent, let mayMatter):
      word(conversation.rawValue)
      word(from.rawValue)
      switch from {
      case .customer: word(mayMatter ? 1 : 0)
      case .agent: word(agent?.rawValue ?? "")
      case .bot: break
      }
    case .relay(let conversation, let text):
      word(conversation.rawValue)
      word(text)
    case .listen(let listening): append(listening)
    case .handoff(let conversation, let heard, let route):
      word(conversation.rawValue)
      word(heard)
      append(route)
    case .status(let conversation):
      word(conversation.rawValue)
    case .close(let conversation, let by):
      word(conversation.rawValue)
      word(by.rawValue)
    case .transfer(let conversation, let target, let by, let note):
      word(conversation.rawValue)
      switch target {
      case .agent(let agent):
        word("agent")
        word(agent.rawValue)
      case .group(let group):
        word("group")
        word(group.rawValue)
      }
      word(by.rawValue)
      word(note ?? "")
    case .accept(let conversation, let agent):
      word(conversation.rawValue)
      word(agent.rawValue)
    case .rate(let conversation, let score, let comment):
      word(conversation.rawValue)
      word(Int64(score))
      word(comment ?? "")
    case .agentOnline(let agent, let gateway, let settings):
      word(agent.rawValue)
      word(gateway.rawValue)
      for text in settings.words { word(text) }
    case .agentPause(let agent), .agentOffline(let agent), .agentHeartbeat(let agent):
      word(agent.rawValue)
    case .customerUpdate(let customer, let revision, let fields):
      word(customer.rawValue)
      if let revision { word(revision) } else { word("") }
      append(fields)
    case .customerForget(let customer):
      word(customer.rawValue)
    case .emergency(let on, let notice):
      word(on ? 1 : 0)
      word(notice ?? "")
    }
  }

  // MARK: Parts that several steps take

  private mutating func append(_ opening: Decision.Opening) {
    let route = opening.route
    word(opening.conversation.rawValue)
    word(opening.customer.rawValue)
    word(opening.gateway.rawValue)
    word(route.group.rawValue)
    word(Int64(route.level.rawValue))
    word(route.mode.rawValue)
    if let revision = opening.customerRevision { word(revision) } else { word("") }
    word(opening.text)
    word(opening.answer)
    word(opening.isHeeded ? "1" : "")
    append(route.fields)
    append(opening.customerFields)
  }

  private mutating func append(_ listening: Decision.Listening) {
    word(listening.conversation.rawValue)
    word(listening.state.rawValue)
    word(listening.heard)
    word(listening.meaning.rawValue)
    word(listening.answer)
    word(listening.text)
    word(Int64(listening.dropped))
    append(listening.route)
  }

  private mutating func append(_ route: Decision.Route) {
    word(route.group.rawValue)
    word(Int64(route.level.rawValue))
    word(route.mode.rawValue)
    append(route.fields)
  }

  /// How many words follow, then name and value of each field.
  private mutating func append(_ fields: [Decision.Field]) {
    word(Int64(2 * fields.count))
    for field in fields {
      word(field.name)
      word(field.value)
    }
  }

  private mutating func append(_ fields: [StoredCustomer.Field]) {
    for field in fields {
      word(field.name)
      word(field.value)
    }
  }
}
