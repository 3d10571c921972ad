import Proving

/// One kind of fault: what is done to a running world, and how its trials are counted.
struct Fault: Sendable {
  /// The name for `--only`.
  let name: String
  /// What one trial does, for the table.
  let summary: String
  /// Its part of the time, in relation to the others.
  let share: Int
  /// Does trials until the session's time is up.
  let run: @Sendable (inout Session) async throws -> Void
}

/// The trials of one fault: how long it may go on, and what it has found.
struct Session: Sendable {
  /// When no new trial shall begin.
  let deadline: ContinuousClock.Instant
  /// All its random choices.
  var random: SeededGenerator
  /// How often the fault was done.
  private(set) var trials = 0
  /// What went wrong.
  private(set) var violations: [String] = []
  /// What else is worth a line beneath the table.
  private(set) var notes: [String] = []
  /// Why it could not be tried on this machine.
  var skipped: String?
  /// How many steps of functions were judged by the audit's checker.
  private(set) var audited = 0
  /// How many events were pushed meanwhile, repeats left out.
  private(set) var events = 0
  /// The longest time in which the lists drained after the last fault.
  private(set) var worstDrain = Duration.zero

  /// Beyond so many it is known that something is broken.
  private let violationsAllowed: Int

  init(seed: UInt64, deadline: ContinuousClock.Instant, endsAtFirst: Bool = false) {
    violationsAllowed = endsAtFirst ? 1 : 20
    random = SeededGenerator(seed: seed)
    self.deadline = deadline
  }

  /// Whether another trial shall begin: one in any case.
  var goesOn: Bool {
    if trials == 0 { return violations.isEmpty }
    return ContinuousClock.now < deadline && violations.count < violationsAllowed
  }

  /// Trials that were done.
  mutating func count(_ number: Int = 1) { trials += number }

  /// What a trial showed.
  mutating func note(_ text: String) { notes.append(text) }

  /// What went wrong; `place` says how to see it again.
  mutating func blame(_ texts: [String], at place: String) {
    violations += texts.map { "\(place): \($0)" }
  }

  /// What a world's judge found.
  mutating func take(_ verdict: Verdict, at place: String) {
    blame(verdict.violations, at: place)
    events += verdict.events
    audited += verdict.audited
    worstDrain = max(worstDrain, verdict.drain)
    if let unjudged = verdict.unjudged { notes.append("\(place): \(unjudged)") }
  }
}

/// What is found when a world has come to rest.
struct Verdict: Sendable {
  /// Everything that is not as it must be; empty when all is well.
  var violations: [String] = []
  /// Why the time of draining was not judged.
  var unjudged: String?
  /// How many trials it stands for.
  var trials = 1
  /// How many steps of functions were judged by the audit's checker.
  var audited = 0
  /// How many events the gateways pushed, repeats left out.
  var events = 0
  /// How long the lists took to drain after the last fault and the last push.
  var drain = Duration.zero
}
