import Testing

@testable import torture

@Suite("How many trials the battery does")
struct SessionTests {
  private let later = ContinuousClock.now + .seconds(600)
  private let past = ContinuousClock.now - .seconds(1)

  @Test("a fault that owes trials in the short form ends with the last of them")
  func endsWhenDone() {
    var session = Session(seed: 1, deadline: later, owed: 3, endsWhenDone: true)
    session.count(2)
    #expect(session.goesOn)
    #expect(!session.wants(beside: 1))
    session.count()
    #expect(!session.goesOn)
  }

  @Test("in a run of chosen length a fault goes on beyond what it owes")
  func usesAllOfTheTime() {
    var session = Session(seed: 1, deadline: later, owed: 3)
    session.count(3)
    #expect(session.goesOn)
  }

  @Test("a fault that met nothing is no trial")
  func missesAreNoTrials() {
    var session = Session(seed: 1, deadline: later, owed: 1, endsWhenDone: true)
    session.miss()
    #expect(session.goesOn)
    #expect(session.trials == 0)
  }

  @Test("one trial is done though the time is up, and no second one")
  func oneInAnyCase() {
    var session = Session(seed: 1, deadline: past)
    #expect(session.goesOn)
    session.count()
    #expect(!session.goesOn)
  }

  @Test("a fault that never meets anything gives up when the time is up")
  func givesUp() {
    var session = Session(seed: 1, deadline: past)
    session.miss(20)
    #expect(!session.goesOn)
  }

  @Test("one violation ends the trial of a mutant, twenty that of a fault")
  func endsWithViolations() {
    var mutant = Session(seed: 1, deadline: later, endsAtFirst: true)
    var fault = Session(seed: 1, deadline: later)
    for session in [mutant, fault] { #expect(session.goesOn) }
    mutant.count()
    fault.count()
    mutant.blame(["wrong"], at: "here")
    fault.blame(["wrong"], at: "here")
    #expect(!mutant.goesOn)
    #expect(fault.goesOn)
    fault.blame(Array(repeating: "wrong", count: 19), at: "here")
    #expect(!fault.goesOn)
  }

  @Test("spaces of points are owed together, and nothing beside them")
  func spacesAddUp() {
    var session = Session(seed: 1, deadline: later)
    session.owe(points: 160)
    session.owe(points: 12)
    #expect(session.owed == 172)
  }

  @Test("trials that are owed and were not done are missing, unless the machine cannot do them")
  func missing() {
    var session = Session(seed: 1, deadline: later, owed: 500)
    session.count(499)
    let outcome = Outcome(fault: .workerKill, session: session, time: .zero)
    #expect(outcome.missing == 1)
    let report = Report(outcomes: [outcome], seed: 1, heading: "").text
    #expect(report.contains("TOO FEW TRIALS: worker-kill: 499 of 500"))
    session.skipped = "no root"
    #expect(Outcome(fault: .workerKill, session: session, time: .zero).missing == 0)
  }

  @Test("the numbers of the short form and of a night")
  func numbers() {
    #expect(Extent.short.isHeldToNumbers && !Extent.short.isNight)
    #expect(!Extent.minutes(479).isHeldToNumbers)
    #expect(Extent.minutes(480).isHeldToNumbers && Extent.minutes(480).isNight)
  }

  @Test("every fault and every mutant has a name of its own")
  func names() {
    #expect(Set(Battery.faults.map(\.name)).count == Battery.faults.count)
    let mutants = Mutants.all.filter { !$0.isControl }
    #expect(Set(mutants.map(\.name)).count == mutants.count)
  }

  @Test("the text that a mutant changes stands in the library once", arguments: Mutants.all.map(\.name))
  func mutantsApply(_ name: String) throws {
    let mutant = try #require(Mutants.all.first { $0.name == name })
    #expect(mutant.library != nil)
  }

  @Test("an event at which two workers ended is left alone until the partition has moved on")
  func struck() {
    var struck = Struck()
    #expect(struck.times(at: 7) == 0)
    struck.strike(at: 7)
    struck.strike(at: 7)
    #expect(struck.times(at: 7) == 2)
    #expect(struck.times(at: 8) == 0)
    struck.strike(at: 8)
    #expect(struck.times(at: 8) == 1)
  }
}
