extension RoutingPlan {
  /// What shall become of a customer who asks for somebody (routing, sections 1 to 3).
  func decideOpening(_ open: Event.Open, _ snapshot: Snapshot, at now: Moment) -> Decision {
    if let group = open.group, let unknown = configuration.rejectingUnknown(group) { return unknown }
    if let agent = open.agent, let unknown = configuration.rejectingUnknown(agent) { return unknown }
    let text = open.text.map(GatheredTexts.kept) ?? ""
    let level = configuration.levels.level(of: open.customer, stored: snapshot.customer, params: open.params)
    let routed = route(
      RoutingRequest(
        customer: CustomerProfile(told: open.customer, stored: snapshot.customer), level: level,
        channel: open.channel, category: open.category, params: open.params,
        texts: text.isEmpty ? [] : [text], group: open.group), at: now)
    var route = Decision.Route(routed)
    let answer = firstAnswer(to: text, open.category, &route.fields)
    route.fields += fields(of: open, snapshot.customer)
    return .open(
      Decision.Opening(
        conversation: open.conversation, customer: open.customer.id, gateway: open.gateway, route: route,
        text: text, isHeeded: queuesLeadToAssistant || (routed.rule == nil && wordsMatter), answer: answer,
        customerRevision: snapshot.customer?.revision,
        customerFields: StoredCustomer.changes(open.customer, over: snapshot.customer)))
  }

  /// What the assistant would answer to the first text. Who asks for a person in it (`asks`) need not talk to the
  /// assistant first, whether a rule or the emergency plan, which only the function knows, would have it so.
  private func firstAnswer(
    to text: String, _ category: String?, _ fields: inout [Decision.Field]
  ) -> String {
    guard !text.isEmpty else { return "" }
    switch assistant.reply(to: text, category: category) {
    case .handoff:
      fields.append(.init("asks", "1"))
      return ""
    case .answer(_, let text): return configuration.assistant.gateway == nil ? text : ""
    case .miss: return ""
    }
  }

  /// What the record keeps of an opening, as far as somebody will ask for it.
  private func fields(of open: Event.Open, _ stored: StoredCustomer?) -> [Decision.Field] {
    var fields: [Decision.Field] = []
    if let agent = open.agent { fields.append(.init("requested", agent.rawValue)) }
    if let agent = stored?.dedicatedAgent, configuration.agents[agent] != nil {
      fields.append(.init("dedicated", agent.rawValue))
    }
    if let channel = open.channel { fields.append(.init("channel", channel)) }
    if let category = open.category { fields.append(.init("category", category)) }
    if !open.params.isEmpty {
      fields.append(.init("params", HeardConversation.text(of: open.params)))
    }
    if let group = open.group { fields.append(.init("asked_for", group.rawValue)) }
    return fields
  }
}

extension Decision.Route {
  /// What the rules say, as the functions store it.
  init(_ routed: RoutedRequest) {
    var fields: [Decision.Field] = []
    if let rule = routed.rule { fields.append(.init("rule", rule)) }
    if !routed.continued.isEmpty {
      fields.append(.init("continued", routed.continued.joined(separator: "\t")))
    }
    if !routed.tags.isEmpty { fields.append(.init("tags", StoredCustomer.text(of: routed.tags))) }
    if !routed.skills.isEmpty {
      let skills = routed.skills.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
      fields.append(.init("skills", skills.joined(separator: " ")))
    }
    if routed.weight != 1 { fields.append(.init("weight", String(routed.weight))) }
    if let prefer = routed.prefer { fields.append(.init("prefer", prefer.rawValue)) }
    if !routed.overflow.isEmpty {
      fields.append(.init("overflow", routed.overflow.map(\.rawValue).joined(separator: " ")))
    }
    if !routed.arms.isEmpty {
      let arms = routed.arms.map { ($0.isInSample ? "+" : "-") + $0.rule }
      fields.append(.init("arms", arms.joined(separator: "\t")))
    }
    self.init(group: routed.group, level: routed.level, mode: routed.mode, fields: fields)
  }
}
