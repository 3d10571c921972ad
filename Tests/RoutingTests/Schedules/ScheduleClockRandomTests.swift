import Foundation
import TestSupport
import Testing

@testable import Routing

/// The clock against slower ways to the same answers, on random hours in zones with all kinds of shifts.
@Suite struct ScheduleClockRandomTests {
  private static let zones = [
    "America/New_York", "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca", "Antarctica/Troll",
    "Asia/Shanghai", "Europe/Dublin", "America/Santiago",
  ]
  /// Days on or near which one of the zones shifts in 2026.
  private static let shifts = [
    "02-15", "03-08", "03-22", "03-29", "04-05", "09-06", "10-04", "10-25", "11-01",
  ]

  private static func hours(_ random: inout SeededGenerator) -> [HourRange] {
    (0..<random.below(3)).compactMap { _ in
      let start = random.below(48) * 30
      return HourRange(start: start, end: start + (1 + random.below(48)) * 30)
    }
  }

  private static func schedule(_ random: inout SeededGenerator) -> Schedule {
    var schedule = Schedule()
    for day in Weekday.allCases where random.percent(50) { schedule.weekly[day] = hours(&random) }
    for _ in 0..<random.below(4) {
      let day = 1 + random.below(28)
      guard let date = CalendarDate(year: 2026, month: 1 + random.below(12), day: day) else { continue }
      schedule.exceptions[date] = hours(&random)
    }
    return schedule
  }

  @Test(arguments: 0..<24 as Range<UInt64>) func theNextChangeIsTheFirstMinuteThatDiffers(seed: UInt64) throws
  {
    var random = SeededGenerator(seed: seed)
    let id = ScheduleID(unchecked: "work")
    let clock = ScheduleClock(timezone: random.pick(Self.zones), schedules: [id: Self.schedule(&random)])
    let from = try Clocks.moment("2026-\(random.pick(Self.shifts)) 00:00").rawValue - 2 * 86_400_000
    var expected = clock.nextChange(of: id, after: Moment(from))
    var isOpen = clock.isOpen(id, at: Moment(from))
    for minute in 1...(5 * 1_440) {
      let now = Moment(from + Int64(minute) * 60_000)
      if clock.isOpen(id, at: now) != isOpen {
        isOpen.toggle()
        #expect(expected == now)
        expected = clock.nextChange(of: id, after: now)
      } else if minute % 97 == 0 {
        #expect(clock.nextChange(of: id, after: now) == expected)
      }
      if let expected { #expect(expected > now) }
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>) func theWallShowsWhatTheCalendarSays(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let id = ScheduleID(unchecked: "work")
    let schedule = Self.schedule(&random)
    let zone = Self.zones[Int(seed) % Self.zones.count]
    let clock = ScheduleClock(timezone: zone, schedules: [id: schedule])
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: zone))

    func ranges(_ date: Date) -> [HourRange] {
      let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
      let day = CalendarDate(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
      if let day, let hours = schedule.exceptions[day] { return hours }
      // Foundation counts from Sunday, 1.
      return Weekday(rawValue: ((parts.weekday ?? 0) + 5) % 7 + 1).flatMap { schedule.weekly[$0] } ?? []
    }

    let year = try Clocks.moment("2026-01-01 00:00").rawValue
    for _ in 0..<300 {
      let now = year + Int64(random.below(365 * 86_400)) * 1_000
      let date = Date(timeIntervalSince1970: Double(now / 1_000))
      let parts = calendar.dateComponents([.hour, .minute], from: date)
      let minute = (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
      let noon = try #require(calendar.date(bySettingHour: 12, minute: 0, second: 0, of: date))
      let yesterday = try #require(calendar.date(byAdding: .day, value: -1, to: noon))
      let expected =
        ranges(date).contains { $0.contains(minute: minute) }
        || ranges(yesterday).contains { $0.contains(minute: minute + 1_440) }
      #expect(clock.isOpen(id, at: Moment(now)) == expected, "\(zone) at \(date)")
    }
  }
}
