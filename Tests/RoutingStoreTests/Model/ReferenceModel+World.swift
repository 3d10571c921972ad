import Routing

/// All that the model holds, as the lines that ``World`` reads from Redis.
extension ReferenceModel {
  var world: [String] {
    var lines = ["position \(position)", "dead \(dead)"]
    lines += agents.values.map(line)
    for agent in agents.values {
      let held = held(by: agent.id).map(\.id.rawValue)
      if !held.isEmpty { lines.append("held \(agent.id) " + held.joined(separator: " ")) }
      let wrapUps = agent.wrapUps.sorted {
        $0.end != $1.end ? $0.end < $1.end : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
      }
      if !wrapUps.isEmpty {
        let places = wrapUps.map { "\($0.name)@\($0.end)" }
        lines.append("wrap \(agent.id) " + places.joined(separator: " "))
      }
    }
    lines += groups.map(line)
    for group in Set(agents.values.flatMap { $0.groups.map(\.group) }) {
      let ready = ready(group).map(\.rawValue)
      if !ready.isEmpty { lines.append("ready \(group) " + ready.joined(separator: " ")) }
      let busy = busy(group).map(\.rawValue)
      if !busy.isEmpty { lines.append("busy \(group) " + busy.joined(separator: " ")) }
    }
    lines += waitingLists
    for conversation in conversations.values {
      lines.append(line(conversation))
      let isHeard = conversation.state == .bot || (conversation.state == .waiting && conversation.rule == nil)
      if isHeard, !conversation.texts.isEmpty {
        lines.append("texts \(conversation.id) " + conversation.texts.joined(separator: "|"))
      }
    }
    lines += customers.values.map(line)
    lines += due.map { "due \($0) \($1)" }
    lines += sources.map { "source \($0) \($1)" }
    return lines.sorted()
  }

  /// What is counted, as ``World/statistics(_:shard:on:)`` reads it.
  var counters: [String] {
    statistics.map { key, fields in
      key + " " + Self.words(fields.map { ($0, "\($1)") })
    }
    .sorted()
  }

  private var waitingLists: [String] {
    var lines: [String] = []
    func list(
      _ word: String, _ id: some CustomStringConvertible, _ entries: [(Int64, String)], scored: Bool = true
    ) {
      guard !entries.isEmpty else { return }
      let sorted = entries.sorted {
        ($0.0, ConversationID(unchecked: $0.1)) < ($1.0, ConversationID(unchecked: $1.1))
      }
      lines.append("\(word) \(id) " + sorted.map { scored ? "\($1)@\($0)" : $1 }.joined(separator: " "))
    }
    let waiting = conversations.values.filter { $0.state == .waiting }
    for group in Set(waiting.flatMap { [$0.group] + $0.offered }) {
      let here = waiting.filter { $0.group == group }
      let line = here.filter(\.isInLine)
      list("wait", group, line.map { (score($0), $0.id.rawValue) })
      list("parked", group, here.filter { !$0.isInLine }.map { (score($0), $0.id.rawValue) }, scored: false)
      let offered = waiting.filter { $0.isInLine && $0.offered.contains(group) }
      list("offer", group, offered.map { (score($0), $0.id.rawValue) })
      guard credit(group) != nil else { continue }
      for level in 0...10 {
        list(
          "level", "\(group):\(level)",
          line.filter { $0.level == level }.map { ($0.queuedAt, $0.id.rawValue) })
      }
    }
    for agent in Set(waiting.compactMap(\.only)) {
      let wanted = waiting.filter { $0.isInLine && $0.only == agent }
      list("wanted", agent, wanted.map { (score($0), $0.id.rawValue) }, scored: false)
    }
    return lines
  }

  /// Sorted `name=value` words; empty ones and 0 count as absent.
  static func words(_ fields: [(String, String?)], without hidden: Set<String> = []) -> String {
    fields.compactMap { name, value -> String? in
      guard let value, !value.isEmpty, value != "0", !hidden.contains(name) else { return nil }
      return name + "=" + value.replacing(" ", with: ",").replacing("\n", with: ",")
    }
    .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.joined(separator: " ")
  }

  func line(_ agent: Agent) -> String {
    let spread = spread(agent.id)
    var fields: [(String, String?)] = [
      ("status", agent.status.rawValue), ("gateway", agent.gateway.rawValue), ("load", "\(load(agent.id))"),
      ("used", "\(used(agent.id))"), ("spread", Self.numbers(spread.map { ($0.rawValue, $1) })),
      ("capacity", "\(agent.capacity)"), ("target", "\(agent.target)"),
      ("skills", Self.numbers(agent.skills.map { ($0.rawValue, $1) })), ("weight", "\(agent.weight)"),
      ("ramp", "\(agent.ramp)"), ("version", "\(agent.version)"), ("idle_since", "\(agent.idleSince)"),
      ("online_at", "\(agent.onlineAt)"), ("heartbeat_at", "\(agent.heartbeatAt)"),
      ("ramp_at", "\(agent.rampAt)"),
      ("slow", "\(conversations.values.count { $0.state == .active && $0.agent == agent.id && $0.isSlow })"),
    ]
    fields += agent.turns.map { ("turn:\($0)", "\($1)") }
    return "agent \(agent.id) " + Self.words(fields)
  }

  /// `NAME:NUMBER NAME:NUMBER …`
  static func numbers(_ numbers: [(String, Int)]) -> String {
    numbers.filter { $0.1 > 0 }.map { "\($0.0):\($0.1)" }.sorted().joined(separator: " ")
  }

  private func line(_ id: GroupID, _ group: Group) -> String {
    let tally = tallies[id] ?? Tally()
    return "group \(id) "
      + Self.words([
        ("version", "\(group.version)"), ("online", "\(online(id).count)"), ("paused", "\(paused(id).count)"),
        ("slots", "\(slots(id))"), ("turn", "\(tally.turn)"), ("changed_at", "\(tally.changedAt ?? 0)"),
        ("handle_ms", "\(tally.handleMs)"), ("handle_n", "\(tally.handleCount)"),
        ("told_no_agents", "\(tally.toldNoAgents ?? 0)"), ("told_queue_full", "\(tally.toldQueueFull ?? 0)"),
        ("retired", group.isRetired ? "1" : nil),
      ])
  }

  private func line(_ customer: Customer) -> String {
    let profile = customer.profile
    var tags = JSONText()
    tags.beginArray()
    for tag in profile.tags { tags.value(tag) }
    tags.endArray()
    var attributes = JSONText()
    attributes.beginObject()
    for (name, value) in profile.attributes.sorted(by: { $0.key < $1.key }) {
      attributes.key(name)
      switch value {
      case .text(let text): attributes.value(text)
      case .number(let number):
        if number == number.rounded() { attributes.value(Int64(number)) } else { attributes.value(number) }
      case .flag(let flag): attributes.value(flag)
      }
    }
    attributes.endObject()
    return "customer \(profile.id) "
      + Self.words([
        ("revision", "\(customer.revision)"), ("name", profile.name),
        ("vip", profile.vip.map { $0 ? "1" : "" }),
        ("level", profile.level.map { "\($0)" }), ("tags", profile.tags.isEmpty ? nil : tags.text),
        ("attributes", profile.attributes.isEmpty ? nil : attributes.text),
        ("dedicated", customer.dedicated?.rawValue),
        ("last_agent", customer.lastAgent?.rawValue), ("last_group", customer.lastGroup?.rawValue),
        ("last_end", customer.lastEnd.map { "\($0)" }),
        ("avoid", customer.avoid.map(\.rawValue).joined(separator: " ")),
      ])
  }
}
