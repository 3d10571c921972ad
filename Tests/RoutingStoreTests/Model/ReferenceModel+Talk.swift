import Routing

/// What is said, and what the assistant says to it.
extension ReferenceModel {
  mutating func message(_ id: ConversationID, _ from: Event.Speaker, _ text: String, _ agent: AgentID?) throws
  {
    let conversation = try known(id)
    if conversation.state == .closed { return }
    switch from {
    case .agent:
      guard conversation.state == .active, agent == nil || agent == conversation.agent else { return }
      agentSpoke(conversation)
    case .bot:
      guard conversation.state == .bot else { return }
      conversations[id]?.spoke = from
      conversations[id]?.spokeAt = now
      if configuration.assistant.gateway != nil { reply(id, "message", text) }
    case .customer:
      conversations[id]?.spoke = from
      conversations[id]?.spokeAt = now
      try customerSpoke(id, text)
    }
  }

  private mutating func agentSpoke(_ conversation: Conversation) {
    let id = conversation.id
    // The record as it lies there, or the default in place of one that is gone.
    let settings = recorded(conversation.group)
    conversations[id]?.spoke = .agent
    conversations[id]?.spokeAt = now
    conversations[id]?.unansweredSince = nil
    conversations[id]?.isSlow = false
    if conversation.answeredAt == nil {
      conversations[id]?.answeredAt = now
      let time = max(0, now - conversation.askedAt)
      count("answered", conversation, group: conversation.group, agent: conversation.agent, value: time)
      if time <= settings?.serviceLevel.rawValue ?? 30_000 {
        count("in_time", conversation, group: conversation.group, agent: conversation.agent)
      }
    }
    let timeout = settings?.idleTimeout.rawValue ?? 0
    if timeout > 0, !conversation.idleIsArmed {
      conversations[id]?.idleIsArmed = true
      due[timer("idle", id)] = now + timeout
    }
  }

  private mutating func customerSpoke(_ id: ConversationID, _ text: String) throws(Behind) {
    guard let conversation = conversations[id] else { return }
    switch conversation.state {
    case .active:
      guard conversation.unansweredSince == nil, conversation.responseAlert > 0 else { return }
      conversations[id]?.unansweredSince = now
      due[timer("response", id)] = now + conversation.responseAlert
    case .waiting:
      keep(text, id)
      if conversation.rule == nil, wordsMatter, !text.isEmpty, try moveByRules(id) { return }
      try sign(id)
      if conversations[id]?.state == .waiting { conversations[id]?.signAt = now }
    case .bot:
      keep(text, id)
      if !text.isEmpty { try ask(id, text) }
    case .closed: break
    }
  }

  /// The last 20 texts, and of these not more than 4 KiB.
  private mutating func keep(_ text: String, _ id: ConversationID) {
    guard var conversation = conversations[id], !text.isEmpty else { return }
    guard conversation.state == .bot || (conversation.rule == nil && wordsMatter) else { return }
    conversation.texts.append(text)
    while conversation.texts.count > 20
      || (conversation.texts.count > 1 && conversation.texts.reduce(0) { $0 + $1.utf8.count } > 4_096)
    {
      conversation.texts.removeFirst()
    }
    conversations[id] = conversation
  }

  /// One that waits without a rule goes to the group of the first rule that its texts match.
  private mutating func moveByRules(_ id: ConversationID) throws(Behind) -> Bool {
    guard var conversation = conversations[id] else { return false }
    let routed = route(conversation)
    guard groupNamed(by: routed) != nil else { return false }
    let group = routed.group
    try look(group)
    count(routed, after: conversation)
    conversation.promoted = 0
    conversation.texts = []
    follow(routed, &conversation)
    conversation.mode = routed.mode == .humanOnly ? .humanOnly : .humanFirst
    conversation.signAt = now
    conversations[id] = conversation
    move(id, to: group)
    try settle(id, in: group, reason: "queue")
    return true
  }

  /// One that has lost its place: by step 3 and 7 to an agent, or at its old place into the queue.
  mutating func settle(
    _ id: ConversationID, in group: GroupID, reason: String, except: AgentID? = nil
  ) throws(Behind) {
    guard let conversation = conversations[id] else { return }
    let isManual = isByHand(group, id)
    if !isManual, let agent = try best(group, for: conversation, except: except) {
      assign(id, to: agent, reason)
    } else {
      enqueue(id, isManual: isManual)
    }
  }

  /// Whether a later text can match a rule that an earlier one did not.
  var wordsMatter: Bool { configuration.rules.contains { !$0.what.keywords.isEmpty && !$0.continues } }

  // MARK: The assistant

  enum AssistantReply: Equatable {
    case handoff
    case answer(String)
    case miss
  }

  func asksForPerson(_ text: String) -> Bool { assistantReply(text, nil) == .handoff }

  /// Handoff words first, then answers: those of the product line chosen in a menu before the others.
  func assistantReply(_ text: String, _ category: String?) -> AssistantReply {
    let asked = FoldedText(text).bytes
    func has(_ word: String) -> Bool { Self.contains(asked, FoldedText(word).bytes) }
    if configuration.assistant.handoff.contains(where: has) { return .handoff }
    let lines = configuration.assistant.answers
    let ordered = lines.filter { $0.name == category } + lines.filter { $0.name != category }
    for answer in ordered.flatMap(\.answers) where answer.keywords.contains(where: has) {
      return .answer(answer.text)
    }
    return .miss
  }

  private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
    guard !word.isEmpty, word.count <= text.count else { return false }
    return (0...text.count - word.count).contains { Array(text[$0..<$0 + word.count]) == word }
  }

  private mutating func ask(_ id: ConversationID, _ text: String) throws(Behind) {
    guard let conversation = conversations[id] else { return }
    let meaning = assistantReply(text, conversation.category)
    let mayHandOff = conversation.mode != .botOnly
    if let bot = configuration.assistant.gateway {
      forward(conversation, text, to: bot)
      if meaning == .handoff, mayHandOff { try handOff(id) }
      return
    }
    switch meaning {
    case .handoff: if mayHandOff { try handOff(id) }
    case .answer(let answer):
      conversations[id]?.misses = 0
      reply(id, "faq", answer)
      count("faq", conversation, group: conversation.group)
    case .miss:
      conversations[id]?.misses += 1
      count("missed", conversation, group: conversation.group)
      if mayHandOff, conversation.misses + 1 >= configuration.assistant.maxMisses { try handOff(id) }
    }
  }

  // MARK: Rating

  mutating func rate(_ id: ConversationID, _ score: Int, _ comment: String?) throws(Refused) {
    let conversation = try known(id)
    if conversation.state == .closed, let window = configuration.surveyWindow,
      now - conversation.closedAt > window.rawValue
    {
      throw Refused()
    }
    // The same once more is told twice, and counts once.
    let isSaidAlready = (comment ?? "").isEmpty || comment == conversation.comment
    if conversation.score == score, isSaidAlready { return }
    conversations[id]?.score = score
    conversations[id]?.ratedAt = now
    if let comment, !comment.isEmpty { conversations[id]?.comment = comment }
    count("rated", conversation, group: conversation.group, agent: conversation.agent, value: Int64(score))
    guard conversation.agent != nil else { return }
    let isBad = score <= configuration.badRating
    if isBad { alert("bad_rating", about: conversation, agent: conversation.agent, score: score) }
    guard let agent = conversation.agent, var avoid = customers[conversation.customer]?.avoid else { return }
    // The latest counts: who is rated badly again is kept longest.
    avoid.removeAll { $0 == agent }
    if isBad { avoid = (avoid + [agent]).suffix(16) }
    customers[conversation.customer]?.avoid = avoid
  }
}
