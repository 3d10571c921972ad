import Foundation
import Proving

/// All faults, one after the other, each with its part of the time.
struct Battery {
  /// Every fault that there is, in the order of the report.
  static let faults: [Fault] = [
    .workerKill, .workerStep, .workerStop, .gatewayKill, .redisKillAlways, .redisKillEverysec, .redisStop,
    .zombieCalls, .aofCut, .wireCut, .wireTrouble, .functionsFlushed, .poison, .wireRepeat, .scenes,
    .foreignScript, .scale, .memoryFull, .diskFull, .clock, .upgrade, .hostile, .deafGateway, .soak,
    .failover, .cluster, .mutants,
  ]

  let faults: [Fault]
  let seed: UInt64
  let extent: Extent

  /// Runs them; what each has found.
  func run() async -> [Outcome] {
    print("torture: seed \(seed), \(faults.count) faults, \(extent)")
    var outcomes: [Outcome] = []
    let end = ContinuousClock.now + extent.time
    for (index, fault) in faults.enumerated() {
      let outcome = await run(fault, until: deadline(of: index, end: end))
      outcomes.append(outcome)
      print(Report.progress(outcome))
      fflush(nil)
    }
    return outcomes
  }

  /// When a fault's last trial may begin. What one leaves of its time, the later ones have.
  private func deadline(of index: Int, end: ContinuousClock.Instant) -> ContinuousClock.Instant {
    let now = ContinuousClock.now
    let left = max(end - now, .zero)
    let share = faults[index].share
    let shares = faults[index...].reduce(0) { $0 + $1.share }
    var time = left * share / shares
    if extent == .short {
      if case .one = faults[index].owed {
        time = min(time, Extent.shortShare * share)
      } else {
        // Who owes a number may take all that the others will hardly need.
        time = max(time, left - Extent.shortShare * (shares - share))
      }
    }
    return now + max(time, .seconds(2))
  }

  private func run(_ fault: Fault, until deadline: ContinuousClock.Instant) async -> Outcome {
    let started = ContinuousClock.now
    let (owed, isNumber) =
      switch fault.owed {
      case .one, .everyPoint: (1, false)
      case .trials(let short, let night): (extent.isNight ? night : short, true)
      }
    var session = Session(
      seed: seed ^ Self.hash(fault.name), deadline: deadline, owed: owed,
      endsWhenDone: isNumber && extent == .short, isForLong: extent.isNight)
    do {
      try await fault.run(&session)
      if session.trials == 0, session.skipped == nil { session.blame(["no trial was done"], at: fault.name) }
    } catch {
      session.blame(["it could not go on: \(error)"], at: fault.name)
    }
    return Outcome(fault: fault, session: session, time: ContinuousClock.now - started)
  }

  /// FNV-1a: the same on every run, unlike `hashValue`.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

/// What the trials of one fault have found.
struct Outcome: Sendable {
  let fault: Fault
  let session: Session
  let time: Duration

  /// How often it was done.
  var trials: Int { session.trials }
  /// What went wrong.
  var violations: [String] { session.violations }
  /// How many trials are missing that it owed; none where it cannot be tried.
  var missing: Int { session.skipped == nil ? max(0, session.owed - session.trials) : 0 }
}
