/// What a partition's loop has learnt about its events: guesses that save round trips, never truths. Each is checked by the
/// function that commits what was decided on it.
struct Guesses {
  /// Where customers' words matter.
  let listeners = Listeners()
  /// Whether customers who come are new.
  let newcomers = Newcomers()
}

/// Whether most customers who come lately come for the first time.
///
/// For one of whom nothing is stored a decision can be made without reading, and is sent together with the reading: a function
/// that finds a record refuses it (`moved`), and by then the record has come too. That saves a round trip where it was right,
/// and costs a refused step where it was not.
final class Newcomers {
  /// A refusal weighs more than what is gained, and few of either are soon forgotten.
  private static let (known, new, most) = (-2, 1, 8)

  private var balance = 0

  /// Whether the next one probably is.
  var areLikely: Bool { balance >= 0 }

  /// Learns from what was read.
  func note(isStored: Bool) {
    balance = min(Self.most, max(-Self.most, balance + (isStored ? Self.known : Self.new)))
  }
}
