import Routing

/// The names of a shop's groups and agents, for people.
struct ShopNames: Sendable {
  var shop: String
  var groups: [(id: GroupID, name: String)]
  var agents: [(id: AgentID, name: String, capacity: Int)]

  init(_ configuration: ShopConfiguration) {
    shop = configuration.shop.rawValue
    groups = configuration.groupOrder.map { ($0, configuration.groups[$0]?.name ?? $0.rawValue) }
    agents = configuration.agents.values.sorted { $0.id < $1.id }
      .map { ($0.id, $0.name ?? $0.id.rawValue, $0.capacity) }
  }

  func group(_ id: GroupID?) -> String { groups.first { $0.id == id }?.name ?? id?.rawValue ?? "?" }
  func agent(_ id: AgentID?) -> String { agents.first { $0.id == id }?.name ?? id?.rawValue ?? "?" }
}

/// The latest of what happened, in words.
struct Chronicle: Sendable {
  struct Entry: Sendable {
    /// How much it matters to somebody who only looks at the large events.
    enum Weight: Sendable {
      case detail
      case event
    }

    var time: Int64
    var text: String
    var weight: Weight
  }

  let names: ShopNames
  private(set) var latest: [Entry] = []
  /// How many there have been.
  private(set) var count = 0

  private static let kept = 40

  init(names: ShopNames) { self.names = names }

  private mutating func note(_ text: String, at time: Int64, _ weight: Entry.Weight = .detail) {
    latest.append(Entry(time: time, text: text, weight: weight))
    if latest.count > Self.kept { latest.removeFirst() }
    count += 1
  }

  private func name(_ visit: Visit) -> String {
    (visit.name ?? "customer \(visit.id)") + (visit.vip ? " (VIP)" : "")
  }

  mutating func shift(_ change: ShiftChange, at time: Int64) {
    let name = names.agent(change.agent)
    switch change.kind {
    case .online: note("\(name) is online", at: time, .event)
    case .pause: note("\(name) takes a break", at: time, .event)
    case .offline: note("\(name) loses the connection", at: time, .event)
    }
  }

  mutating func queued(_ visit: Visit, _ command: Command, speed: Double, at time: Int64) {
    var text = "\(name(visit)) waits for \(names.group(command.group))"
    if let position = command.position { text += " at place \(position)" }
    if let seconds = command.waitSeconds {
      text += ", about \(ShopTime.span(Int64(Double(seconds) * 1_000 * speed)))"
    }
    note(text, at: time)
  }

  mutating func assigned(_ visit: Visit, _ command: Command, waited: Int64, at time: Int64) {
    var text = "\(names.agent(command.agent)) takes \(name(visit)) (\(names.group(command.group)))"
    if waited > 0 { text += " after \(ShopTime.span(waited))" }
    if command.reason == "requeue" { text += ", from another agent" }
    note(text, at: time)
  }

  mutating func requeued(_ visit: Visit, at time: Int64) {
    note("\(name(visit)) goes back to the queue, at the old place", at: time, .event)
  }

  mutating func turnedAway(_ visit: Visit, at time: Int64) {
    note("\(name(visit)) finds the queue full", at: time, .event)
  }

  mutating func closed(_ visit: Visit, reason: String, after span: Int64, at time: Int64) {
    switch reason {
    case "abandoned": note("\(name(visit)) gives up after \(ShopTime.span(span))", at: time)
    case "idle": note("\(name(visit)) has fallen silent and is closed", at: time)
    default: note("\(name(visit)) is done", at: time)
    }
  }
}
