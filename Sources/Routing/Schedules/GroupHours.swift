/// What of the clock concerns a group at one moment: what the functions in Redis, which know no schedules, are told
/// (routing, "Distribution by the clock").
public struct GroupClock: Sendable, Equatable {
  /// Whether the group takes new conversations; without `hours` it always does.
  public var isOpen: Bool
  /// Whether conversations come to its agents by themselves.
  public var manner: Distribution.Manner
  /// The first moment at which one of the schedules involved opens or closes, so that the rest has to be asked for
  /// again; nil is never.
  public var until: Moment?

  /// Makes what is told of a group.
  public init(isOpen: Bool, manner: Distribution.Manner, until: Moment?) {
    self.isOpen = isOpen
    self.manner = manner
    self.until = until
  }
}

extension GroupClock {
  /// A group by the clock of its shop. Of several schedules under `distribution` that are open the first in file
  /// order counts.
  public init(of group: GroupConfiguration, clock: ScheduleClock, at now: Moment) {
    let scheduled = group.distribution.bySchedule
    let involved = Set(scheduled.map(\.schedule)).union(group.hours.map { [$0] } ?? [])
    self.init(
      isOpen: group.hours.map { clock.isOpen($0, at: now) } ?? true,
      manner: scheduled.first { clock.isOpen($0.schedule, at: now) }?.manner ?? group.distribution.otherwise,
      until: involved.compactMap { clock.nextChange(of: $0, after: now) }.min())
  }
}
