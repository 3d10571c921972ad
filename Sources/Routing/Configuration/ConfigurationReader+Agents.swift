extension ConfigurationReader {
  private static let agentKeys = ["name", "groups", "capacity", "weight", "skills", "ramp"]
  private static let membershipKeys = ["group", "skill", "capacity"]
  private static let mostGroups = 64

  /// An agent; `defaultCapacity` is for one without groups.
  func agent(
    _ id: AgentID, _ field: Field, groups: [GroupID: GroupConfiguration], defaultCapacity: Int
  ) -> AgentConfiguration {
    var agent = AgentConfiguration(id: id, capacity: defaultCapacity)
    guard
      let fields = fields(
        field, known: Self.agentKeys, texts: ["name"], elsewhere: ["group": "groups"],
        expected: "a mapping such as {name: 小李, groups: [presale]}")
    else { return agent }
    agent.name = nonemptyText(fields["name"])
    agent.groups = memberships(fields["groups"], groups)
    if let capacity = integer(fields["capacity"], Self.capacities) {
      agent.capacity = capacity
      agent.capacityIsGiven = true
    } else {
      let capacities = agent.groups.compactMap { $0.capacity ?? groups[$0.group]?.capacity }
      agent.capacity = capacities.max() ?? defaultCapacity
    }
    agent.weight = integer(fields["weight"], 1...10_000) ?? 1
    agent.skills = skills(fields["skills"], 1...10)
    agent.ramp = integer(fields["ramp"], 0...10_000) ?? 0
    return agent
  }

  private func memberships(
    _ field: Field?, _ groups: [GroupID: GroupConfiguration]
  ) -> [AgentConfiguration.Membership] {
    guard let field, let elements = elements(field, expected: "a list of groups such as [presale]") else {
      return []
    }
    if elements.count > Self.mostGroups {
      report(field, "\(elements.count) groups; an agent serves at most \(Self.mostGroups)")
      return []
    }
    var memberships: [AgentConfiguration.Membership] = []
    for element in elements {
      guard let membership = membership(element, groups) else { continue }
      if memberships.contains(where: { $0.group == membership.group }) {
        report(element, "the group '\(membership.group)' is in the list twice")
      } else {
        memberships.append(membership)
      }
    }
    return memberships
  }

  private func membership(
    _ field: Field, _ groups: [GroupID: GroupConfiguration]
  ) -> AgentConfiguration.Membership? {
    guard case .mapping = field.node.content else {
      return reference(field, to: groups, what: "group").map { AgentConfiguration.Membership(group: $0) }
    }
    guard let fields = fields(field, known: Self.membershipKeys, expected: "a group") else { return nil }
    if fields["group"] == nil { report(field, "the group is missing; expected {group: presale, skill: 5}") }
    let skill = integer(fields["skill"], 1...10)
    let capacity = integer(fields["capacity"], Self.capacities)
    guard let group = reference(fields["group"], to: groups, what: "group") else { return nil }
    return AgentConfiguration.Membership(group: group, skill: skill ?? 5, capacity: capacity)
  }
}
