import Foundation

/// The clock of the shop's day, which runs faster than ours.
struct ShopClock: Sendable {
  /// The moment of the shop's day at `start`, in milliseconds since midnight.
  let begin: Int64
  let start: ContinuousClock.Instant
  /// How many times faster.
  let speed: Double
  /// The Redis server's clock at `start`, in milliseconds since the epoch.
  let serverStart: Int64

  /// What it shows at an instant.
  func time(at instant: ContinuousClock.Instant = .now) -> Int64 {
    begin + Int64((start.duration(to: instant) / .milliseconds(1) * speed).rounded())
  }

  /// When it will show a time.
  func instant(of time: Int64) -> ContinuousClock.Instant {
    start + .microseconds(Int64((Double(time - begin) * 1_000 / speed).rounded()))
  }

  /// What it showed at a moment of the server's clock.
  func time(ofServer moment: Int64) -> Int64 {
    begin + Int64((Double(moment - serverStart) * speed).rounded())
  }

  /// A span of the server's clock, in the shop's time.
  func span(ofServer milliseconds: Int64) -> Int64 { Int64((Double(milliseconds) * speed).rounded()) }
}

/// Times of the shop's day as people read them.
enum ShopTime {
  /// `10:07:30`
  static func clock(_ milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds) / 1_000
    return "\(two(seconds / 3_600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  /// `1:05` minutes, or `2:01:05` hours.
  static func span(_ milliseconds: Int64) -> String {
    let seconds = (max(0, milliseconds) + 500) / 1_000
    let minutes = seconds / 60
    return minutes < 60
      ? "\(minutes):\(two(seconds % 60))" : "\(minutes / 60):\(two(minutes % 60)):\(two(seconds % 60))"
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// The natural logarithm, so that only this file of the player needs the C library's mathematics.
enum Logarithm {
  static func natural(_ number: Double) -> Double { log(number) }
}
