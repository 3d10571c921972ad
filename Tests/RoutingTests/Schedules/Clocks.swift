import Foundation
import Testing

@testable import Routing

/// What the tests of schedules have in common.
enum Clocks {
  /// A clock with one schedule, given as in a configuration.
  static func clock(
    _ zone: String, weekly: [String: [String]], except: [String: [String]] = [:]
  ) throws -> (ScheduleClock, ScheduleID) {
    let id = ScheduleID(unchecked: "work")
    return (ScheduleClock(timezone: zone, schedules: [id: try schedule(weekly, except)]), id)
  }

  /// A schedule, given as in a configuration.
  static func schedule(
    _ weekly: [String: [String]], _ except: [String: [String]] = [:]
  ) throws -> Schedule {
    var schedule = Schedule()
    for (days, hours) in weekly {
      for day in try #require(Weekday.days(days)) {
        schedule.weekly[day] = try hours.map(HourRange.parse)
      }
    }
    for (date, hours) in except {
      schedule.exceptions[try #require(CalendarDate(text: date))] = try hours.map(HourRange.parse)
    }
    return schedule
  }

  /// A moment in UTC, `2026-03-08 06:30`.
  static func moment(_ text: String) throws -> Moment {
    let date = try Date(text.replacing(" ", with: "T") + ":00Z", strategy: .iso8601)
    return Moment(Int64(date.timeIntervalSince1970) * 1_000)
  }
}
