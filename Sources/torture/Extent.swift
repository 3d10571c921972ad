/// How much a run tries.
enum Extent: Sendable, Equatable, CustomStringConvertible {
  /// What each fault owes, then the next; ten minutes at most.
  case short
  /// So many minutes, all of which are used.
  case minutes(Double)

  /// What one share of a fault comes to in the short form, on a machine with two cores and nothing else to do.
  static let shortShare = Duration.seconds(3)

  /// When the last trial of all may begin. The end of a world takes some seconds too.
  var time: Duration {
    switch self {
    case .short: .seconds(570)
    case .minutes(let minutes): .seconds(minutes * 60)
    }
  }

  /// Whether the numbers of a night are owed.
  var isNight: Bool {
    if case .minutes(let minutes) = self { return minutes >= 480 }
    return false
  }

  /// Whether it is a failure when trials that are owed were not done: where the time was chosen by hand, fewer were
  /// asked for.
  var isHeldToNumbers: Bool { self == .short || isNight }

  var description: String {
    switch self {
    case .short: "the short form, ten minutes at most"
    case .minutes(let minutes): "\(minutes) minutes"
    }
  }
}
