extension ConfigurationReader {
  /// The words that a schedule cannot be called by, since `distribution` and `when` read them differently.
  static let scheduleWords: Set<String> = ["auto", "manual", "otherwise", "not"]

  func schedules(_ field: Field?) -> [ScheduleID: Schedule] {
    var schedules: [ScheduleID: Schedule] = [:]
    for (key, field) in entries(field, expected: "a mapping of schedules by name") ?? [] {
      guard let id = name(ofKey: key, field, ScheduleID.self, what: "a schedule") else { continue }
      if Self.scheduleWords.contains(key) {
        problems.report(at: field.keyPlace, field.trail, "a schedule cannot be called '\(key)'")
      }
      schedules[id] = schedule(field)
    }
    return schedules
  }

  /// The condition `work` or `not work`.
  func scheduleCondition(
    _ field: Field?, among schedules: [ScheduleID: Schedule]
  ) -> ScheduleCondition? {
    guard let field, let text = scalar(field, expected: "the name of a schedule, or not NAME")?.text
    else { return nil }
    let isNegated = text.hasPrefix("not ")
    let name = isNegated ? String(text.dropFirst(4).drop { $0 == " " }) : text
    return reference(named: name, field, to: schedules, what: "schedule").map {
      ScheduleCondition(schedule: $0, open: !isNegated)
    }
  }

  private func schedule(_ field: Field) -> Schedule {
    var schedule = Schedule()
    guard
      let fields = fields(
        field, known: ["weekly", "except"],
        expected: "a mapping such as {weekly: {mon-fri: [\"09:00-18:00\"]}}")
    else { return schedule }
    for (key, field) in entries(fields["weekly"], expected: "a mapping of days such as mon-fri") ?? [] {
      guard let days = Weekday.days(key) else {
        let words = Weekday.allCases.map(\.abbreviation)
        problems.report(
          at: field.keyPlace, field.trail, "expected a day or range of days such as mon-fri or sun",
          suggestion: key.contains("-") ? nil : nearest(to: key, among: words))
        continue
      }
      let ranges = hours(field)
      for day in days {
        if schedule.weekly.updateValue(ranges, forKey: day) != nil {
          problems.report(at: field.keyPlace, field.trail, "\(day.abbreviation) is given twice")
        }
      }
    }
    for (key, field) in entries(fields["except"], expected: "a mapping of dates such as 2026-11-11") ?? [] {
      guard let date = CalendarDate(text: key) else {
        problems.report(at: field.keyPlace, field.trail, "expected a date such as 2026-11-11")
        continue
      }
      schedule.exceptions[date] = hours(field)
    }
    return schedule
  }

  /// A list of ranges, put in order of time; ranges that overlap are a slip of the pen. What runs into the next day may
  /// overlap with what begins there, which other lines of the file say, and an exception may change.
  private func hours(_ field: Field) -> [HourRange] {
    let expected = "a list of hours such as [\"09:00-18:00\"]"
    var ranges: [HourRange] = []
    for element in elements(field, expected: expected) ?? [] {
      guard let text = scalar(element, expected: "hours such as 09:00-18:00")?.text else { continue }
      do throws(HourRange.Problem) {
        let range = try HourRange.parse(text)
        if let other = ranges.first(where: { $0.start < range.end && range.start < $0.end }) {
          report(element, "\(element.node.inWords) overlaps '\(other)'")
        }
        ranges.append(range)
      } catch {
        switch error {
        case .malformed:
          report(element, "expected hours such as 09:00-18:00, found \(element.node.inWords)")
        case .empty:
          report(element, "\(element.node.inWords) begins when it ends; a whole day is 00:00-24:00")
        }
      }
    }
    return ranges.sorted { $0.start < $1.start }
  }
}

extension HourRange: CustomStringConvertible {
  /// As written in a configuration: `09:00-18:00`; `22:00-06:00` to the next day.
  public var description: String {
    func clock(_ minutes: Int) -> String {
      let digits = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
      return digits.joined(separator: ":")
    }
    return "\(clock(start))-\(clock(end > 1_440 ? end - 1_440 : end))"
  }
}
