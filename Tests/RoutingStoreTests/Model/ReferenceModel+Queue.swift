import Routing

/// Waiting lists: who is before whom, and what a customer is told of it.
extension ReferenceModel {
  /// One level of the waiting list under the order `strict`.
  static let band: Int64 = 4_398_046_511_104

  /// Least first.
  func score(_ conversation: Conversation) -> Int64 {
    if let credit = credit(conversation.group) {
      return conversation.queuedAt - Int64(conversation.level) * credit
    }
    return Int64(10 - conversation.level) * Self.band + conversation.queuedAt
  }

  /// What a level is worth in the group; nil under the order `strict`.
  func credit(_ group: GroupID) -> Int64? {
    guard let queue = groups[group]?.settings.queue, queue.order == .credit else { return nil }
    return queue.credit.rawValue
  }

  func comesFirst(_ one: Conversation, _ other: Conversation) -> Bool {
    (score(one), one.id) < (score(other), other.id)
  }

  func queue(_ group: GroupID) -> [Conversation] {
    conversations.values.filter { $0.isInLine && $0.group == group }.sorted(by: comesFirst)
  }

  /// Behind everybody who came before at this level, also within one millisecond.
  func timeOfQueueing(_ level: Int, _ group: GroupID) -> Int64 {
    let last = queue(group).filter { $0.level == level }.map(\.queuedAt).max()
    return max(now, (last ?? 0) + 1)
  }

  func takesMore(_ group: GroupID) -> Bool {
    guard let queue = settings(group)?.queue else { return false }
    return queue.enabled && self.queue(group).count < queue.limit
  }

  /// The position among the own level and the estimated wait in seconds, or nil where they are hidden.
  func numbers(_ conversation: Conversation) -> (position: Int, wait: Int64)? {
    let queue = queue(conversation.group)
    let slots = slots(conversation.group)
    guard let settings = settings(conversation.group)?.queue, slots > 0, queue.count <= settings.hide.waiting
    else { return nil }
    let ahead = queue.filter { comesFirst($0, conversation) }
    let wait = estimate(ahead.count + 1, conversation.group, settings, slots)
    guard wait * 1_000 <= settings.hide.wait.rawValue else { return nil }
    return (ahead.count { $0.level == conversation.level } + 1, wait)
  }

  /// ceil(position × handle time / slots), in seconds.
  private func estimate(_ position: Int, _ group: GroupID, _ queue: QueueConfiguration, _ slots: Int) -> Int64
  {
    let handleTime: Int64
    switch queue.handleTime {
    case .fixed(let time): handleTime = time.rawValue
    case .measured:
      let tally = tallies[group] ?? Tally()
      let isKnown = tally.handleCount >= 20
      handleTime =
        isKnown ? tally.handleMs / tally.handleCount : QueueConfiguration.HandleTime.assumed.rawValue
    }
    let total = Int64(position) * handleTime
    let perSecond = Int64(slots) * 1_000
    return (total + perSecond - 1) / perSecond
  }
}
