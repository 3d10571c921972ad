import Foundation

/// The schedules of one shop in its IANA zone (routing, "Distribution by the clock").
///
/// A schedule is open whenever the shop's clock on the wall shows a time within its hours. So where the clock is put
/// forward, hours that begin within what is left out begin at the first moment after it; and where it is put back,
/// what it shows twice is open twice. Hours over midnight belong to the day on which they begin: an exception for
/// that day takes their place, one for the next day does not cut them short.
public struct ScheduleClock: Sendable {
  private let zone: TimeZone
  private let schedules: [ScheduleID: OpenHours]

  /// The clock of a shop. `timezone` is an IANA name, as the reading of a configuration ensures; a name that the
  /// system does not know (any more) counts as UTC.
  public init(timezone: String, schedules: [ScheduleID: Schedule]) {
    zone = TimeZone(identifier: timezone) ?? .gmt
    self.schedules = schedules.mapValues(OpenHours.init)
  }

  /// Whether the schedule is open; one that the shop does not have is closed.
  public func isOpen(_ schedule: ScheduleID, at now: Moment) -> Bool {
    schedules[schedule]?.isOpen(atMinute: minute(at: now)) ?? false
  }

  /// The first moment after `now` at which the schedule opens or closes; nil if it never does again.
  public func nextChange(of schedule: ScheduleID, after now: Moment) -> Moment? {
    guard let hours = schedules[schedule] else { return nil }
    let isOpen = hours.isOpen(atMinute: minute(at: now))
    // Goes from one change of the zone's offset to the next; between them the wall and the world run in step.
    var position = now
    while true {
      let wall = minute(at: position)
      let change = hours.nextChange(afterMinute: wall)
      let shift = nextShift(after: position)
      if let change {
        let moment = Moment(Int64(change) * Self.minute - offset(at: position))
        guard let shift, shift <= moment else { return moment }
      }
      guard let shift else { return nil }
      if hours.isOpen(atMinute: minute(at: shift)) != isOpen { return shift }
      position = shift
      guard minute(at: shift) >= wall else { continue }
      // The wall is ahead of where it was, so nothing happens before `change`, whatever the zone does meanwhile.
      guard let change else { return nil }
      let almost = Moment(Int64(change) * Self.minute - Self.margin)
      position = max(position, almost)
    }
  }

  private static let minute: Int64 = 60_000
  /// More than the time on the wall differs from UTC at any place and time.
  private static let margin: Int64 = 3 * 86_400_000

  /// What the wall shows, in minutes since it showed 1970-01-01 00:00 of an unbroken calendar.
  private func minute(at moment: Moment) -> Int {
    Int((moment.rawValue + offset(at: moment)).flooredQuotient(by: Self.minute))
  }

  /// How much the wall is ahead of UTC, in milliseconds. 0.15 µs.
  private func offset(at moment: Moment) -> Int64 {
    Int64(zone.secondsFromGMT(for: Self.date(moment))) * 1_000
  }

  /// The next moment at which the offset may change.
  private func nextShift(after moment: Moment) -> Moment? {
    guard let date = zone.nextDaylightSavingTimeTransition(after: Self.date(moment)) else { return nil }
    let shift = Moment(Int64(date.timeIntervalSince1970.rounded()) * 1_000)
    return shift > moment ? shift : nil
  }

  /// The second that the moment is in. Zones change at whole seconds.
  private static func date(_ moment: Moment) -> Date {
    Date(timeIntervalSince1970: Double(moment.rawValue.flooredQuotient(by: 1_000)))
  }
}
