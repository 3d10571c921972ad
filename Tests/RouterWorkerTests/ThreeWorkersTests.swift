import Foundation
import HiredisClient
import Routing
import TestSupport
import Testing

/// What must hold when any number of workers runs side by side, with real processes.
@Suite struct ThreeWorkersTests {
  private static let shop = """
    shop: acme
    groups:
      g: {capacity: 10, queue: {limit: 5000}}
    agents:
    """

  private static func shop(agents: Int) -> String {
    shop + "\n" + (0..<agents).map { "  a\($0): {groups: [g]}" }.joined(separator: "\n") + "\n"
  }

  @Test(.redis, .timeLimit(.minutes(2)))
  func twoThousandAtOnceFillFiftyAgentsExactlyAndTheRestWaitsInOrder() async throws {
    let fleet = try await Fleet(RedisServer.required(), lease: "1500ms")
    try await fleet.apply(Self.shop(agents: 50))
    for _ in 0..<3 { try await fleet.startWorker() }
    try await fleet.push(0, (0..<50).map { Events.online("a\($0)") })
    try await fleet.drained()

    for partition in 0..<4 {
      try await fleet.push(
        partition, (0..<500).map { Events.open("c\(partition)-\($0)", gateway: "web\(partition)") })
    }
    try await fleet.drained()

    func agents() async throws -> [(String, Int64)] {
      try await fleet.send("FCALL_RO", "fl_agents", "1", "{0}", "acme").array?.map {
        ($0.array?[0].text ?? "", $0.array?[2].integer ?? -1)
      } ?? []
    }
    let loads = try await agents()
    #expect(loads.count == 50)
    #expect(loads.allSatisfy { $0.1 == 10 })
    let queue =
      try await fleet.send("ZRANGE", "fl:{0}:acme:wait:g", "0", "-1").array?.compactMap(\.text) ?? []
    #expect(queue.count == 1_500)
    #expect(try await fleet.check() == [])
    // In order: those of one partition wait in the order in which they were pushed.
    for partition in 0..<4 {
      let numbers = queue.filter { $0.hasPrefix("c\(partition)-") }.compactMap { Int($0.dropFirst(3)) }
      #expect(numbers == numbers.sorted(), "partition \(partition)")
      #expect(numbers.last == 499)
    }

    // 250 ends: exactly the 250 oldest follow.
    var active: [String] = []
    for (agent, _) in loads {
      active +=
        try await fleet.send("ZRANGE", "fl:{0}:acme:agent:\(agent):open", "0", "4").array?
        .compactMap(\.text) ?? []
    }
    #expect(active.count == 250)
    for conversation in active {
      let partition = Int(String(conversation.dropFirst().first ?? "0")) ?? 0
      try await fleet.push(partition, [Events.on(conversation, "close", #""by":"agent""#)])
    }
    try await fleet.drained()
    let after =
      try await fleet.send("ZRANGE", "fl:{0}:acme:wait:g", "0", "-1").array?.compactMap(\.text) ?? []
    #expect(after == Array(queue.dropFirst(250)))
    for conversation in queue.prefix(250) {
      let state = try await fleet.send("HGET", "fl:{0}:acme:conv:\(conversation)", "state").text
      #expect(state == "active", "\(conversation)")
    }
    #expect(try await agents().allSatisfy { $0.1 == 10 })
    #expect(try await fleet.check() == [])
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func aRaisedCapacityDrainsTheQueueWithinASecondAndWithoutAnyEvent() async throws {
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply("shop: acme\ngroups:\n  g: {}\nagents:\n  a: {groups: [g], capacity: 1}\n")
    try await fleet.startWorker()
    try await fleet.push(0, [Events.online("a")] + (0..<5).map { Events.open("c\($0)") })
    try await fleet.drained()
    #expect(try await fleet.send("ZCARD", "fl:{0}:acme:wait:g").integer == 4)
    try await fleet.apply("shop: acme\ngroups:\n  g: {}\nagents:\n  a: {groups: [g], capacity: 4}\n")
    try await eventually(within: .seconds(1), "the queue drains to one") {
      try await fleet.send("ZCARD", "fl:{0}:acme:wait:g").integer == 1
    }
    #expect(try await fleet.check() == [])
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func aKilledWorkerIsReplacedWithinThreeSeconds() async throws {
    let fleet = try await Fleet(RedisServer.required(), lease: "1500ms")
    try await fleet.apply(Self.shop(agents: 1))
    try await fleet.startWorker()
    try await fleet.startWorker()
    try await fleet.push(0, [Events.online("a0")])
    try await eventually("both workers hold two partitions") {
      var owners: [String: Int] = [:]
      for partition in 0..<4 {
        owners[try await fleet.send("HGET", "fl:{0}:lease:\(partition)", "owner").text ?? "", default: 0] += 1
      }
      return owners[""] == nil && owners.count == 2 && owners.values.allSatisfy { $0 == 2 }
    }
    await fleet.killWorker(0)
    for partition in 0..<4 { try await fleet.push(partition, [Events.open("k\(partition)")]) }
    try await fleet.drained(within: .seconds(3))
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func sigtermHandsOverAtOnceAndCleanly() async throws {
    let fleet = try await Fleet(RedisServer.required(), lease: "10s")
    try await fleet.apply(Self.shop(agents: 1))
    let first = try await fleet.startWorker()
    try await fleet.push(0, [Events.online("a0")])
    try await fleet.drained()
    first.send(signal: SIGTERM)
    #expect(try await first.wait() == .exited(0))
    for partition in 0..<4 {
      #expect(try await fleet.send("HGET", "fl:{0}:lease:\(partition)", "owner").text == "")
    }
    #expect(try await fleet.send("HLEN", "fl:{0}:members").integer == 0)
    // The next one does not wait for the lease, which is ten seconds here.
    try await fleet.startWorker()
    try await fleet.push(1, [Events.open("c1")])
    try await fleet.drained(within: .seconds(5))
    #expect(try await fleet.send("HGET", "fl:{0}:lease:1", "strikes").text == "0")
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func anIdleConversationIsClosedAndBothSidesAreTold() async throws {
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply("shop: acme\ngroups:\n  g: {idle_timeout: 300ms}\nagents:\n  a: {groups: [g]}\n")
    try await fleet.startWorker()
    try await fleet.push(
      0, [Events.online("a"), Events.open("c"), Events.on("c", "message", #""from":"agent","agent":"a""#)])
    try await eventually("it is closed as idle") {
      try await fleet.send("HGET", "fl:{0}:acme:conv:c", "close_reason").text == "idle"
    }
    #expect(try await fleet.outbox("web").last?.reason == "idle")
    #expect(try await fleet.outbox("desk").last?.reason == "idle")
    #expect(try await fleet.check() == [])
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func aTimerWhoseRecordIsSpoiltDoesNotStopTheOthers() async throws {
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply("shop: acme\ngroups:\n  g: {idle_timeout: 4s}\nagents:\n  a: {groups: [g]}\n")
    try await fleet.startWorker()
    let word = #""from":"agent","agent":"a""#
    try await fleet.push(
      0,
      [Events.online("a")] + ["c1", "c2"].flatMap { [Events.open($0), Events.on($0, "message", word)] })
    try await fleet.drained()
    _ = try await fleet.send("SET", "fl:{0}:acme:conv:c1", "spoilt")
    try await eventually("the other one is closed as idle") {
      try await fleet.send("HGET", "fl:{0}:acme:conv:c2", "close_reason").text == "idle"
    }
    try await eventually("the worker says so") {
      await fleet.workers[0].standardError.contains { $0.contains("a timer failed") }
    }
    // It is not forgotten, but tried again.
    #expect(try await fleet.send("ZSCORE", "fl:{0}:due", "idle:acme:c1").text != nil)
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func anAgentWhoStaysAwayGivesItsConversationsBack() async throws {
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply(
      "shop: acme\noffline_grace: 200ms\ngroups:\n  g: {}\nagents:\n  a: {groups: [g]}\n  b: {groups: [g]}\n")
    try await fleet.startWorker()
    try await fleet.push(0, [Events.online("a"), Events.open("c")])
    try await fleet.drained()
    try await fleet.push(
      0, [Events.online("b"), #"{"type":"agent.offline","shop":"acme","agent":"a"}"#])
    try await eventually("the other agent has it") {
      try await fleet.send("HGET", "fl:{0}:acme:conv:c", "agent").text == "b"
    }
    let told = try await fleet.outbox("web").map(\.type.name)
    #expect(told == ["conversation.assigned", "conversation.requeued", "conversation.assigned"])
    #expect(try await fleet.outbox("web").last?.reason == "requeue")
    #expect(try await fleet.check() == [])
  }
}
