import Routing

/// A customer comes: what is known of it, what the rules say, and where it goes.
extension ReferenceModel {
  mutating func open(_ opening: Event.Open) throws {
    let id = opening.conversation
    if let group = opening.group { try mustBeConfigured(group) }
    if let agent = opening.agent { try mustBeConfigured(agent) }
    if let known = conversations[id], known.state != .closed {
      guard known.customer == opening.customer.id else { throw Refused() }
      conversations[id]?.gateway = opening.gateway
      return try repeatStatus(id)
    }
    let isRepeat = customers[opening.customer.id]?.lastEnd.map { now - $0 <= 86_400_000 } ?? false
    merge(opening.customer)
    var conversation = Conversation(
      id: id, customer: opening.customer.id, gateway: opening.gateway, group: configuration.defaultGroup,
      level: 0,
      firstLevel: 0, mode: configuration.defaultMode, openedAt: now, askedAt: now, queuedAt: now)
    conversation.channel = opening.channel
    conversation.category = opening.category
    conversation.params = opening.params
    conversation.askedFor = opening.group
    conversation.requested = opening.agent
    conversation.dedicated = customers[opening.customer.id]?.dedicated.flatMap {
      configuration.agents[$0] == nil ? nil : $0
    }
    if let text = opening.text, !text.isEmpty { conversation.texts = [text] }
    conversation.avoid = customers[opening.customer.id]?.avoid ?? []
    let routed = route(conversation)
    follow(routed, &conversation)
    conversation.group = routed.group
    conversation.mode = routed.mode
    try look(conversation.group)
    if emergency != nil {
      if let group = configuration.emergency.group {
        try look(group)
        conversation.group = group
      }
      conversation.mode = configuration.emergency.mode ?? conversation.mode
    }
    conversations[id] = conversation
    count(routed)
    count("opened", conversation, group: conversation.group)
    if isRepeat { count("repeat", conversation, group: conversation.group) }
    if let emergency {
      let plan = configuration.emergency
      reply(id, "emergency", emergency.notice ?? plan.notice ?? configuration.texts.emergency)
    }
    try place(id, opening)
  }

  private mutating func place(_ id: ConversationID, _ opening: Event.Open) throws(Behind) {
    guard let conversation = conversations[id] else { return }
    let text = opening.text ?? ""
    var isForBot = conversation.mode == .botFirst || conversation.mode == .botOnly
    if conversation.mode == .botFirst, asksForPerson(text) {
      conversations[id]?.mode = .humanFirst
      isForBot = false
    }
    if isForBot { giveToBot(id) } else { try seek(id, isHandoff: false) }
    if conversations[id]?.state == .waiting, !heeds(conversation) { conversations[id]?.texts = [] }
    guard let placed = conversations[id], placed.state == .bot, !text.isEmpty else { return }
    if let bot = configuration.assistant.gateway {
      forward(placed, text, to: bot)
    } else if case .answer(let answer) = assistantReply(text, placed.category) {
      reply(id, "faq", answer)
      count("faq", placed, group: placed.group)
    }
  }

  /// Whether the rules may look at a waiting conversation's first words again: until one matches, or at a handoff.
  private func heeds(_ conversation: Conversation) -> Bool {
    if conversation.rule == nil, wordsMatter { return true }
    return configuration.groups.values.contains { group in
      group.hours != nil || group.queue.overflow.contains { $0.handToBot }
    }
  }

  /// What the event says of the customer goes over what is stored.
  mutating func merge(_ told: Event.Customer, dedicated: Event.DedicatedChange = .keep) {
    let old = customers[told.id]
    var new = old ?? Customer(profile: CustomerProfile(id: told.id))
    new.profile.name = told.name ?? new.profile.name
    new.profile.vip = told.vip ?? new.profile.vip
    new.profile.level = told.level ?? new.profile.level
    new.profile.tags = told.tags ?? new.profile.tags
    if let attributes = told.attributes {
      var merged = attributes
      for (name, value) in new.profile.attributes.sorted(by: { $0.key < $1.key })
      where merged[name] == nil && merged.count < EventLimits.attributes {
        merged[name] = value
      }
      new.profile.attributes = merged
    }
    switch dedicated {
    case .keep: break
    case .clear: new.dedicated = nil
    case .set(let agent): new.dedicated = agent
    }
    if new != old { new.revision += 1 }
    customers[told.id] = new
  }

  // MARK: Rules

  /// The rules over what is known of a conversation.
  func route(_ conversation: Conversation) -> RoutedRequest {
    let customer = customers[conversation.customer]?.profile ?? CustomerProfile(id: conversation.customer)
    let request = RoutingRequest(
      customer: customer, level: level(customer, conversation.params), channel: conversation.channel,
      category: conversation.category, params: conversation.params, texts: conversation.texts,
      group: conversation.askedFor)
    return rules.route(request) { clock.isOpen($0, at: Moment(now)) }
  }

  private func level(_ customer: CustomerProfile, _ params: [String: String]) -> Level {
    let attribute = customer.level ?? (customer.vip == true ? configuration.levels.vip.rawValue : 0)
    let parameter = params[configuration.levels.param].flatMap { Int($0) }
    switch configuration.levels.source {
    case .attribute: return Level(clamping: attribute)
    case .param: return Level(clamping: parameter ?? 0)
    case .paramThenAttribute: return Level(clamping: parameter ?? attribute)
    }
  }

  /// Takes over what was found, group and mode excepted.
  func follow(_ routed: RoutedRequest, _ conversation: inout Conversation) {
    conversation.level = routed.level.rawValue
    conversation.firstLevel = routed.level.rawValue
    conversation.rule = routed.rule
    conversation.continued = routed.continued
    conversation.tags = routed.tags
    conversation.skills = routed.skills
    conversation.weight = routed.weight
    conversation.prefersSkilled = routed.prefer == .mostSkilled
    conversation.overflow = routed.overflow
    conversation.arms = routed.arms
  }

  /// The group that the rule which decided names, if it does.
  func groupNamed(by routed: RoutedRequest) -> GroupID? {
    configuration.rules.first { $0.name == routed.rule }?.route.group
  }

  // MARK: Handoff

  /// From the assistant to a person.
  mutating func handOff(_ id: ConversationID) throws(Behind) {
    guard let before = conversations[id], before.state == .bot else { return }
    var conversation = before
    let routed = route(conversation)
    conversation.group = try home(routed.group)
    follow(routed, &conversation)
    conversation.mode = routed.mode == .humanOnly ? .humanOnly : .humanFirst
    conversation.askedAt = now
    conversation.queuedAt = now
    conversations[id] = conversation
    count(routed, after: before)
    count("handed_off", conversation, group: conversation.group)
    if try !seek(id, isHandoff: true) { conversations[id]?.misses = 0 }
  }
}
