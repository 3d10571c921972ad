/// Queue priority: 0 (ordinary) to 10 (first).
public struct Level: Hashable, Sendable, Comparable {
  /// 0…10.
  public let rawValue: Int

  /// The level nearest to `value`: values outside 0…10 are clamped (routing, section 1).
  public init(clamping value: Int) { rawValue = min(10, max(0, value)) }

  /// The level of an ordinary customer.
  public static let ordinary = Level(clamping: 0)

  /// Order by urgency: a higher level is greater.
  public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
}

/// A moment in milliseconds since the Unix epoch, on the Redis server's clock.
public struct Moment: Hashable, Sendable, Comparable {
  /// Milliseconds since the Unix epoch.
  public let rawValue: Int64

  /// Wraps milliseconds since the Unix epoch.
  public init(_ milliseconds: Int64) { rawValue = milliseconds }

  /// Order by time.
  public static func < (left: Moment, right: Moment) -> Bool { left.rawValue < right.rawValue }
}

/// A span of time in whole milliseconds, as configuration gives it. 0 means "off" where a key says so.
public struct Milliseconds: Hashable, Sendable, Comparable {
  /// Milliseconds, never negative.
  public let rawValue: Int64

  /// Wraps milliseconds.
  public init(_ milliseconds: Int64) { rawValue = milliseconds }

  /// So many seconds.
  public static func seconds(_ count: Int64) -> Milliseconds { Milliseconds(count * 1_000) }
  /// So many minutes.
  public static func minutes(_ count: Int64) -> Milliseconds { Milliseconds(count * 60_000) }
  /// So many hours.
  public static func hours(_ count: Int64) -> Milliseconds { Milliseconds(count * 3_600_000) }
  /// So many days.
  public static func days(_ count: Int64) -> Milliseconds { Milliseconds(count * 86_400_000) }
  /// No time at all; "off" where a key says so.
  public static let zero = Milliseconds(0)

  /// Order by length.
  public static func < (left: Milliseconds, right: Milliseconds) -> Bool { left.rawValue < right.rawValue }
}
