import Proving

extension Fault {
  /// The battery on trial: each deliberate fault of the protocol must show.
  static let mutants = Fault(
    name: "mutants", summary: "a deliberate fault of the protocol, which the battery must catch", share: 18
  ) { session in
    for mutant in Mutants.all {
      session.count()
      guard mutant.library != nil else {
        session.blame(["the text that it changes is not there exactly once"], at: "mutant “\(mutant.name)”")
        continue
      }
      // A few seconds, whatever the time: half a trial says nothing.
      var trial = Session(seed: session.random.next(), deadline: .now + .seconds(3), endsAtFirst: true)
      do {
        trial = try await Mutant.$current.withValue(mutant) {
          var inner = trial
          try await mutant.fault.run(&inner)
          return inner
        }
      } catch {
        trial.blame(["\(error)"], at: "it could not go on")
      }
      if mutant.isControl {
        session.blame(trial.violations, at: "\(mutant.name), yet \(mutant.fault.name) convicts it")
      } else if let first = trial.violations.first {
        session.note("caught: \(mutant.name) | \(mutant.fault.name) | \(first.prefix(160))")
      } else {
        session.blame(
          ["survived \(trial.trials) trials of \(mutant.fault.name)"], at: "mutant “\(mutant.name)”")
      }
    }
  }
}
