// I5 and I6 as far as they concern a state: what an entry leaves behind.
extension AuditChecker {
  /// After an entry: everything that it touched.
  mutating func judgeTouched(by step: Step) {
    for (name, old) in step.conversations {
      places.change(name, from: old, to: conversation(name))
    }
    var agents = Set(step.agents.keys)
    for (name, old) in step.conversations {
      let new = conversation(name)
      for holder in [old?.holder, new?.holder].compactMap(\.self) {
        agents.insert(AuditedKey.Name(shop: name.shop, id: holder))
      }
      judgeConversation(name)
      if new?.state == "waiting" { judgeBeside(name) }
    }
    for name in agents {
      judgeAgent(name)
      judgeQueues(of: name)
      if let old = step.agents[name] { judgeCapacity(of: name, before: old, in: step) }
    }
    for gateway in step.gateways { judgeCounter(of: gateway) }
    for (key, meaning) in step.grown { judgeSize(of: key, meaning) }
  }

  /// Everything that stands.
  mutating func judgeEverything() {
    for name in places.open { judgeConversation(name) }
    for name in Set(places.lists.keys).union(places.holders.keys).subtracting(places.open) {
      judgeConversation(name)
    }
    for name in places.agents.union(places.held.keys) { judgeAgent(name) }
    judgeSums()
  }

  // MARK: A conversation

  /// Waiting if and only if it stands in the lists where it should; active if and only if its agent holds it.
  mutating func judgeConversation(_ name: AuditedKey.Name) {
    let record = conversation(name)
    let state = record?.state ?? "unknown"
    let expected = record.map { expectedLists(of: $0, name) } ?? [:]
    let found = places.lists[name] ?? []
    for (key, score) in expected {
      guard found.contains(key) else {
        report(.queues, "conversation \(name.id) of \(name.shop) waits and is not in \(key)")
        continue
      }
      if ledger.sortedSets[key]?.score(of: name.id) != score {
        report(
          .queues, "conversation \(name.id) of \(name.shop) has another place in \(key) than its record says")
      }
    }
    for key in found where expected[key] == nil {
      report(.queues, "conversation \(name.id) of \(name.shop) is \(state) and stands in \(key)")
    }
    let holders = places.holders[name] ?? []
    if let holder = record?.holder, !holders.contains(holder) {
      report(.load, "conversation \(name.id) of \(name.shop) is with \(holder), who does not hold it")
    }
    for holder in holders where holder != record?.holder {
      report(.load, "agent \(holder) of \(name.shop) holds \(name.id), which is \(state)")
    }
    if let record, !["bot", "waiting", "active", "closed"].contains(record.state) {
      report(.queues, "conversation \(name.id) of \(name.shop) has the state \(record.state)")
    }
  }

  private func expectedLists(of record: ConversationRecord, _ name: AuditedKey.Name) -> [String: Double] {
    guard record.state == "waiting" else { return [:] }
    func place(_ id: String) -> AuditedKey.Name { AuditedKey.Name(shop: name.shop, id: id) }
    if record.isParked { return [keys.parked(place(record.group)): record.score] }
    var lists = [keys.wait(place(record.group)): record.score]
    if record.credit != nil { lists[keys.level(place(record.group), record.level)] = record.queuedAt }
    for id in record.offered { lists[keys.offer(place(id))] = record.score }
    if let only = record.only { lists[keys.wanted(place(only))] = record.score }
    return lists
  }

  // MARK: An agent

  /// What its record counts is what it holds, and it stands in the lists of those who can take one more if it can.
  mutating func judgeAgent(_ name: AuditedKey.Name) {
    let held = places.held[name] ?? Places.Held()
    guard let record = agent(name) else {
      if held.count > 0 {
        report(.load, "agent \(name.id) of \(name.shop) has no record and holds \(held.count)")
      }
      return
    }
    let listed = ledger.sortedSets[keys.held(name)]?.count ?? 0
    if record.load != held.count || record.load != listed {
      report(
        .load,
        "agent \(name.id) of \(name.shop) has load \(record.load), holds \(listed), and \(held.count) are with it"
      )
    }
    var units = held.units
    var spread = held.spread
    for place in ledger.sortedSets[keys.wrap(name)]?.places ?? [] {
      let parts = place.member.split(separator: ":")
      guard parts.count >= 3, let more = Int(parts[2]) else { continue }
      units += more
      spread[String(parts[1]), default: 0] += more
    }
    if record.used != units || record.spread != spread {
      report(
        .load,
        "agent \(name.id) of \(name.shop) uses \(record.used) \(record.spread), what it holds comes to \(units) \(spread)"
      )
    }
    for membership in record.groups { judgeListing(of: record, in: membership, name) }
  }

  /// Who is online stands in one of its group's two lists, at its place.
  private mutating func judgeListing(
    of record: AgentRecord, in membership: AgentRecord.Membership, _ name: AuditedKey.Name
  ) {
    let group = AuditedKey.Name(shop: name.shop, id: membership.group)
    let isReady = record.isOnline && !record.isRamped && record.fits(1, in: membership.group)
    let ready = isReady ? record.readyScore(in: membership) : nil
    let busy = record.isOnline && !isReady ? record.loadScore : nil
    for (key, expected) in [(keys.ready(group), ready), (keys.busy(group), busy)] {
      let found = ledger.sortedSets[key]?.score(of: name.id)
      if found == expected { continue }
      let state = isReady ? "can take one more" : record.isOnline ? "cannot take one more" : "is not online"
      let place =
        found == nil ? "is not in" : expected == nil ? "is in" : "has not the place that its record gives in"
      report(.queues, "agent \(name.id) of \(name.shop) \(state), and \(place) \(key)")
    }
  }

  /// Reasons for which a conversation comes to an agent above its capacity.
  private static let aboveCapacity: Set<String> = ["returning", "transfer", "manual"]

  /// More than the capacity comes only by a step that may, or remains when the capacity was lowered.
  private mutating func judgeCapacity(of name: AuditedKey.Name, before: AgentRecord?, in step: Step) {
    guard let record = agent(name) else { return }
    let old = before?.used ?? 0
    let given = step.assignments.filter { $0.agent == name }
    if given.contains(where: { Self.aboveCapacity.contains($0.written["reason"] ?? "") }) { return }
    if record.used > record.capacity, record.used > old {
      report(.load, "agent \(name.id) of \(name.shop) uses \(record.used) of \(record.capacity)")
    }
    for membership in record.groups {
      guard let most = membership.capacity, let used = record.spread[membership.group], used > most,
        used > before?.spread[membership.group] ?? 0
      else { continue }
      report(.load, "agent \(name.id) of \(name.shop) uses \(used) of \(most) in \(membership.group)")
    }
  }

  // MARK: Groups

  /// The sums of groups over their agents.
  private mutating func judgeSums() {
    struct Sums {
      var online = 0
      var slots = 0
      var paused = 0
    }
    var sums: [AuditedKey.Name: Sums] = [:]
    for name in places.agents {
      guard let record = agent(name) else { continue }
      for membership in record.groups {
        let group = AuditedKey.Name(shop: name.shop, id: membership.group)
        if record.isOnline {
          sums[group, default: Sums()].online += 1
          sums[group, default: Sums()].slots += min(record.capacity, membership.capacity ?? record.capacity)
        } else if record.status == "paused" {
          sums[group, default: Sums()].paused += 1
        }
      }
    }
    for name in places.groups {
      guard let record = group(name) else { continue }
      let sum = sums[name] ?? Sums()
      if record.online != sum.online || record.slots != sum.slots || record.paused != sum.paused {
        report(
          .load,
          "group \(name.id) of \(name.shop) counts \(record.online) online, \(record.slots) slots, "
            + "\(record.paused) paused; its agents are \(sum.online), \(sum.slots), \(sum.paused)")
      }
    }
  }
}
