/// A schedule on the wall: when it is open, told in minutes of local time and without any time zone.
///
/// Minutes are counted from 1970-01-01 00:00 on the wall, so that day `d` has the minutes `d × 1440 ..< (d+1) × 1440`.
struct OpenHours: Sendable {
  /// What begins on each day of the week, Monday first.
  private let week: [[HourRange]]
  /// What begins on single days, in place of the weekly hours.
  private let exceptions: [Int: [HourRange]]
  /// The days with exceptions, in order of time.
  private let exceptionDays: [Int]

  static let minutesPerDay = 1_440

  init(_ schedule: Schedule) {
    week = Weekday.allCases.sorted().map { Self.inOrder(schedule.weekly[$0] ?? []) }
    exceptions = Dictionary(
      schedule.exceptions.map { ($0.key.dayNumber, Self.inOrder($0.value)) }, uniquingKeysWith: { $1 })
    exceptionDays = exceptions.keys.sorted()
  }

  private static func inOrder(_ ranges: [HourRange]) -> [HourRange] { ranges.sorted { $0.start < $1.start } }

  /// Whether the minute is open: by what began on its day, or by what began the day before and runs over midnight.
  func isOpen(atMinute minute: Int) -> Bool {
    let day = minute.flooredQuotient(by: Self.minutesPerDay)
    let minuteOfDay = minute - day * Self.minutesPerDay
    return ranges(beginningOn: day).contains { $0.contains(minute: minuteOfDay) }
      || ranges(beginningOn: day - 1).contains { $0.contains(minute: minuteOfDay + Self.minutesPerDay) }
  }

  /// The first minute after `minute` at which it is open and was not, or the other way round; nil if there is none,
  /// however far one looks.
  func nextChange(afterMinute minute: Int) -> Int? {
    isOpen(atMinute: minute) ? end(ofOpenMinute: minute) : start(afterClosedMinute: minute)
  }

  private func start(afterClosedMinute minute: Int) -> Int? {
    var days = Days(around: minute, self)
    while let day = days.next() {
      let midnight = day * Self.minutesPerDay
      // What began earlier is over, since the minute is closed.
      if let first = ranges(beginningOn: day).first(where: { midnight + $0.start > minute }) {
        return midnight + first.start
      }
    }
    return nil
  }

  private func end(ofOpenMinute minute: Int) -> Int? {
    var days = Days(around: minute, self)
    var openUntil = minute
    while let day = days.next() {
      let midnight = day * Self.minutesPerDay
      // Days are left out only where all are open; and so is the one that follows them, which is no exception either.
      if days.leftOut { openUntil = midnight + Self.minutesPerDay }
      if openUntil < midnight { return openUntil }
      for range in ranges(beginningOn: day) {
        if midnight + range.start > openUntil { return openUntil }
        openUntil = max(openUntil, midnight + range.end)
      }
    }
    return nil
  }

  private func ranges(beginningOn day: Int) -> [HourRange] {
    if !exceptions.isEmpty, let ranges = exceptions[day] { return ranges }
    // 1970-01-01 was a Thursday, three days after a Monday.
    return week[(day + 3) - (day + 3).flooredQuotient(by: 7) * 7]
  }

  /// The days on which to look for a change after a minute, from the day before: all days that follow, but for
  /// stretches of which the week before has shown that nothing changes in them.
  private struct Days: IteratorProtocol {
    /// Whether the day that came last does not follow the one before it.
    private(set) var leftOut = false
    private let hours: OpenHours
    private var day: Int
    /// Days in a row that are not exceptions.
    private var ordinary = 0

    /// A whole week, the day whose hours spill into its first, and the day that its last spills into.
    private static let enough = 9

    init(around minute: Int, _ hours: OpenHours) {
      self.hours = hours
      day = minute.flooredQuotient(by: OpenHours.minutesPerDay) - 1
    }

    mutating func next() -> Int? {
      leftOut = false
      if ordinary >= Self.enough {
        guard let exception = hours.exceptionDay(from: day) else { return nil }
        // From the day before, since its hours spill into the exception.
        if exception - 1 > day {
          day = exception - 1
          leftOut = true
        }
        ordinary = 0
      }
      ordinary = hours.exceptions[day] == nil ? ordinary + 1 : 0
      defer { day += 1 }
      return day
    }
  }

  /// The first day with an exception from `day` on.
  private func exceptionDay(from day: Int) -> Int? {
    var low = 0
    var high = exceptionDays.count
    while low < high {
      let middle = (low + high) / 2
      if exceptionDays[middle] < day { low = middle + 1 } else { high = middle }
    }
    return low < exceptionDays.count ? exceptionDays[low] : nil
  }
}

extension BinaryInteger {
  /// The quotient rounded down, which for moments before 1970 is not what `/` gives; `divisor` is above 0.
  func flooredQuotient(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

extension CalendarDate {
  /// Days since 1970-01-01, negative before it.
  var dayNumber: Int {
    // Years that begin in March have their leap day at the end, and their months' lengths follow a formula.
    let year = month > 2 ? self.year : self.year - 1
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}
