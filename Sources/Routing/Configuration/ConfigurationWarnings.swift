/// Something in a configuration that is allowed and still worth a look.
public struct ConfigurationWarning: Sendable, Equatable, CustomStringConvertible {
  /// The line, from 1, or nil where none is known (a configuration that was not parsed).
  public var line: Int?
  /// The key, as `groups.presale.response_alert`.
  public var keyPath: String
  /// What is worth a look.
  public var message: String

  /// Makes a warning.
  public init(line: Int?, keyPath: String, message: String) {
    self.line = line
    self.keyPath = keyPath
    self.message = message
  }

  /// `groups.presale (line 31) has no agents`
  public var description: String {
    let place = line.map { " (line \($0))" } ?? ""
    return "\(keyPath)\(place) \(message)"
  }
}

/// What the file said beyond what it means: where its keys stood, for warnings.
///
/// Two configurations that mean the same are equal wherever their keys stand, so notes always are.
struct ConfigurationNotes: Sendable, Equatable {
  /// Warnings found while reading.
  var warnings: [ConfigurationWarning] = []
  /// The line of each group's key.
  var groupLines: [GroupID: Int] = [:]
  /// The line of each schedule's key.
  var scheduleLines: [ScheduleID: Int] = [:]
  /// The line of each agent's key.
  var agentLines: [AgentID: Int] = [:]
  /// The line of each rule, in file order.
  var ruleLines: [Int] = []

  /// Always true; see above.
  static func == (left: ConfigurationNotes, right: ConfigurationNotes) -> Bool { true }
}

extension ShopConfiguration {
  /// What is allowed and still worth a look, in file order: groups without agents, agents without groups, rules and
  /// keywords that can never decide, schedules that are never open or used, groups never open, overflow that goes in a
  /// loop or to nobody, and texts that go on behind a comma within `{ }` and should be quoted.
  public func warnings() -> [ConfigurationWarning] {
    var warnings = notes.warnings
    let served = Set(agents.values.lazy.flatMap { $0.groups.lazy.map(\.group) })
    for group in groupOrder where !served.contains(group) {
      warnings.append(
        ConfigurationWarning(
          line: notes.groupLines[group], keyPath: "groups.\(group)", message: "has no agents"))
    }
    let idle = agents.values.filter(\.groups.isEmpty).map { agent in
      ConfigurationWarning(
        line: notes.agentLines[agent.id], keyPath: "agents.\(agent.id)", message: "serves no group")
    }
    let shown = idle.sorted(by: Self.comesBefore).prefix(Self.idleAgentsNamed)
    warnings += shown
    if let last = shown.last, idle.count > shown.count {
      warnings.append(
        ConfigurationWarning(
          line: last.line, keyPath: "agents",
          message: "has \(idle.count - shown.count) more who serve no group"))
    }
    warnings += clockWarnings()
    warnings += overflowWarnings()
    warnings += ruleWarnings()
    return warnings.enumerated().sorted { left, right in
      Self.comesBefore(left.element, right.element)
        || !Self.comesBefore(right.element, left.element) && left.offset < right.offset
    }.map(\.element)
  }

  /// A shop may have 200,000 agents; nobody reads more than these.
  private static let idleAgentsNamed = 20

  private static func comesBefore(_ left: ConfigurationWarning, _ right: ConfigurationWarning) -> Bool {
    (left.line ?? 0, left.keyPath) < (right.line ?? 0, right.keyPath)
  }
}
