import Routing

/// What the two sides and the supervisor are told.
extension ReferenceModel {
  mutating func tell(
    _ gateway: GatewayID, _ type: Command.CommandType, _ conversation: Conversation, _ to: Command.Side,
    _ fill: (inout Command) -> Void = { _ in }
  ) {
    var command = Command(seq: 0, type: type, shop: configuration.shop, at: Moment(now))
    command.conversation = conversation.id
    command.customer = conversation.customer
    command.to = to
    fill(&command)
    send(command, to: gateway)
  }

  mutating func send(_ command: Command, to gateway: GatewayID) {
    var command = command
    command.seq = sequences[gateway, default: 0] + 1
    sequences[gateway] = command.seq
    outboxes[gateway, default: []].append(command)
  }

  mutating func tellAssigned(_ conversation: Conversation, _ to: Command.Side, _ gateway: GatewayID) {
    tell(gateway, .assigned, conversation, to) {
      $0.agent = conversation.agent
      $0.group = conversation.group
      $0.level = Level(clamping: conversation.level)
      $0.reason = conversation.reason
      $0.waitedMs = conversation.waitedMs
      if to == .agent { $0.note = conversation.note }
    }
  }

  mutating func tellBot(_ conversation: Conversation) {
    tell(conversation.gateway, .bot, conversation, .customer) { $0.group = conversation.group }
  }

  mutating func tellClosed(_ conversation: Conversation, _ to: Command.Side, _ gateway: GatewayID) {
    tell(gateway, .closed, conversation, to) {
      $0.by = conversation.closedBy
      $0.reason = conversation.closeReason
    }
  }

  /// To both sides: its agent does not have it any more.
  mutating func tellRequeued(_ conversation: Conversation, _ agent: GatewayID, _ reason: String) {
    tell(conversation.gateway, .requeued, conversation, .customer) { $0.reason = reason }
    tell(agent, .requeued, conversation, .agent) { $0.reason = reason }
  }

  /// Its position among its own level, and the estimate over all who are served before it.
  @discardableResult
  mutating func tellQueued(_ id: ConversationID) -> (position: Int, wait: Int64)? {
    guard let conversation = conversations[id] else { return nil }
    let numbers = numbers(conversation)
    tell(conversation.gateway, .queued, conversation, .customer) {
      $0.group = conversation.group
      $0.position = numbers?.position
      $0.waitSeconds = numbers?.wait
      $0.hidden = numbers == nil
    }
    // Of interest only where fresh numbers are pushed.
    if (settings(conversation.group)?.queue.notify.rawValue ?? 0) > 0 {
      conversations[id]?.told = numbers?.position
    }
    return numbers
  }

  /// Repeats to the customer's gateway what is so.
  mutating func tellStatus(_ id: ConversationID) {
    guard let conversation = conversations[id] else { return }
    switch conversation.state {
    case .bot: tellBot(conversation)
    case .waiting: tellQueued(id)
    case .active: tellAssigned(conversation, .customer, conversation.gateway)
    case .closed: tellClosed(conversation, .customer, conversation.gateway)
    }
  }

  // MARK: Texts

  /// An automatic text to the customer; an empty one is not sent.
  mutating func reply(_ id: ConversationID, _ kind: String, _ text: String) {
    guard let conversation = conversations[id], !text.isEmpty else { return }
    tell(conversation.gateway, .reply, conversation, .customer) {
      $0.kind = kind
      $0.text = text
    }
  }

  /// To an outside bot.
  mutating func forward(_ conversation: Conversation, _ text: String, to bot: GatewayID) {
    guard !text.isEmpty else { return }
    tell(bot, .reply, conversation, .agent) {
      $0.kind = "message"
      $0.text = text
    }
  }

  mutating func tellBusy(_ id: ConversationID, _ numbers: (position: Int, wait: Int64)?) {
    guard let numbers else { return reply(id, "busy", configuration.texts.busyHidden) }
    let text = configuration.texts.busy
    reply(
      id, "busy",
      text.replacing("{position}", with: "\(numbers.position)")
        .replacing("{wait}", with: Self.span(numbers.wait, in: text)))
  }

  /// A time for people, in the language of the text that it stands in.
  static func span(_ seconds: Int64, in text: String) -> String {
    let isChinese = text.utf8.contains { (0xE4...0xE9).contains($0) }
    if seconds >= 60 { return "\((seconds + 59) / 60)" + (isChinese ? "分钟" : " min") }
    return "\(seconds)" + (isChinese ? "秒" : " s")
  }

  // MARK: Alerts

  mutating func alert(_ kind: String, _ fill: (inout Command) -> Void) {
    guard let gateway = configuration.supervisorGateway else { return }
    var command = Command(seq: 0, type: .alert, shop: configuration.shop, at: Moment(now))
    command.kind = kind
    fill(&command)
    send(command, to: gateway)
  }

  mutating func alert(
    _ kind: String, about conversation: Conversation, agent: AgentID? = nil, score: Int? = nil,
    waited: Int64? = nil
  ) {
    alert(kind) {
      $0.conversation = conversation.id
      $0.customer = conversation.customer
      $0.group = conversation.group
      $0.agent = agent
      $0.score = score
      $0.waitedMs = waited
    }
  }

  /// At most once a minute for each group and kind.
  mutating func alertNoAgents(_ group: GroupID, _ conversation: Conversation) {
    guard mayAlert(tallies[group]?.toldNoAgents) else { return }
    tallies[group, default: Tally()].toldNoAgents = now
    alert("no_agents", about: conversation)
  }

  /// At most once a minute for each group and kind.
  mutating func alertQueueFull(_ group: GroupID, _ conversation: Conversation) {
    guard mayAlert(tallies[group]?.toldQueueFull) else { return }
    tallies[group, default: Tally()].toldQueueFull = now
    alert("queue_full", about: conversation)
  }

  private func mayAlert(_ told: Int64?) -> Bool {
    configuration.supervisorGateway != nil && now - (told ?? .min / 2) >= 60_000
  }
}
