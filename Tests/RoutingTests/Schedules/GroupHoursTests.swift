import Testing

@testable import Routing

/// What a group's hours and distribution come to at a moment.
@Suite struct GroupHoursTests {
  private static let day = ScheduleID(unchecked: "day")
  private static let rush = ScheduleID(unchecked: "rush")

  private func clock() throws -> ScheduleClock {
    ScheduleClock(
      timezone: "UTC",
      schedules: [
        Self.day: try Clocks.schedule(["mon-sun": ["08:00-20:00"]]),
        Self.rush: try Clocks.schedule(["mon-sun": ["18:00-22:00"]]),
      ])
  }

  @Test func withoutHoursAGroupIsAlwaysOpen() throws {
    let group = GroupConfiguration(id: GroupID(unchecked: "g"))
    let found = GroupClock(of: group, clock: try clock(), at: try Clocks.moment("2026-10-05 03:00"))
    #expect(found == GroupClock(isOpen: true, manner: .auto, until: nil))
  }

  @Test(arguments: [
    ("2026-10-05 07:00", false, Distribution.Manner.auto, "2026-10-05 08:00"),
    ("2026-10-05 08:00", true, .auto, "2026-10-05 18:00"),
    ("2026-10-05 19:00", true, .manual, "2026-10-05 20:00"),
    ("2026-10-05 20:00", false, .manual, "2026-10-05 22:00"),
    ("2026-10-05 22:00", false, .auto, "2026-10-06 08:00"),
  ])
  func hoursAndDistributionChangeByDifferentSchedules(
    now: String, isOpen: Bool, manner: Distribution.Manner, until: String
  ) throws {
    var group = GroupConfiguration(id: GroupID(unchecked: "g"))
    group.hours = Self.day
    group.distribution = Distribution(bySchedule: [.init(schedule: Self.rush, manner: .manual)])
    let found = GroupClock(of: group, clock: try clock(), at: try Clocks.moment(now))
    #expect(found == GroupClock(isOpen: isOpen, manner: manner, until: try Clocks.moment(until)))
  }

  @Test func theFirstOpenScheduleInFileOrderCounts() throws {
    var group = GroupConfiguration(id: GroupID(unchecked: "g"))
    let half = try #require(Share(text: "50%"))
    let scheduled: [Distribution.Scheduled] = [
      .init(schedule: Self.rush, manner: .share(half)), .init(schedule: Self.day, manner: .manual),
    ]
    let now = try Clocks.moment("2026-10-05 19:00")
    group.distribution = Distribution(bySchedule: scheduled)
    #expect(GroupClock(of: group, clock: try clock(), at: now).manner == .share(half))
    group.distribution = Distribution(bySchedule: scheduled.reversed())
    #expect(GroupClock(of: group, clock: try clock(), at: now).manner == .manual)
  }
}
