import Routing

/// Which fields of a record are not compared, and why.
///
/// A field that means nothing in a state may stay from the state before or may be gone; both are right. All
/// other fields, also those that nobody thought of here, are compared.
enum WorldFields {
  private static let whileWaiting: Set<String> = [
    "waiting_since", "only", "only_until", "only_reason", "excluded", "excluded_until", "offered", "steps",
    "promoted",
    "relaxed", "estimate", "told", "manual", "parked_at", "look_at", "credit", "sign_at",
  ]
  private static let whileActive: Set<String> = [
    "reason", "waited_ms", "assigned_at", "units", "answered_at", "unanswered_since", "response_alert",
    "slow",
  ]
  private static let whileOpen: Set<String> = [
    "mode", "skills", "weight", "prefer", "overflow", "avoid", "heard", "first_level", "asked_at", "greeted",
    "note", "queued_at", "tags", "rule", "continued",
  ]
  /// Asked for again only while the assistant has it.
  private static let once: Set<String> = ["channel", "category", "params", "asked_for"]
  private static let byClock: Set<String> = ["spoke", "spoke_at", "idle_armed"]
  private static let atTheEnd: Set<String> = ["closed_at", "closed_by", "close_reason"]
  /// Kept for people, and for the functions' own speed.
  private static let never = Set(
    ["heard", "said", "requested", "dedicated", "sign_at"] + (1...48).map { "why\($0)" })

  /// What is not compared in each state of a conversation.
  static func hidden(in state: ReferenceModel.Conversation.State) -> Set<String> {
    switch state {
    case .bot: never.union(whileWaiting).union(whileActive).union(atTheEnd).union(["agent", "queued_at"])
    case .waiting:
      never.union(whileActive).union(byClock).union(atTheEnd).union(["agent", "misses"]).union(once)
    case .active: never.union(whileWaiting).union(atTheEnd).union(["misses"]).union(once)
    case .closed:
      never.union(whileWaiting).union(whileActive).union(whileOpen).union(byClock).union(["misses"]).union(
        once)
    }
  }

  /// The sums and notes of a group; all else in its record are settings.
  static let group: Set<String> = [
    "version", "online", "paused", "slots", "turn", "changed_at", "handle_ms", "handle_n", "told_no_agents",
    "told_queue_full", "retired",
  ]
  static let agent: Set<String> = [
    "paused_at", "groups", "wanted", "ramped", "ramp_minute", "ramp_count", "offline_at",
  ]

  /// For the script: by state or kind of record the names that it leaves out.
  static var leftOut: String {
    var json = JSONText()
    json.beginObject()
    func write(_ key: String, _ names: Set<String>) {
      json.key(key)
      json.beginObject()
      for name in names.sorted() {
        json.key(name)
        json.value(true)
      }
      json.endObject()
    }
    for state in [ReferenceModel.Conversation.State.bot, .waiting, .active, .closed] {
      write(state.rawValue, hidden(in: state))
    }
    write("agent", agent)
    write("customer", [])
    write("compared_of_group", group)
    json.endObject()
    return json.text
  }
}
