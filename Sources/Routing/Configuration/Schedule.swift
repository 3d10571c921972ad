/// Named weekly hours in the shop's time zone, with dated exceptions (routing, "Distribution by the clock").
///
/// Hours over midnight, `22:00-06:00`, belong to the day on which they begin. So a dated exception replaces what begins
/// on its date; what began the evening before goes on. What the hours mean at a moment, ``ScheduleClock`` tells.
public struct Schedule: Sendable, Equatable {
  /// Open hours by the day of the week on which they begin, in order of time; those of one day do not overlap. On a
  /// day without an entry none begin.
  public var weekly: [Weekday: [HourRange]]
  /// Open hours that begin on single dates, in place of the weekly ones; empty means that none do.
  public var exceptions: [CalendarDate: [HourRange]]

  /// Makes a schedule, without either: one that is never open.
  public init(weekly: [Weekday: [HourRange]] = [:], exceptions: [CalendarDate: [HourRange]] = [:]) {
    self.weekly = weekly
    self.exceptions = exceptions
  }
}

/// A day of the week, Monday first as in ISO 8601.
public enum Weekday: Int, Sendable, CaseIterable, Comparable {
  /// 1
  case monday = 1
  /// 2
  case tuesday
  /// 3
  case wednesday
  /// 4
  case thursday
  /// 5
  case friday
  /// 6
  case saturday
  /// 7
  case sunday

  /// As written in a configuration: `mon` … `sun`.
  public var abbreviation: String {
    switch self {
    case .monday: "mon"
    case .tuesday: "tue"
    case .wednesday: "wed"
    case .thursday: "thu"
    case .friday: "fri"
    case .saturday: "sat"
    case .sunday: "sun"
    }
  }

  /// Order within a week that begins on Monday.
  public static func < (left: Weekday, right: Weekday) -> Bool { left.rawValue < right.rawValue }

  /// Reads one day, `sun`, or a range of days, `mon-fri`; `fri-mon` goes on over the weekend.
  static func days(_ text: String) -> [Weekday]? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { end in
      allCases.first { $0.abbreviation == end }
    }
    guard let first = ends.first, let start = first else { return nil }
    if ends.count == 1 { return [start] }
    guard ends.count == 2, let end = ends[1] else { return nil }
    let length = (end.rawValue - start.rawValue + 7) % 7 + 1
    return (0..<length).compactMap { Weekday(rawValue: (start.rawValue - 1 + $0) % 7 + 1) }
  }
}

/// Open hours that begin on a day, `HH:MM-HH:MM`; the end is not included, and may be `24:00`. An end that is not
/// after the start is on the next day: `22:00-06:00`.
public struct HourRange: Hashable, Sendable {
  /// Minutes after midnight, 0…1439.
  public let start: Int
  /// Minutes after the midnight before `start`, more than `start`, at most a day more; beyond 1440 on the next day.
  public let end: Int

  /// A range of minutes, or nil unless 0 ≤ `start` < 1440 and `start` < `end` ≤ `start` + 1440.
  public init?(start: Int, end: Int) {
    guard (0..<1_440).contains(start), start < end, end <= start + 1_440 else { return nil }
    self.start = start
    self.end = end
  }

  /// Whether a minute is within the range, counted from the midnight before `start`; the next day's begin at 1440.
  public func contains(minute: Int) -> Bool { minute >= start && minute < end }

  /// Why a text is no range.
  enum Problem: Error, Equatable {
    /// Not of the form `HH:MM-HH:MM`.
    case malformed
    /// Both ends are the same.
    case empty
  }

  /// Reads `09:00-12:30`, or `22:00-06:00` to the next day.
  static func parse(_ text: String) throws(Problem) -> HourRange {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let start = minutes(ends[0]), let end = minutes(ends[1]), start < 1_440
    else { throw .malformed }
    // From midnight to midnight is a whole day; any other time to itself is more likely a slip than a day.
    guard start != end, let range = HourRange(start: start, end: end > start ? end : end + 1_440)
    else { throw .empty }
    return range
  }

  /// Minutes after midnight of `HH:MM`, up to `24:00`.
  private static func minutes(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && DecimalText.isDigits($0) }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60
    else { return nil }
    let total = hour * 60 + minute
    return total <= 1_440 ? total : nil
  }
}

/// A date in the Gregorian calendar, without a time zone: `2026-11-11`.
public struct CalendarDate: Hashable, Sendable, Comparable {
  /// 1…9999
  public let year: Int
  /// 1…12
  public let month: Int
  /// 1…31
  public let day: Int

  /// A date, or nil if the calendar has none such.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9_999).contains(year), (1...12).contains(month), day >= 1,
      day <= Self.days(inMonth: month, of: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Order by time.
  public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  /// Reads `2026-11-11`; nil for anything else.
  init?(text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ DecimalText.isDigits($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  private static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// A moment's condition by the clock: `work`, or `not work`.
public struct ScheduleCondition: Hashable, Sendable {
  /// The schedule that is asked.
  public var schedule: ScheduleID
  /// Whether it is to be open, or (`not NAME`) closed.
  public var open: Bool

  /// Makes a condition.
  public init(schedule: ScheduleID, open: Bool = true) {
    self.schedule = schedule
    self.open = open
  }
}
