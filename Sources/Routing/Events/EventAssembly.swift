/// Makes an `Event` out of the fields of a document, or says which field is wrong.
struct EventAssembly {
  private let reader: FieldReader
  private let fields: EventFields

  init(_ document: JSONDocument, _ fields: EventFields) {
    reader = FieldReader(document: document)
    self.fields = fields
  }

  /// The event.
  func event() throws(FieldProblem) -> Event {
    let type = try eventType()
    let shop: ShopID = try reader.name(fields.shop, "shop")
    let id = try reader.optionalText(fields.id, "id", limit: EventLimits.id)
    let at = try reader.optionalInteger(fields.at, "at")
    let source: SourceID? = try reader.optionalName(fields.source, "source")
    let n = try reader.optionalInteger(fields.n, "n", in: 0...EventLimits.integer)
    if source == nil, n != nil { throw FieldProblem("source", "is missing, while n is there") }
    if source != nil, n == nil { throw FieldProblem("n", "is missing, while source is there") }
    let gateway: GatewayID? = try reader.optionalName(fields.gateway, "gateway")
    let kind = try kind(of: type, gateway: gateway)
    return Event(shop: shop, kind: kind, id: id, at: at, source: source, n: n, gateway: gateway)
  }

  private func eventType() throws(FieldProblem) -> EventType {
    guard fields.type != 0 else { throw FieldProblem("type", "is missing") }
    let node = reader.document.nodes[Int(fields.type)]
    guard node.isText else { throw reader.mismatch("type", "text", node) }
    if node.kind == .text, let type = EventType(spelled: reader.document.raw(node)) { return type }
    let text = reader.document.text(node)
    if let type = EventType(rawValue: text) { return type }
    guard text.utf8.count <= 64 else { throw FieldProblem("type", "is none of the known ones") }
    let nearest = EventType.nearest(to: text).rawValue
    throw FieldProblem("type", "\(text.quotedForPeople) is unknown; the nearest known one is '\(nearest)'")
  }

  private func kind(of type: EventType, gateway: GatewayID?) throws(FieldProblem) -> Event.Kind {
    switch type {
    case .open: return try open(gateway: gateway)
    case .message:
      return .message(
        conversation: try conversation(), from: try reader.choice(fields.from, "from"), text: try text(),
        agent: try reader.optionalName(fields.agent, "agent"))
    case .handoff:
      return .handoff(conversation: try conversation(), reason: try remark(fields.reason, "reason"))
    case .status: return .status(conversation: try conversation())
    case .close: return .close(conversation: try conversation(), by: try reader.choice(fields.by, "by"))
    case .transfer:
      return .transfer(
        conversation: try conversation(), to: try target(), by: try reader.choice(fields.by, "by"),
        note: try remark(fields.note, "note"))
    case .accept: return .accept(conversation: try conversation(), agent: try agent())
    case .rate:
      return .rate(
        conversation: try conversation(), score: Int(try reader.integer(fields.score, "score", in: 1...5)),
        comment: try remark(fields.comment, "comment"))
    case .agentOnline:
      return .agentOnline(
        agent: try agent(), gateway: try reader.required(gateway, fields.gateway, "gateway"))
    case .agentPause: return .agentPause(agent: try agent())
    case .agentOffline: return .agentOffline(agent: try agent())
    case .agentHeartbeat: return .agentHeartbeat(agent: try agent())
    case .customerUpdate:
      return .customerUpdate(customer: try customer(), dedicatedAgent: try dedicatedChange())
    case .customerForget: return .customerForget(customer: try customerID())
    case .emergency:
      let on = try reader.required(reader.optionalFlag(fields.on, "on"), fields.on, "on")
      return .emergency(on: on, notice: try remark(fields.notice, "notice"))
    }
  }

  // MARK: Fields that several types share

  private func conversation() throws(FieldProblem) -> ConversationID {
    try reader.name(fields.conversation, "conversation")
  }

  private func agent() throws(FieldProblem) -> AgentID { try reader.name(fields.agent, "agent") }

  /// `text`, bounded by the event.
  private func text() throws(FieldProblem) -> String? {
    try reader.optionalText(fields.text, "text", limit: EventLimits.bytes)
  }

  private func remark(_ index: Int32, _ field: StaticString) throws(FieldProblem) -> String? {
    try reader.optionalText(index, field, limit: EventLimits.remark)
  }

  private func customerFields() throws(FieldProblem) -> CustomerFields {
    let object = try reader.optionalObject(fields.customer, "customer")
    return CustomerFields(
      at: try reader.required(object, fields.customer, "customer"), of: reader.document)
  }

  private func customerID() throws(FieldProblem) -> CustomerID {
    try reader.name(customerFields().id, "customer.id")
  }

  // MARK: Parts

  private func open(gateway: GatewayID?) throws(FieldProblem) -> Event.Kind {
    let open = Event.Open(
      conversation: try conversation(), customer: try customer(),
      gateway: try reader.required(gateway, fields.gateway, "gateway"),
      channel: try reader.optionalText(fields.channel, "channel", limit: EventLimits.label),
      text: try text(),
      category: try reader.optionalText(fields.category, "category", limit: EventLimits.label),
      params: try params(), group: try reader.optionalName(fields.group, "group"),
      agent: try reader.optionalName(fields.agent, "agent"))
    return .open(open)
  }

  private func customer() throws(FieldProblem) -> Event.Customer {
    let found = try customerFields()
    let id: CustomerID = try reader.name(found.id, "customer.id")
    let level = try reader.optionalInteger(found.level, "customer.level")
    return Event.Customer(
      id: id,
      name: try reader.optionalText(found.name, "customer.name", limit: EventLimits.customerName),
      vip: try reader.optionalFlag(found.vip, "customer.vip"),
      level: level.map { Int($0) }, tags: try tags(found.tags), attributes: try attributes(found.attributes))
  }

  private func target() throws(FieldProblem) -> Event.TransferTarget {
    let object = try reader.optionalObject(fields.to, "to")
    let index = try reader.required(object, fields.to, "to")
    var agentIndex: Int32 = 0
    var groupIndex: Int32 = 0
    reader.document.forEachMember(of: index) { key, value in
      switch reader.document.text(key) {
      case "agent": agentIndex = value
      case "group": groupIndex = value
      default: break
      }
    }
    let agent: AgentID? = try reader.optionalName(agentIndex, "to.agent")
    let group: GroupID? = try reader.optionalName(groupIndex, "to.group")
    switch (agent, group) {
    case (let agent?, nil): return .agent(agent)
    case (nil, let group?): return .group(group)
    case (nil, nil): throw FieldProblem("to", "must name an agent or a group")
    case (_?, _?): throw FieldProblem("to", "names both an agent and a group")
    }
  }

  private func params() throws(FieldProblem) -> [String: String] {
    guard let index = try reader.optionalObject(fields.params, "params") else { return [:] }
    return try reader.params(at: index, "params")
  }

  private func attributes(_ index: Int32) throws(FieldProblem) -> [String: Event.AttributeValue]? {
    guard let index = try reader.optionalObject(index, "customer.attributes") else { return nil }
    return try reader.attributes(at: index, "customer.attributes")
  }

  private func tags(_ index: Int32) throws(FieldProblem) -> [String]? {
    guard let index = try reader.optionalArray(index, "customer.tags") else { return nil }
    return try reader.tags(at: index, "customer.tags")
  }

  /// `dedicated_agent`: the only field in which null says something else than its absence.
  private func dedicatedChange() throws(FieldProblem) -> Event.DedicatedChange {
    guard fields.dedicatedAgent != 0 else { return .keep }
    let agent: AgentID? = try reader.optionalName(fields.dedicatedAgent, "dedicated_agent")
    return agent.map { .set($0) } ?? .clear
  }
}
