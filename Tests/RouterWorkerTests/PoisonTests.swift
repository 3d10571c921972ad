import HiredisClient
import TestSupport
import Testing

/// An event that ends the worker each time it is touched.
@Suite struct PoisonTests {
  @Test(.redis, .timeLimit(.minutes(1)), arguments: [0, 1, 40])
  func aPoisonEventIsSetAsideAfterThreeStrikesAndWhatLiesBehindItIsServed(place: Int) async throws {
    let fleet = try await Fleet(RedisServer.required(), lease: "200ms")
    let hook = ["FENLIU_TEST_CRASH_ON": "p0is0n"]
    try await fleet.apply("shop: acme\ngroups:\n  g: {}\nagents:\n  a: {groups: [g]}\n")
    var events = (0..<60).map { Events.open("c\($0)") }
    events.insert(Events.open("p0is0n"), at: place)
    try await fleet.push(2, events)

    var ends = 0
    try await fleet.startWorker(environment: hook)
    try await eventually(within: .seconds(30), "the list is drained") {
      for (index, worker) in await fleet.workers.enumerated().reversed() where !worker.isRunning {
        ends += 1
        await fleet.killWorker(index)
        try await fleet.startWorker(environment: hook)
      }
      return try await fleet.backlog() == 0
    }
    // One of which nothing was known, one that showed the group, then three with the event marked: three strikes.
    #expect(ends == 5)
    let letters = try await fleet.send("LRANGE", "fl:{0}:dead", "0", "-1").array?.compactMap(\.text) ?? []
    #expect(letters.count == 1)
    #expect(letters.first?.contains("p0is0n") == true)
    #expect(letters.first?.contains("set aside") == true)
    #expect(try await fleet.position(2) == 61)
    for index in 0..<60 {
      #expect(try await fleet.send("EXISTS", "fl:{0}:acme:conv:c\(index)").integer == 1, "c\(index)")
    }
    #expect(try await fleet.check() == [])
  }

  /// The heads of the other partitions are so long that they are still being worked on whenever the poison ends the
  /// process, if they may be at all.
  @Test(.redis, .timeLimit(.minutes(1)))
  func theHeadsOfOtherPartitionsAreNotBlamedForIt() async throws {
    let fleet = try await Fleet(RedisServer.required(), lease: "200ms")
    let hook = ["FENLIU_TEST_CRASH_ON": "p0is0n"]
    try await fleet.apply("shop: acme\ngroups:\n  g: {}\nagents:\n  a: {groups: [g]}\n")
    let long = String(repeating: "多", count: 100_000)
    for partition in 0..<3 {
      let text = #"{"type":"conversation.message","shop":"acme","conversation":"long\#(partition)","#
      try await fleet.push(partition, [text + #""from":"customer","text":"\#(long)"}"#])
    }
    try await fleet.push(3, [Events.open("p0is0n")])
    try await fleet.startWorker(environment: hook)
    try await eventually(within: .seconds(30), "the list is drained") {
      for (index, worker) in await fleet.workers.enumerated().reversed() where !worker.isRunning {
        await fleet.killWorker(index)
        try await fleet.startWorker(environment: hook)
      }
      return try await fleet.backlog() == 0
    }
    let letters = try await fleet.send("LRANGE", "fl:{0}:dead", "0", "-1").array?.compactMap(\.text) ?? []
    let aside = letters.filter { $0.contains("set aside") }
    #expect(aside.count == 1)
    #expect(aside.first?.contains("p0is0n") == true)
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func idleWorkersThatAreKilledBlameNoEvent() async throws {
    let fleet = try await Fleet(RedisServer.required(), lease: "200ms")
    try await fleet.apply("shop: acme\ngroups:\n  g: {}\n")
    for round in 0..<5 {
      try await fleet.startWorker()
      try await eventually("the lease is taken") {
        let epoch = try await fleet.send("HGET", "fl:{0}:lease:0", "epoch").integer ?? 0
        return epoch == Int64(round + 1)
      }
      await fleet.killAll()
    }
    try await fleet.startWorker()
    try await fleet.push(0, [Events.open("c")])
    try await fleet.drained()
    #expect(try await fleet.send("LLEN", "fl:{0}:dead").integer == 0)
    #expect(try await fleet.send("EXISTS", "fl:{0}:acme:conv:c").integer == 1)
  }
}
