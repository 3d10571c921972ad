extension ShopConfiguration {
  /// Groups that take each other's overflow, and overflow that leads to groups without agents.
  ///
  /// A conversation keeps its place in its first queue and does not overflow a second time, so a loop does no harm by
  /// itself; but groups that help each other when all of them are busy help nobody.
  func overflowWarnings() -> [ConfigurationWarning] {
    let leads = overflowLeads()
    return loopWarnings(leads) + deadEndWarnings(leads)
  }

  /// Overflow from one group to another, and the key that says so.
  private struct Lead {
    var from: GroupID
    var to: GroupID
    var key: String
  }

  /// In file order: the queues' steps, then the rules. A group that is its own overflow, which `group_defaults` may
  /// give it, is none.
  private func overflowLeads() -> [Lead] {
    var leads: [Lead] = []
    for from in groupOrder {
      for target in groups[from]?.queue.overflow.flatMap(\.to) ?? [] {
        leads.append(Lead(from: from, to: target, key: "groups.\(from).queue.overflow"))
      }
    }
    for (index, rule) in rules.enumerated() {
      for target in rule.route.overflow {
        leads.append(
          Lead(
            from: rule.route.group ?? defaultGroup, to: target, key: "rules[\(index)].route.overflow"))
      }
    }
    return leads.filter { $0.from != $0.to }
  }

  // MARK: - Loops

  /// One warning for the shortest loop through each group that is in one, but not for groups already named in another.
  private func loopWarnings(_ leads: [Lead]) -> [ConfigurationWarning] {
    let targets = Self.targetsInLoops(leads)
    var named: Set<GroupID> = []
    return groupOrder.compactMap { group in
      guard !named.contains(group), let loop = Self.shortestLoop(through: group, targets) else { return nil }
      named.formUnion(loop)
      let words = (loop + [group]).map(\.rawValue).joined(separator: " → ")
      return ConfigurationWarning(
        line: notes.groupLines[group], keyPath: "groups.\(group)", message: "overflows in a loop: \(words)")
    }
  }

  /// Where each group leads, without what can be no part of a loop: groups from which nothing leads on, over and over,
  /// until none is left. Of most files nothing remains, so that looking for loops costs nothing.
  private static func targetsInLoops(_ leads: [Lead]) -> [GroupID: [GroupID]] {
    var targets: [GroupID: [GroupID]] = [:]
    var sources: [GroupID: [GroupID]] = [:]
    for lead in leads where targets[lead.from]?.contains(lead.to) != true {
      targets[lead.from, default: []].append(lead.to)
      sources[lead.to, default: []].append(lead.from)
    }
    var remaining = targets.mapValues(\.count)
    var ends = sources.keys.filter { targets[$0] == nil }
    while let end = ends.popLast() {
      for source in sources[end] ?? [] {
        remaining[source, default: 0] -= 1
        if remaining[source] == 0 { ends.append(source) }
      }
    }
    return targets.filter { remaining[$0.key] != 0 }
  }

  private static func shortestLoop(
    through start: GroupID, _ targets: [GroupID: [GroupID]]
  ) -> [GroupID]? {
    var cameFrom: [GroupID: GroupID] = [:]
    var reached = [start]
    var next = 0
    while next < reached.count {
      let group = reached[next]
      next += 1
      for target in targets[group] ?? [] {
        if target == start {
          var loop = [group]
          while let last = loop.last, last != start, let before = cameFrom[last] { loop.append(before) }
          return loop.reversed()
        }
        if cameFrom.updateValue(group, forKey: target) == nil { reached.append(target) }
      }
    }
    return nil
  }

  // MARK: - Dead ends

  /// One warning for each group without agents into which others overflow.
  private func deadEndWarnings(_ leads: [Lead]) -> [ConfigurationWarning] {
    let served = Set(agents.values.lazy.flatMap { $0.groups.lazy.map(\.group) })
    let dead = Dictionary(grouping: leads.filter { !served.contains($0.to) }, by: \.to)
    return dead.compactMap { target, leads in
      guard let first = leads.first else { return nil }
      let others = Set(leads.map(\.key)).count - 1
      return ConfigurationWarning(
        line: notes.groupLines[target], keyPath: "groups.\(target)",
        message: "has nobody to take what \(first.key)\(others == 0 ? "" : " and \(others) more") would bring"
      )
    }
  }
}
