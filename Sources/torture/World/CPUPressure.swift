import Foundation

/// How long programs of this machine had to wait for a CPU, as Linux counts it in `/proc/pressure/cpu`.
///
/// Where others want all of it, a bound in seconds measures them and not Fenliu.
enum CPUPressure {
  /// Above so many percent a time is not judged. What a world itself does in its end comes to less.
  private static let tooMuch = 60

  /// Microseconds since the machine began; nil where the system does not count.
  static var total: Int? {
    guard let text = try? String(contentsOfFile: "/proc/pressure/cpu", encoding: .utf8) else { return nil }
    let word = text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("total=") }
    return word.flatMap { Int($0.dropFirst(6)) }
  }

  /// The share of `time` since `start` in which some program waited, in percent; nil if it is not too much.
  static func share(of time: Duration, since start: Int?) -> Int? {
    guard let start, let now = total else { return nil }
    let percent = Int(Double(now - start) / (time / .microseconds(1)) * 100)
    return percent > tooMuch ? min(100, percent) : nil
  }
}
