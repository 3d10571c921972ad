import Routing

extension Event.Kind {
  /// The gateway that the event itself needs.
  fileprivate var gateway: GatewayID? {
    switch self {
    case .open(let opening): opening.gateway
    case .agentOnline(_, let gateway): gateway
    default: nil
    }
  }
}

extension Event {
  /// The event as a gateway writes it, one line of JSON.
  var json: String {
    var json = JSONText()
    json.beginObject()
    json.field("type", typeName)
    json.field("shop", shop)
    json.field("id", id)
    json.field("source", source)
    json.field("n", n)
    json.field("gateway", gateway ?? kind.gateway)
    json.field("conversation", conversation)
    switch kind {
    case .open(let opening): Self.write(opening, to: &json)
    case .message(_, let from, let text, let agent):
      json.field("from", from.rawValue)
      json.field("text", text)
      json.field("agent", agent)
    case .handoff(_, let reason): json.field("reason", reason)
    case .close(_, let by): json.field("by", by.rawValue)
    case .transfer(_, let to, let by, let note):
      json.key("to")
      json.beginObject()
      switch to {
      case .agent(let agent): json.field("agent", agent)
      case .group(let group): json.field("group", group)
      }
      json.endObject()
      json.field("by", by.rawValue)
      json.field("note", note)
    case .rate(_, let score, let comment):
      json.field("score", Int64(score))
      json.field("comment", comment)
    case .accept, .agentOnline, .agentPause, .agentOffline, .agentHeartbeat: json.field("agent", agent)
    case .status: break
    case .customerUpdate(let customer, let dedicated):
      Self.write(customer, to: &json)
      switch dedicated {
      case .keep: break
      case .clear:
        json.key("dedicated_agent")
        json.null()
      case .set(let agent): json.field("dedicated_agent", agent)
      }
    case .customerForget(let customer): Self.write(Customer(id: customer), to: &json)
    case .emergency(let on, let notice):
      json.field("on", on)
      json.field("notice", notice)
    }
    json.endObject()
    return json.text
  }

  private static func write(_ customer: Customer, to json: inout JSONText) {
    json.key("customer")
    json.beginObject()
    json.field("id", customer.id)
    json.field("name", customer.name)
    json.field("vip", customer.vip)
    json.field("level", customer.level.map(Int64.init))
    if let tags = customer.tags {
      json.key("tags")
      json.beginArray()
      for tag in tags { json.value(tag) }
      json.endArray()
    }
    if let attributes = customer.attributes {
      json.key("attributes")
      json.beginObject()
      for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
        json.key(name)
        switch value {
        case .text(let text): json.value(text)
        case .number(let number): json.value(number)
        case .flag(let flag): json.value(flag)
        }
      }
      json.endObject()
    }
    json.endObject()
  }

  private static func write(_ opening: Open, to json: inout JSONText) {
    write(opening.customer, to: &json)
    json.field("channel", opening.channel)
    json.field("text", opening.text)
    json.field("category", opening.category)
    json.field("group", opening.group)
    json.field("agent", opening.agent)
    guard !opening.params.isEmpty else { return }
    json.key("params")
    json.beginObject()
    for (name, value) in opening.params.sorted(by: { $0.key < $1.key }) {
      json.key(name)
      json.value(value)
    }
    json.endObject()
  }
}
