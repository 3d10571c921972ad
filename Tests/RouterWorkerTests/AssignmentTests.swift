import Testing

@testable import RouterWorker

@Suite struct AssignmentTests {
  @Test(arguments: 1...9)
  func everyPartitionHasOneWorkerAndNobodyMoreThanAnEvenShare(workers: Int) {
    let members = (0..<workers).map { "host.\($0).abc" }
    let targets = Assignment.targets(members: members, shard: 0, partitions: 16)
    #expect(targets.count == 16)
    let loads = Dictionary(grouping: targets, by: { $0 }).mapValues(\.count)
    #expect(loads.values.allSatisfy { $0 <= (16 + workers - 1) / workers })
    #expect(Set(targets).isSubset(of: Set(members)))
  }

  @Test func theOrderOfTheMemberListDoesNotMatter() {
    let members = ["a", "b", "c", "d"]
    #expect(
      Assignment.targets(members: members, shard: 3, partitions: 8)
        == Assignment.targets(members: members.reversed(), shard: 3, partitions: 8))
  }

  @Test func nobodyServesNothing() {
    #expect(Assignment.targets(members: [], shard: 0, partitions: 4).isEmpty)
  }

  @Test func aWorkerThatGoesLeavesMostPartitionsWhereTheyAre() {
    let members = (0..<8).map { "worker-\($0)" }
    let before = Assignment.targets(members: members, shard: 0, partitions: 64)
    let after = Assignment.targets(members: members.dropLast(), shard: 0, partitions: 64)
    let moved = zip(before, after).count { $0 != $1 }
    #expect(moved < 32, "\(moved) of 64 moved; 8 had to")
  }
}

@Suite struct StandstillWatchTests {
  @Test func standstillCountsFromTheLastChangeOnOurOwnClock() {
    var watch = StandstillWatch<Int, Int>()
    let start = ContinuousClock.now
    watch.look([1: 7], at: start)
    watch.look([1: 7], at: start + .seconds(2))
    #expect(watch.standstill(of: 1, at: start + .seconds(3)) == .seconds(3))
    watch.look([1: 8], at: start + .seconds(4))
    #expect(watch.standstill(of: 1, at: start + .seconds(5)) == .seconds(1))
  }

  @Test func whatWasNotSeenHasNotStoodStill() {
    var watch = StandstillWatch<Int, Int>()
    let start = ContinuousClock.now
    #expect(watch.standstill(of: 1, at: start) == .zero)
    watch.look([1: 7], at: start)
    watch.reset()
    watch.look([1: 7], at: start + .seconds(10))
    #expect(watch.standstill(of: 1, at: start + .seconds(10)) == .zero)
    watch.look([:], at: start + .seconds(11))
    watch.look([1: 7], at: start + .seconds(12))
    #expect(watch.standstill(of: 1, at: start + .seconds(12)) == .zero)
  }
}
