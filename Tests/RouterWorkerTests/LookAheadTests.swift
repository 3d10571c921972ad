import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

@testable import RouterWorker

/// What a loop sends, counted: each write is a round trip, and at light load round trips are all that events wait for.
@Suite(.redis, .timeLimit(.minutes(2))) struct LookAheadTests {
  private static let shop = """
    shop: acme
    levels: {vip: 7}
    groups:
      g: {queue: {limit: 100000}}
    agents:
      a: {groups: [g]}
    """
  private let server: RedisServer

  init() throws { server = try RedisServer.required() }

  /// A loop that waits, and knows the shop's configuration, whose records are settled.
  private func started(_ prefix: String) async throws -> (LoopHarness, Task<Void, Never>) {
    let loop = try await LoopHarness(server, prefix: prefix)
    try await loop.fleet.apply(Self.shop)
    let task = try await loop.start()
    try await loop.isBlocked()
    _ = try await loop.writes(for: [Events.online("a")])
    _ = try await loop.writes(for: [Events.open("c")])
    return (loop, task)
  }

  @Test func anEventThatComesAloneTakesOneWrite() async throws {
    let (loop, task) = try await started("one:")
    let once = [["commit", "BLMOVE", "LRANGE"]]
    let read = [["HMGET", "commit", "BLMOVE", "LRANGE"]]
    #expect(try await loop.writes(for: [Events.open("c1")]) == read)
    #expect(try await loop.writes(for: [Events.on("c1", "message", #""from":"agent""#)]) == once)
    #expect(try await loop.writes(for: [Events.on("c1", "close", #""by":"agent""#)]) == once)
    #expect(try await loop.writes(for: ["no event at all"]) == once)
    #expect(try await loop.writes(for: [Events.open("c2")]) == read)
    try await loop.stop(task)
    #expect(try await loop.fleet.check() == [])
  }

  @Test func aFloodIsLookedAtWithoutWaiting() async throws {
    let (loop, task) = try await started("flood:")
    let words = (0..<300).map { Events.on("c", "message", #""from":"agent""#, source: "web", n: $0 + 1) }
    let looks = try await loop.writes(for: words).map { $0.filter { $0 != "commit" } }
    // 32, 64, 128 and the 76 that are left; only behind those is anything waited for.
    #expect(looks == [["LRANGE"], ["LRANGE"], ["LRANGE"], ["BLMOVE", "LRANGE"]])
    try await loop.stop(task)
  }

  @Test func whoeverWasServedBeforeIsDecidedOnByWhatIsStored() async throws {
    let (loop, task) = try await started("stored:")
    _ = try await loop.writes(
      for: [#"{"type":"customer.update","shop":"acme","customer":{"id":"u","vip":true}}"#])
    // New ones in between, so that the next is believed to be new too.
    for number in 0..<4 { _ = try await loop.writes(for: [Events.open("new\(number)")]) }
    let plain =
      #"{"type":"conversation.open","shop":"acme","conversation":"c1","customer":{"id":"u"},"gateway":"web"}"#
    let writes = try await loop.writes(for: [plain])
    // The first commit is refused, and what it would have had to know has come with the refusal.
    #expect(writes == [["HMGET", "commit", "BLMOVE", "LRANGE"], ["commit", "BLMOVE", "LRANGE"]])
    #expect(try await loop.fleet.send("HGET", "stored:{0}:acme:conv:c1", "level").text == "7")
    #expect(try await loop.fleet.send("LLEN", "stored:{0}:dead").integer == 0)
    try await loop.stop(task)
  }

  @Test func whereCustomersComeAgainTheyAreReadFirst() async throws {
    let (loop, task) = try await started("again:")
    _ = try await loop.writes(for: [Events.open("c0", customer: "u")])
    for round in 1...4 {
      _ = try await loop.writes(
        for: [Events.on("c\(round - 1)", "close", #""by":"agent""#), Events.open("c\(round)", customer: "u")])
    }
    let writes = try await loop.writes(for: [Events.open("c5", customer: "u")])
    #expect(writes == [["HMGET"], ["commit", "BLMOVE", "LRANGE"]])
    try await loop.stop(task)
  }

  /// What a wait behind a refused commit would have to wait for is in the list still.
  @Test func anEventThatIsRefusedGoesAgainThoughAWaitStandsBehindIt() async throws {
    let (loop, task) = try await started("stale:")
    try await loop.fleet.apply(
      "shop: acme\ndefault: {group: h}\ngroups:\n  g: {}\n  h: {queue: {limit: 100}}\n")
    let events = (0..<3).map { Events.open("c\($0)") }
    let writes = try await loop.writes(for: events)
    #expect(writes.count { $0.contains("commit") } >= 2)
    #expect(writes.last?.suffix(3) == ["commit", "BLMOVE", "LRANGE"])
    #expect(try await loop.fleet.send("ZCARD", "stale:{0}:acme:wait:h").integer == 3)
    #expect(try await loop.fleet.send("LLEN", "stale:{0}:dead").integer == 0)
    #expect(try await loop.fleet.position(1) == 5)
    try await loop.stop(task)
    #expect(try await loop.fleet.check() == [])
  }

  @Test func aLoopThatWaitsHandsOverAtOnceWhenItIsTold() async throws {
    let (loop, task) = try await started("stop:")
    loop.forgetWrites()
    try await loop.stop(task)
    #expect(loop.writes.filter { $0 != LoopHarness.look } == [["lease_release"]])
    #expect(try await loop.fleet.send("HGET", "stop:{0}:lease:1", "owner").text ?? "" == "")
  }

  @Test func whoHasLostTheLeaseTouchesNothingOfWhatItHasSeen() async throws {
    let (loop, task) = try await started("lost:")
    _ = try await loop.fleet.send("HSET", "lost:{0}:lease:1", "owner", "somebody", "epoch", "9")
    try await loop.fleet.push(1, [Events.open("c1")])
    await task.value
    #expect(try await loop.fleet.send("LLEN", "lost:{0}:in:1").integer == 1)
    #expect(try await loop.fleet.send("EXISTS", "lost:{0}:acme:conv:c1").integer == 0)
  }

  /// Each is marked before it is touched, so none may be seen ahead.
  @Test func underSuspicionNothingIsLookedAtAhead() async throws {
    let loop = try await LoopHarness(server, prefix: "suspect:")
    try await loop.fleet.apply(Self.shop)
    try await loop.fleet.push(1, (0..<3).map { Events.open("c\($0)") })
    let task = try await loop.start { $0.singleUntil = 3 }
    try await eventually("all are committed") { try await loop.fleet.position(1) == 3 }
    try await loop.isBlocked()
    let commits = loop.writes.filter { $0.contains("commit") }
    #expect(commits.count >= 3 && commits.allSatisfy { $0.last == "commit" }, "\(commits)")
    #expect(loop.writes.count { $0 == ["LRANGE"] } == 3)
    #expect(loop.writes.count { $0 == ["lease_attempt"] } == 3)
    try await loop.stop(task)
  }

  /// Redis refuses the wait then, not the look. With nothing there the refusal is told, or the loop would ask on and on.
  @Test func whatIsThereIsSeenThoughMemoryIsUsedUp() throws {
    let full = RedisValue.error(
      RedisServerError("OOM command not allowed when used memory > 'maxmemory'."))
    #expect(try InboxLook.events(in: [full, .array([.bulk([1]), .bulk([2])])]) == [[1], [2]])
    #expect(throws: RedisError.self) { try InboxLook.events(in: [full, .array([])]) }
    let other = RedisValue.error(
      RedisServerError("READONLY You can't write against a read only replica."))
    #expect(throws: RedisError.self) { try InboxLook.events(in: [other, .array([.bulk([1])])]) }
  }
}
