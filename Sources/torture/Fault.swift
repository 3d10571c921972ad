import Proving

/// One kind of fault: what is done to a running world, and how its trials are counted.
struct Fault: Sendable {
  /// What a run owes.
  enum Owed: Sendable {
    /// One trial, and as many more as come into its part of the time.
    case one
    /// So many trials in the short form, which then goes on to the next fault, and so many in a night.
    case trials(short: Int, night: Int)
    /// Every point of a space that the fault knows itself: a byte, a step.
    case everyPoint
  }

  /// The name for `--only`.
  let name: String
  /// What one trial does, for the table.
  let summary: String
  /// Its part of the time, in relation to the others.
  let share: Int
  /// What it owes.
  let owed: Owed
  /// Does trials as long as the session wants more.
  let run: @Sendable (inout Session) async throws -> Void

  init(
    name: String, summary: String, share: Int, owed: Owed = .one,
    run: @escaping @Sendable (inout Session) async throws -> Void
  ) {
    self.name = name
    self.summary = summary
    self.share = share
    self.owed = owed
    self.run = run
  }
}
