import Routing

/// The line of a conversation.
extension ReferenceModel {
  func line(_ c: Conversation) -> String {
    "conv \(c.id) " + Self.words(fields(c), without: WorldFields.hidden(in: c.state))
  }

  /// By the names of the record in Redis.
  private func fields(_ c: Conversation) -> [(String, String?)] {
    func names(_ ids: [some Name]) -> String { ids.map(\.rawValue).joined(separator: " ") }
    func time(_ moment: Int64?) -> String? { moment.map { "\($0)" } }
    func flag(_ flag: Bool) -> String? { flag ? "1" : nil }
    let credit = c.state == .waiting ? credit(c.group) : nil
    var fields: [(String, String?)] = [
      ("state", c.state.rawValue), ("customer", c.customer.rawValue), ("gateway", c.gateway.rawValue),
      ("group", c.group.rawValue), ("level", "\(c.level)"), ("first_level", "\(c.firstLevel)"),
      ("mode", c.mode.rawValue), ("rule", c.rule), ("weight", c.weight > 1 ? "\(c.weight)" : nil),
      ("prefer", c.prefersSkilled ? "most-skilled" : nil), ("overflow", names(c.overflow)),
      ("skills", Self.numbers(c.skills.map { ($0.rawValue, $1) })), ("tags", Self.list(c.tags)),
      ("arms", c.arms.map { ($0.isInSample ? "+" : "-") + $0.rule }.joined(separator: "\t")),
      ("continued", c.continued.joined(separator: "\t")), ("asked_for", c.askedFor?.rawValue),
      ("params", Self.object(c.params)), ("channel", c.channel), ("category", c.category),
      ("avoid", names(c.avoid)),
      ("opened_at", "\(c.openedAt)"), ("asked_at", "\(c.askedAt)"), ("queued_at", "\(c.queuedAt)"),
    ]
    fields += [
      ("waiting_since", time(c.waitingSince)), ("only", c.only?.rawValue), ("only_until", time(c.onlyUntil)),
      ("only_reason", c.onlyReason), ("excluded", c.excluded?.rawValue),
      ("excluded_until", time(c.excludedUntil)),
      ("offered", names(c.offered)), ("steps", "\(c.steps)"), ("promoted", "\(c.promoted)"),
      ("relaxed", "\(c.relaxed)"), ("look_at", time(c.lookAt)), ("manual", flag(c.isManual)),
      ("parked_at", time(c.parkedAt)), ("credit", time(credit)),
      ("estimate", time(c.estimate.map { $0 / 1_000 })),
      ("told", c.told.map { "\($0)" }), ("sign_at", time(c.signAt)),
    ]
    fields += [
      ("agent", c.agent?.rawValue), ("reason", c.reason), ("units", c.units > 1 ? "\(c.units)" : nil),
      ("waited_ms", "\(c.waitedMs)"), ("assigned_at", "\(c.assignedAt)"), ("answered_at", time(c.answeredAt)),
      ("unanswered_since", time(c.unansweredSince)), ("response_alert", "\(c.responseAlert)"),
      ("slow", flag(c.isSlow)), ("greeted", flag(c.isGreeted)), ("note", c.note),
      ("handoff_reason", c.handoffReason),
      ("spoke", c.spoke?.rawValue),
      ("spoke_at", time(c.spokeAt)), ("idle_armed", flag(c.idleIsArmed)), ("misses", "\(c.misses)"),
    ]
    fields += [
      ("closed_at", "\(c.closedAt)"), ("closed_by", c.closedBy), ("close_reason", c.closeReason),
      ("score", c.score.map { "\($0)" }), ("rated_at", time(c.ratedAt)), ("comment", c.comment),
    ]
    return fields
  }

  private static func object(_ texts: [String: String]) -> String? {
    guard !texts.isEmpty else { return nil }
    var json = JSONText()
    json.beginObject()
    for (name, value) in texts.sorted(by: { $0.key < $1.key }) {
      json.key(name)
      json.value(value)
    }
    json.endObject()
    return json.text
  }

  private static func list(_ texts: [String]) -> String? {
    guard !texts.isEmpty else { return nil }
    var json = JSONText()
    json.beginArray()
    for text in texts { json.value(text) }
    json.endArray()
    return json.text
  }
}
