import Testing

@testable import Routing

/// The small languages within values.
@Suite struct ConfigurationValueTests {
  @Test(arguments: [
    ("0", 0), ("300ms", 300), ("10s", 10_000), ("10m", 600_000), ("2h", 7_200_000), ("1d", 86_400_000),
    ("0s", 0), ("007s", 7_000), ("3650d", 315_360_000_000),
  ]) func durations(text: String, milliseconds: Int64) throws {
    #expect(try DurationText.parse(text) == Milliseconds(milliseconds))
  }

  @Test(arguments: [
    ("", DurationText.Problem.malformed), ("10", .noUnit), ("-1s", .negative), ("1.5h", .notWhole),
    ("1h30m", .notWhole), ("3651d", .tooLong), ("9223372036854775807s", .tooLong), ("1w", .malformed),
    ("99999999999999999999ms", .tooLong), ("s", .malformed), ("１s", .malformed), ("1S", .malformed),
  ]) func wrongDurations(text: String, problem: DurationText.Problem) {
    #expect(throws: problem) { try DurationText.parse(text) }
  }

  @Test(arguments: [
    (">=5", NumberCondition.atLeast(5)), ("> 5", .above(5)), ("<=5", .atMost(5)), ("<5.5", .below(5.5)),
    ("3", .equal(3)), ("-3", .equal(-3)), ("2..4", .between(2, 4)), ("-2..-1", .between(-2, -1)),
    ("1.5..2.5", .between(1.5, 2.5)),
  ]) func conditions(text: String, condition: NumberCondition) {
    #expect(NumberCondition(text: text) == condition)
  }

  @Test(arguments: ["", ">", ">=", "=>5", "5..", "..5", "4..2", "1e3", "0x5", "05", "5 ", "a..b", "1...2"])
  func wrongConditions(text: String) {
    #expect(NumberCondition(text: text) == nil)
  }

  @Test func conditionsHold() {
    #expect(NumberCondition.between(2, 4).holds(for: 4) && !NumberCondition.between(2, 4).holds(for: 5))
    #expect(NumberCondition.above(2).holds(for: 3) && !NumberCondition.above(2).holds(for: 2))
    #expect(NumberCondition.below(2).holds(for: 1) && !NumberCondition.below(2).holds(for: 2))
    #expect(NumberCondition.atLeast(2).holds(for: 2) && NumberCondition.atMost(2).holds(for: 2))
    #expect(NumberCondition.equal(2).holds(for: 2) && !NumberCondition.equal(2).holds(for: 3))
  }

  @Test func levelChanges() {
    #expect(LevelChange(text: "7") == .absolute(Level(clamping: 7)))
    #expect(LevelChange(text: "+2") == .relative(2))
    #expect(LevelChange(text: "-10") == .relative(-10))
    for text in ["", "+", "+0", "--1", "+-1", "11", "+11", "1.0", "07", "+02"] {
      #expect(LevelChange(text: text) == nil)
    }
    #expect(LevelChange.relative(5).applied(to: Level(clamping: 8)).rawValue == 10)
    #expect(LevelChange.relative(-5).applied(to: Level(clamping: 3)).rawValue == 0)
    #expect(LevelChange.absolute(Level(clamping: 1)).applied(to: Level(clamping: 8)).rawValue == 1)
  }

  @Test(arguments: [("30%", 3_000), ("0%", 0), ("100%", 10_000), ("12.5%", 1_250), ("0.25%", 25)])
  func shares(text: String, hundredths: Int) {
    #expect(Share(text: text)?.hundredthsOfPercent == hundredths)
  }

  @Test(arguments: ["", "%", "30", "101%", "100.01%", "-1%", "1.%", ".5%", "1.234%", "1e1%", "30 %"])
  func wrongShares(text: String) {
    #expect(Share(text: text) == nil)
  }

  @Test func weekdays() {
    #expect(Weekday.days("mon-fri")?.count == 5)
    #expect(Weekday.days("sun") == [.sunday])
    #expect(Weekday.days("sat-mon") == [.saturday, .sunday, .monday])
    #expect(Weekday.days("mon-mon") == [.monday])
    #expect(Weekday.days("tue-mon")?.count == 7)
    for text in ["", "-", "mon-", "-mon", "Mon", "monday", "mon-tue-wed", "mon,tue"] {
      #expect(Weekday.days(text) == nil)
    }
  }

  @Test func hours() throws {
    let range = try HourRange.parse("00:00-24:00")
    #expect(range.start == 0 && range.end == 1_440 && range.description == "00:00-24:00")
    #expect(range.contains(minute: 0) && range.contains(minute: 1_439))
    let night = try HourRange.parse("22:00-06:00")
    #expect(night.start == 1_320 && night.end == 1_800 && night.description == "22:00-06:00")
    #expect(night.contains(minute: 1_440) && !night.contains(minute: 1_800) && !night.contains(minute: 0))
    #expect(try HourRange.parse("22:00-00:00") == HourRange.parse("22:00-24:00"))
    #expect(try HourRange.parse("06:00-05:59").end == 1_799)
    for text in ["06:00-06:00", "00:00-00:00"] {
      #expect(throws: HourRange.Problem.empty) { try HourRange.parse(text) }
    }
    for text in ["", "9-12", "09:00", "09:00-12:00-13:00", "24:00-25:00", "09:00 - 12:00", "aa:00-12:00"] {
      #expect(throws: HourRange.Problem.malformed) { try HourRange.parse(text) }
    }
  }

  @Test func dates() {
    #expect(CalendarDate(text: "2028-02-29") != nil)
    for text in [
      "2026-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "0000-01-01", "2026-04-31", "1900-02-29",
    ] {
      #expect(CalendarDate(text: text) == nil)
    }
  }

  @Test(arguments: [
    ("limt", "limit"), ("limits", "limit"), ("ilmit", "limit"), ("idleTimeout", "idle_timeout"),
    ("idle-timeout", "idle_timeout"), ("IDLE_TIMEOUT", "idle_timeout"), ("wrap_ip", "wrap_up"),
  ]) func nearestKey(text: String, expected: String) {
    let known = ["limit", "idle_timeout", "wrap_up", "name"]
    #expect(NearestKey.nearest(to: text, among: known) == expected)
  }

  @Test(arguments: [
    "zebra", "x", "", "lim", "limitation_of_everything", String(repeating: "l", count: 9_999),
  ])
  func nothingNear(text: String) {
    #expect(NearestKey.nearest(to: text, among: ["limit", "idle_timeout", "id"]) == nil)
  }

  @Test func distances() {
    let distance = { (left: String, right: String) in
      NearestKey.distance(Array(left.unicodeScalars), Array(right.unicodeScalars))
    }
    #expect(distance("", "") == 0)
    #expect(distance("abc", "") == 3)
    #expect(distance("kitten", "sitting") == 3)
    #expect(distance("ab", "ba") == 1)
  }
}
