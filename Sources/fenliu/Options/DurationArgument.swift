import ArgumentParser

/// A span of time on the command line: `300ms`, `2s`, `5m`.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration
  let description: String

  /// The lease of ``WorkerOptions``, as text.
  static let standardLease = DurationArgument(duration: .milliseconds(1_500), description: "1500ms")

  /// One second.
  static let second = DurationArgument(duration: .seconds(1), description: "1s")

  private init(duration: Duration, description: String) {
    self.duration = duration
    self.description = description
  }

  init?(argument: String) {
    let units: [(suffix: String, milliseconds: Int64)] = [("ms", 1), ("s", 1_000), ("m", 60_000)]
    for unit in units where argument.hasSuffix(unit.suffix) {
      guard let count = Int64(argument.dropLast(unit.suffix.count)), count >= 0, count <= 86_400_000 else {
        continue
      }
      duration = .milliseconds(count * unit.milliseconds)
      description = argument
      return
    }
    return nil
  }
}
