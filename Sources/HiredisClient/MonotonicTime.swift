import Glibc

/// A moment on the machine's monotonic clock, in nanoseconds since an arbitrary start. Deadlines are kept in
/// it, since the wall clock may jump.
struct MonotonicTime: Comparable {
  private let nanoseconds: Int64

  static var now: MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The moment `duration` later; the far future for durations beyond some 290 years.
  static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
    let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    return MonotonicTime(nanoseconds: overflow ? .max : sum)
  }

  static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
    .nanoseconds(left.nanoseconds - right.nanoseconds)
  }

  /// Milliseconds from now to this moment as `poll` wants them: rounded up, so that a wait never ends just
  /// before its deadline and spins, and 0 if it has passed.
  func pollTimeout(from now: MonotonicTime) -> Int32 {
    guard self > now else { return 0 }
    let milliseconds = (nanoseconds - now.nanoseconds) / 1_000_000 + 1
    return Int32(clamping: milliseconds)
  }
}

extension Duration {
  /// Whole nanoseconds, clamped to what 64 bits hold.
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carry) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carry ? (seconds < 0 ? .min : .max) : sum
  }
}
