import HiredisClient
import Routing

/// Decisions as the words of a step of `commit`: its name, then what it takes, in the order that its Lua file tells.
extension RedisWords {
  /// Adds a decision. A ``Decision/reject(_:)`` is not performed so; see ``CommitCall/append(_:letter:source:n:version:)``.
  mutating func append(_ decision: Decision) {
    switch decision {
    case .reject: break
    case .open(let opening): append(opening)
    case .message(let conversation, let from, let agent, let mayMatter):
      word("conversation_message")
      word(conversation.rawValue)
      word(from.rawValue)
      word(agent?.rawValue ?? "")
      word(mayMatter ? 1 : 0)
    case .relay(let conversation, let text):
      word("conversation_relay")
      word(conversation.rawValue)
      word(text)
    case .listen(let listening): append(listening)
    case .handoff(let conversation, let heard, let route):
      word("conversation_handoff")
      word(conversation.rawValue)
      word(heard)
      append(route)
    case .status(let conversation):
      word("conversation_status")
      word(conversation.rawValue)
    case .close(let conversation, let by):
      word("conversation_close")
      word(conversation.rawValue)
      word(by.rawValue)
    case .transfer(let conversation, let target, let by, let note):
      word("conversation_transfer")
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
      word("conversation_accept")
      word(conversation.rawValue)
      word(agent.rawValue)
    case .rate(let conversation, let score, let comment):
      word("conversation_rate")
      word(conversation.rawValue)
      word(Int64(score))
      word(comment ?? "")
    case .agentOnline(let agent, let gateway, let settings):
      word("agent_online")
      word(agent.rawValue)
      word(gateway.rawValue)
      for text in settings.words { word(text) }
    case .agentPause(let agent):
      word("agent_pause")
      word(agent.rawValue)
    case .agentOffline(let agent):
      word("agent_offline")
      word(agent.rawValue)
    case .agentHeartbeat(let agent):
      word("agent_heartbeat")
      word(agent.rawValue)
    case .customerUpdate(let customer, let revision, let fields):
      word("customer_update")
      word(customer.rawValue)
      if let revision { word(revision) } else { word("") }
      append(fields)
    case .customerForget(let customer):
      word("customer_forget")
      word(customer.rawValue)
    case .emergency(let on, let notice):
      word("shop_emergency")
      word(on ? 1 : 0)
      word(notice ?? "")
    }
  }

  // MARK: Parts that several steps take

  private mutating func append(_ opening: Decision.Opening) {
    let route = opening.route
    word("conversation_open")
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
    word("conversation_listen")
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
