import Foundation
import Proving

/// All faults, one after the other, each with its part of the time.
struct Battery {
  /// Every fault that there is, in the order of the report.
  static let faults: [Fault] = [
    .workerKill, .workerStep, .workerStop, .gatewayKill, .redisKillAlways, .redisKillEverysec, .redisStop,
    .zombieCalls, .aofCut, .wireCut, .wireTrouble, .functionsFlushed, .poison, .wireRepeat, .scenes,
    .foreignScript, .scale, .memoryFull, .diskFull, .clock, .upgrade, .hostile, .deafGateway, .soak, .cluster,
    .mutants,
  ]

  let faults: [Fault]
  let seed: UInt64
  let time: Duration

  /// Runs them; what each has found.
  func run() async -> [Outcome] {
    print("torture: seed \(seed), \(faults.count) faults in \(time)")
    var outcomes: [Outcome] = []
    let begin = ContinuousClock.now
    let shares = faults.reduce(0) { $0 + $1.share }
    var done = 0
    for fault in faults {
      done += fault.share
      // What one leaves of its time, the later ones have.
      let planned = begin + time * Double(done) / Double(shares)
      let deadline = max(planned, .now + .seconds(2))
      let outcome = await run(fault, until: deadline)
      outcomes.append(outcome)
      print(Report.progress(outcome))
      fflush(nil)
    }
    return outcomes
  }

  private func run(_ fault: Fault, until deadline: ContinuousClock.Instant) async -> Outcome {
    let started = ContinuousClock.now
    var session = Session(seed: seed ^ Self.hash(fault.name), deadline: deadline)
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
}
