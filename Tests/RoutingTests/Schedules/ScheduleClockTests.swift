import Testing

@testable import Routing

/// When a schedule is open, told by what the clock on the shop's wall shows.
@Suite struct ScheduleClockTests {
  /// Hours in a zone, and the moments at which they open and close after a first one.
  struct Days: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var zone: String
    var weekly: [String: [String]]
    var except: [String: [String]] = [:]
    /// In UTC, as `2026-03-08 06:30`.
    var from: String
    var open = false
    /// What follows `from`, in order.
    var changes: [String]
    /// Whether nothing comes after these.
    var isAll = false
  }

  static let days: [Days] = [
    Days(
      testDescription: "Shanghai: shut over lunch, at night and on Sunday", zone: "Asia/Shanghai",
      weekly: ["mon-sat": ["09:00-12:00", "13:00-21:00"]], from: "2026-07-04 00:59",
      changes: [
        "2026-07-04 01:00", "2026-07-04 04:00", "2026-07-04 05:00", "2026-07-04 13:00", "2026-07-06 01:00",
      ]),
    Days(
      testDescription: "New York, clock put forward: a night shift is an hour shorter",
      zone: "America/New_York", weekly: ["mon-sun": ["22:00-06:00"]], from: "2026-03-07 12:00",
      changes: ["2026-03-08 03:00", "2026-03-08 10:00", "2026-03-09 02:00", "2026-03-09 10:00"]),
    Days(
      testDescription: "New York, clock put back: a night shift is an hour longer", zone: "America/New_York",
      weekly: ["mon-sun": ["22:00-06:00"]], from: "2026-10-31 12:00",
      changes: ["2026-11-01 02:00", "2026-11-01 11:00", "2026-11-02 03:00", "2026-11-02 11:00"]),
    Days(
      testDescription: "New York, 02:30 left out: it opens when the clock goes on, at 03:00",
      zone: "America/New_York", weekly: ["sun": ["02:30-04:00"]], from: "2026-03-08 05:00",
      changes: ["2026-03-08 07:00", "2026-03-08 08:00", "2026-03-15 06:30", "2026-03-15 08:00"]),
    Days(
      testDescription: "New York, all hours left out: it does not open that day", zone: "America/New_York",
      weekly: ["sun": ["02:00-03:00"]], from: "2026-03-08 05:00",
      changes: ["2026-03-15 06:00", "2026-03-15 07:00"]),
    Days(
      testDescription: "New York, 01:30 comes twice: open both times", zone: "America/New_York",
      weekly: ["sun": ["01:15-01:30"]], from: "2026-11-01 00:00",
      changes: [
        "2026-11-01 05:15", "2026-11-01 05:30", "2026-11-01 06:15", "2026-11-01 06:30", "2026-11-08 06:15",
      ]),
    Days(
      testDescription: "New York, closing within the hour that comes twice: shut, and open once more",
      zone: "America/New_York", weekly: ["sun": ["00:30-01:30"]], from: "2026-11-01 00:00",
      changes: ["2026-11-01 04:30", "2026-11-01 05:30", "2026-11-01 06:00", "2026-11-01 06:30"]),
    Days(
      testDescription: "New York, from within the hour that comes twice, when nothing follows it on the wall",
      zone: "America/New_York", weekly: [:], except: ["2026-11-01": ["00:00-01:30"]],
      from: "2026-11-01 05:45",
      changes: ["2026-11-01 06:00", "2026-11-01 06:30"], isAll: true),
    Days(
      testDescription: "Lord Howe, put forward by half an hour", zone: "Australia/Lord_Howe",
      weekly: ["sun": ["02:15-03:00"]], from: "2026-10-03 12:00",
      changes: ["2026-10-03 15:30", "2026-10-03 16:00", "2026-10-10 15:15", "2026-10-10 16:00"]),
    Days(
      testDescription: "Lord Howe, put back by half an hour", zone: "Australia/Lord_Howe",
      weekly: ["sun": ["01:20-01:40"]], from: "2026-04-04 12:00",
      changes: ["2026-04-04 14:20", "2026-04-04 14:40", "2026-04-04 15:00", "2026-04-04 15:10"]),
    Days(
      testDescription: "Havana, midnight left out: the day begins at 01:00", zone: "America/Havana",
      weekly: ["sun": ["00:00-02:00"]], from: "2026-03-08 00:00",
      changes: ["2026-03-08 05:00", "2026-03-08 06:00"]),
    Days(
      testDescription: "A sale day with its own hours, a holiday without", zone: "Asia/Shanghai",
      weekly: ["mon-sun": ["09:00-18:00"]], except: ["2026-11-11": ["00:00-24:00"], "2026-11-12": []],
      from: "2026-11-10 09:59", open: true,
      changes: ["2026-11-10 10:00", "2026-11-10 16:00", "2026-11-11 16:00", "2026-11-13 01:00"]),
    Days(
      testDescription: "The evening before a holiday goes on into it; the holiday's own evening is off",
      zone: "UTC", weekly: ["mon-sun": ["22:00-06:00"]], except: ["2026-10-01": []],
      from: "2026-09-30 12:00",
      changes: ["2026-09-30 22:00", "2026-10-01 06:00", "2026-10-02 22:00", "2026-10-03 06:00"]),
    Days(
      testDescription: "A night that runs into the next day's hours is one stretch", zone: "UTC",
      weekly: ["mon": ["22:00-06:00"], "tue": ["05:00-12:00"]], from: "2026-10-05 12:00",
      changes: ["2026-10-05 22:00", "2026-10-06 12:00", "2026-10-12 22:00"]),
    Days(
      testDescription: "Sunday night runs into Monday", zone: "UTC", weekly: ["sun": ["22:00-02:00"]],
      from: "2026-10-04 12:00", changes: ["2026-10-04 22:00", "2026-10-05 02:00", "2026-10-11 22:00"]),
    Days(
      testDescription: "Always open, but for a holiday years ahead", zone: "America/New_York",
      weekly: ["mon-sun": ["06:00-22:00", "22:00-06:00"]], except: ["2031-07-04": []],
      from: "2026-10-05 12:00", open: true, changes: ["2031-07-04 10:00", "2031-07-05 10:00"], isAll: true),
    Days(
      testDescription: "Open on single dates only", zone: "America/New_York", weekly: [:],
      except: ["2026-11-27": ["08:00-24:00"], "2026-11-28": ["00:00-12:00"], "2039-01-01": ["10:00-12:00"]],
      from: "2026-10-05 12:00",
      changes: ["2026-11-27 13:00", "2026-11-28 17:00", "2039-01-01 15:00", "2039-01-01 17:00"], isAll: true),
    Days(
      testDescription: "Past dates never come again", zone: "Asia/Shanghai", weekly: [:],
      except: ["2025-11-11": ["00:00-24:00"]], from: "2026-10-05 12:00", changes: [], isAll: true),
    Days(
      testDescription: "Never open", zone: "America/New_York", weekly: [:], from: "2026-10-05 12:00",
      changes: [], isAll: true),
    Days(
      testDescription: "Always open", zone: "America/New_York", weekly: ["mon-sun": ["00:00-24:00"]],
      from: "2026-10-05 12:00", open: true, changes: [], isAll: true),
    Days(
      testDescription: "Always open, in two shifts over midnight", zone: "Australia/Lord_Howe",
      weekly: ["mon-sun": ["08:00-20:00", "20:00-08:00"]], from: "2026-10-03 15:29", open: true, changes: [],
      isAll: true),
  ]

  @Test(arguments: days) func opensAndCloses(days: Days) throws {
    let (clock, id) = try Clocks.clock(days.zone, weekly: days.weekly, except: days.except)
    var now = try Clocks.moment(days.from)
    var isOpen = days.open
    #expect(clock.isOpen(id, at: now) == isOpen)
    for text in days.changes {
      let change = try Clocks.moment(text)
      #expect(clock.nextChange(of: id, after: now) == change)
      #expect(clock.isOpen(id, at: Moment(change.rawValue - 1)) == isOpen, "just before \(text)")
      isOpen.toggle()
      #expect(clock.isOpen(id, at: change) == isOpen, "at \(text)")
      now = change
    }
    #expect((clock.nextChange(of: id, after: now) == nil) == days.isAll)
  }

  @Test func aScheduleThatTheShopDoesNotHaveIsClosed() {
    let clock = ScheduleClock(timezone: "UTC", schedules: [:])
    #expect(!clock.isOpen(ScheduleID(unchecked: "none"), at: Moment(0)))
    #expect(clock.nextChange(of: ScheduleID(unchecked: "none"), after: Moment(0)) == nil)
  }
}
