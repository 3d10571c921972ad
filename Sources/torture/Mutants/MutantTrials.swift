import Proving

extension Fault {
  /// The battery on trial: each deliberate fault of the protocol must show.
  static let mutants = Fault(
    name: "mutants", summary: "a deliberate fault of the protocol, which the battery must catch", share: 40,
    owed: .everyPoint
  ) { session in
    let trials = MutantTrials(Mutants.all, from: &session.random, until: session.deadline)
    session.owe(points: Mutants.all.count)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<MutantTrials.sideBySide { group.addTask { await trials.work() } }
    }
    for (mutant, outcome) in await trials.done {
      session.count()
      switch outcome {
      case .caught(let evidence):
        session.note(Catch(mutant: mutant.name, fault: mutant.fault.name, evidence: evidence))
      case .acquitted: break
      case .wrong(let texts): session.blame(texts, at: "mutant “\(mutant.name)” of \(mutant.fault.name)")
      }
    }
  }
}

/// Mutants that are tried side by side, since most of a trial is waiting.
private actor MutantTrials {
  enum Outcome {
    case caught(String)
    case acquitted
    case wrong([String])
  }

  static let sideBySide = 3
  /// How long a mutant may go on before it has survived. Most are caught with the first faults that come their way; on a
  /// machine with other things to do these come late.
  private static let mutantTime = Duration.seconds(30)
  /// How long nothing must be found where nothing was changed.
  private static let controlTime = Duration.seconds(3)

  private var rest: ArraySlice<(Int, Mutant, UInt64)>
  private var outcomes: [Int: (Mutant, Outcome)] = [:]
  private let deadline: ContinuousClock.Instant

  init(_ mutants: [Mutant], from random: inout SeededGenerator, until deadline: ContinuousClock.Instant) {
    self.deadline = deadline
    var trials: [(Int, Mutant, UInt64)] = []
    for (index, mutant) in mutants.enumerated() { trials.append((index, mutant, random.next())) }
    rest = trials[...]
  }

  /// Those that were tried, in the order of the list.
  var done: [(Mutant, Outcome)] { outcomes.sorted { $0.key < $1.key }.map(\.value) }

  /// Tries mutants until none is left or time is up.
  func work() async {
    while ContinuousClock.now < deadline, let (index, mutant, seed) = rest.popFirst() {
      outcomes[index] = (mutant, await Self.outcome(of: mutant, seed))
    }
  }

  private static func outcome(of mutant: Mutant, _ seed: UInt64) async -> Outcome {
    guard mutant.library != nil else { return .wrong(["the text that it changes is not there exactly once"]) }
    var session = Session(
      seed: seed, deadline: .now + (mutant.isControl ? controlTime : mutantTime), endsAtFirst: true)
    do {
      session = try await Mutant.$current.withValue(mutant) { [session] in
        var inner = session
        try await mutant.fault.run(&inner)
        return inner
      }
    } catch {
      session.blame(["\(error)"], at: "it could not go on")
    }
    if mutant.isControl {
      return session.violations.isEmpty ? .acquitted : .wrong(session.violations.map { "convicted: \($0)" })
    }
    return session.violations.first.map { .caught($0) } ?? .wrong(["survived \(session.trials) trials"])
  }
}
