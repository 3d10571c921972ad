/// A shop's configuration made ready for deciding: rules, schedules and the assistant compiled once, used for every event.
///
/// A class, since every event of a batch refers to it and nobody changes it.
public final class RoutingPlan: Sendable {
  /// What was compiled.
  public let configuration: ShopConfiguration
  /// The rules.
  public let rules: RulePlan
  /// The schedules in the shop's time zone.
  public let clock: ScheduleClock
  /// The built-in assistant.
  public let assistant: AssistantPlan
  /// How many agents each group has.
  public let agentCounts: [GroupID: Int]
  /// Whether a later word of a customer can change where a waiting conversation goes.
  let wordsMatter: Bool
  /// Whether a waiting conversation can come to the assistant, by an overflow step or because its group closes: a handoff
  /// looks at all its words again.
  let queuesLeadToAssistant: Bool

  /// Compiles a configuration.
  public init(_ configuration: ShopConfiguration) {
    self.configuration = configuration
    rules = RulePlan(configuration)
    clock = ScheduleClock(timezone: configuration.timezone, schedules: configuration.schedules)
    assistant = AssistantPlan(configuration.assistant)
    var counts: [GroupID: Int] = [:]
    for agent in configuration.agents.values {
      for membership in agent.groups { counts[membership.group, default: 0] += 1 }
    }
    agentCounts = counts
    wordsMatter = configuration.rules.contains { !$0.what.keywords.isEmpty && !$0.continues }
    queuesLeadToAssistant = configuration.groups.values.contains { group in
      group.hours != nil || group.queue.overflow.contains(where: \.handToBot)
    }
  }

  /// What the rules say of a request at a moment.
  public func route(_ request: RoutingRequest, at now: Moment) -> RoutedRequest {
    rules.route(request) { clock.isOpen($0, at: now) }
  }

  /// What of the clock concerns a group at a moment; nil if there is no such group.
  public func clock(of group: GroupID, at now: Moment) -> GroupClock? {
    configuration.groups[group].map { GroupClock(of: $0, clock: clock, at: now) }
  }
}
