extension RoutingPlan {
  /// What a word means: for the clocks only, mostly; for the assistant, or for rules while nobody has the conversation.
  func decideMessage(
    _ id: ConversationID, _ from: Event.Speaker, _ text: String, _ agent: AgentID?, _ snapshot: Snapshot,
    at now: Moment
  ) -> Decision {
    if from == .bot, !text.isEmpty, configuration.assistant.gateway != nil {
      return .relay(conversation: id, text: text)
    }
    let plain = Decision.message(
      conversation: id, from: from, agent: agent, mayMatter: wordsMatter && !text.isEmpty)
    guard from == .customer, let heard = snapshot.conversation else { return plain }
    switch heard.state {
    case .bot: return hear(text, id, heard, at: now)
    case .waiting: return wait(text, id, heard, at: now)
    case .active, .closed: return plain
    }
  }

  /// From the assistant to a person: the rules run over all that was said. Why it was asked for is kept for people.
  func decideHandoff(
    _ id: ConversationID, _ reason: String, _ snapshot: Snapshot, at now: Moment
  ) -> Decision {
    guard let heard = snapshot.conversation else {
      let route = Decision.Route(
        group: configuration.defaultGroup, level: .ordinary, mode: .humanFirst, fields: [])
      return .handoff(conversation: id, heard: 0, route: route)
    }
    var route = handoffRoute(heard, adding: nil, at: now)
    if !reason.isEmpty { route.fields.append(Decision.Field("handoff_reason", reason)) }
    return .handoff(conversation: id, heard: heard.heard, route: route)
  }

  /// The assistant hears something (routing, section 3).
  private func hear(
    _ text: String, _ id: ConversationID, _ heard: HeardConversation, at now: Moment
  ) -> Decision {
    let kept = GatheredTexts.kept(text)
    var answer = ""
    let meaning: Decision.Listening.Meaning
    switch text.isEmpty ? nil : assistant.reply(to: text, category: heard.category) {
    case .handoff?: meaning = .handoff
    case .answer(_, let text)? where configuration.assistant.gateway == nil:
      answer = text
      meaning = .faq
    case .miss? where configuration.assistant.gateway == nil: meaning = .missed
    case .answer?, .miss?, nil: meaning = .gather
    }
    return listening(id, heard, meaning, answer, kept, handoffRoute(heard, adding: kept, at: now))
  }

  /// A waiting customer says something: whoever matched no rule so far may match one now.
  private func wait(
    _ text: String, _ id: ConversationID, _ heard: HeardConversation, at now: Moment
  ) -> Decision {
    let kept = GatheredTexts.kept(text)
    guard heard.rule == nil, wordsMatter, !kept.isEmpty else {
      let route = Decision.Route(group: heard.group, level: heard.level, mode: heard.mode, fields: [])
      return listening(id, heard, .gather, "", "", route)
    }
    let routed = route(heard, adding: kept, at: now)
    let rule = routed.rule.flatMap { name in configuration.rules.first { $0.name == name } }
    let isMove = rule?.route.group != nil
    return listening(id, heard, isMove ? .matched : .gather, "", kept, Decision.Route(routed))
  }

  /// The rules over all texts; the mode is a human one in any case, since a person was asked for.
  private func handoffRoute(
    _ heard: HeardConversation, adding text: String?, at now: Moment
  ) -> Decision.Route {
    let routed = route(heard, adding: text.flatMap { $0.isEmpty ? nil : $0 }, at: now)
    var route = Decision.Route(routed)
    route.mode = routed.mode == .humanOnly ? .humanOnly : .humanFirst
    return route
  }

  private func listening(
    _ id: ConversationID, _ heard: HeardConversation, _ meaning: Decision.Listening.Meaning, _ answer: String,
    _ text: String, _ route: Decision.Route
  ) -> Decision {
    .listen(
      Decision.Listening(
        conversation: id, state: heard.state, heard: heard.heard, meaning: meaning, answer: answer,
        text: text,
        dropped: GatheredTexts.dropped(heard.texts, before: text), route: route))
  }
}
