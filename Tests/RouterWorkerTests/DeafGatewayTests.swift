import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

@testable import RouterWorker

/// A gateway that does not take its commands: who is told, and how often.
@Suite struct DeafGatewayTests {
  /// What outboxes look like one after the other, "commands/dropped" or "-" for one that was never half full, and what
  /// is told each time.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var looks: [(outbox: String, told: [DeafGateways.Change])]
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "who takes is not told of", looks: [("-", []), ("-", [])]),
    Case(
      name: "half full is told once, and that it takes again",
      looks: [
        ("-", []), ("50000/0", [.halfFull]), ("70000/0", []), ("30000/0", []), ("24999/0", [.takes]),
        ("9/0", []),
      ]
    ),
    Case(
      name: "what is dropped is told once, and that it takes again",
      looks: [
        ("60000/0", [.halfFull]), ("100000/1", [.drops]), ("100000/90", []), ("60000/90", []),
        ("0/90", [.takes]),
        ("0/90", []),
      ]),
    Case(
      name: "it falls silent a second time",
      looks: [
        ("100000/5", [.drops]), ("0/5", [.takes]), ("50000/5", [.halfFull]), ("100000/6", [.drops]),
        ("0/6", [.takes]),
      ]),
    Case(
      name: "all at once between two looks",
      looks: [("-", []), ("12/300", [.drops, .takes]), ("12/300", []), ("12/301", [.drops, .takes])]),
    Case(
      name: "a keeper that comes later tells of those that are deaf now",
      looks: [("100000/40", [.drops]), ("100000/41", [])]),
    Case(name: "and not of those that were", looks: [("3/40", []), ("3/40", [])]),
    Case(
      name: "nor that something goes where nothing does", looks: [("100000/0", [.halfFull]), ("99999/0", [])]),
  ]

  @Test(arguments: cases)
  func isToldOfOnce(_ example: Case) {
    var deaf = DeafGateways()
    for (place, look) in example.looks.enumerated() {
      let numbers = look.outbox.split(separator: "/").compactMap { Int64($0) }
      let outboxes = numbers.count == 2 ? [outbox("web", numbers[0], numbers[1])] : []
      #expect(deaf.look(outboxes).map(\.change) == look.told, "look \(place)")
    }
  }

  @Test func eachGatewayHasItsOwnStory() {
    var deaf = DeafGateways()
    _ = deaf.look([])
    let news = deaf.look([outbox("a", 100_000, 1), outbox("b", 50_000, 0), outbox("c", 10, 0)])
    #expect(news.map { "\($0.outbox.gateway) \($0.change)" } == ["a drops", "b halfFull"])
  }

  private func outbox(_ gateway: String, _ length: Int64, _ dropped: Int64) -> Overview.Outbox {
    Overview.Outbox(shard: 0, gateway: GatewayID(unchecked: gateway), length: length, dropped: dropped)
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func theWorkerSaysWhenCommandsAreDroppedAndWhenTheGatewayTakesAgain() async throws {
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply("shop: acme\ngroups:\n  g: {}\n")
    let worker = try await fleet.startWorker()
    let fill = "for i = 1, 99990 do redis.call('RPUSH', KEYS[1], i) end"
    _ = try await fleet.send("EVAL", fill, "1", "fl:{0}:out:web")
    try await fleet.push(0, (0..<10).map { Events.open("c\($0)") })
    try await fleet.drained()
    try await eventually("the worker tells of it") {
      worker.standardError.contains { $0.contains("the oldest are dropped") && $0.contains("gateway=web") }
    }
    let dropped = try await fleet.send("HGET", "fl:{0}:dropped", "web").integer ?? 0
    let left = try await fleet.outbox(after: dropped)
    #expect(left == 100_000)
    _ = try await fleet.send("DEL", "fl:{0}:out:web")
    try await eventually("the worker tells that it takes again") {
      worker.standardError.contains { $0.contains("takes its commands again") }
    }
    // The keeper looks on; each thing is said once.
    try await fleet.push(0, [Events.open("c10")])
    try await fleet.drained()
    #expect(worker.standardError.count { $0.contains("the oldest are dropped") } == 1)
    #expect(worker.standardError.count { $0.contains("takes its commands again") } == 1)
  }
}

extension Fleet {
  /// How many commands lie there for the gateway `web`, when so many were dropped: what was sent is neither more nor less.
  fileprivate func outbox(after dropped: Int64) async throws -> Int64 {
    let sent = try await send("HGET", "fl:{0}:gateways", "web").integer ?? 0
    let length = try await send("LLEN", "fl:{0}:out:web").integer ?? 0
    #expect(length + dropped == 99_990 + sent)
    return length
  }
}
