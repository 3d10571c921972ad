import Proving

/// The trials of one fault: how long it may go on, and what it has found.
struct Session: Sendable {
  /// When no new trial shall begin.
  let deadline: ContinuousClock.Instant
  /// All its random choices.
  var random: SeededGenerator
  /// How often the fault was done, and met what it is meant for.
  private(set) var trials = 0
  /// How many trials it owes.
  private(set) var owed: Int
  /// How often the fault was done and met nothing: a worker that was idle, a connection on which nothing went.
  private(set) var misses = 0
  /// What went wrong.
  private(set) var violations: [String] = []
  /// What else is worth a line beneath the table.
  private(set) var notes: [String] = []
  /// Mutants that were caught.
  private(set) var catches: [Catch] = []
  /// Why it could not be tried on this machine.
  var skipped: String?
  /// How many steps of functions were judged by the audit's checker.
  private(set) var audited = 0
  /// How many events were pushed meanwhile, repeats left out.
  private(set) var events = 0
  /// The longest time in which the lists drained after the last fault.
  private(set) var worstDrain = Duration.zero

  private var hasSpace = false
  /// Whether all of the time is to be used, as in a night.
  let isForLong: Bool
  /// So many trials are enough.
  private let enough: Int
  /// Beyond so many it is known that something is broken.
  private let violationsAllowed: Int

  /// - Parameters:
  ///   - owed: how many trials have to be done.
  ///   - endsWhenDone: whether no more than these are wanted.
  ///   - isForLong: whether all of the time is to be used.
  ///   - endsAtFirst: whether one violation is enough.
  init(
    seed: UInt64, deadline: ContinuousClock.Instant, owed: Int = 1, endsWhenDone: Bool = false,
    isForLong: Bool = false, endsAtFirst: Bool = false
  ) {
    self.isForLong = isForLong
    violationsAllowed = endsAtFirst ? 1 : 20
    enough = endsWhenDone ? owed : .max
    self.owed = owed
    random = SeededGenerator(seed: seed)
    self.deadline = deadline
  }

  /// Whether another trial shall begin: one in any case.
  var goesOn: Bool { wants(beside: 0) }

  /// Whether another trial shall begin beside so many that are under way.
  func wants(beside underWay: Int) -> Bool {
    if trials + underWay == 0, misses < 20 { return violations.isEmpty }
    return ContinuousClock.now < deadline && trials + underWay < enough
      && violations.count < violationsAllowed
  }

  /// Trials that were done.
  mutating func count(_ number: Int = 1) { trials += number }

  /// Faults that were done and met nothing, which are no trials.
  mutating func miss(_ number: Int = 1) { misses += number }

  /// All of so many points are to be tried, beside those of spaces before.
  mutating func owe(points: Int) {
    owed = (hasSpace ? owed : 0) + points
    hasSpace = true
  }

  /// What a trial showed.
  mutating func note(_ text: String) { notes.append(text) }

  /// A mutant was caught.
  mutating func note(_ caught: Catch) { catches.append(caught) }

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

/// A mutant that did not get away.
struct Catch: Sendable {
  let mutant: String
  let fault: String
  /// The first thing that was found.
  let evidence: String
}

/// What is found when a world has come to rest.
struct Verdict: Sendable {
  /// Everything that is not as it must be; empty when all is well.
  var violations: [String] = []
  /// Why the time of draining was not judged.
  var unjudged: String?
  /// How many trials it stands for.
  var trials = 1
  /// How many faults met nothing.
  var misses = 0
  /// How many steps of functions were judged by the audit's checker.
  var audited = 0
  /// How many events the gateways pushed, repeats left out.
  var events = 0
  /// How long the lists took to drain after the last fault and the last push.
  var drain = Duration.zero
}
