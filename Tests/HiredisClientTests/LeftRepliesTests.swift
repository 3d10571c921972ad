import HiredisClient
import Synchronization
import TestSupport
import Testing

/// Commands that go out with others, and whose replies are taken later.
@Suite(.redis, .timeLimit(.minutes(2))) struct LeftRepliesTests {
  let server: RedisServer

  init() throws { server = try RedisServer.required() }

  private static func pipeline(_ commands: [String]...) -> RedisPipeline {
    var pipeline = RedisPipeline()
    for words in commands { pipeline.append(words) }
    return pipeline
  }

  @Test func theFirstRepliesAreThereBeforeTheWaitEnds() async throws {
    let redis = try await server.connected()
    let writes = Atomic<Int>(0)
    await redis.record { _ in writes.add(1, ordering: .relaxed) }
    let commands = Self.pipeline(
      ["INCR", "left:count"], ["BLMOVE", "left:in", "left:in", "LEFT", "LEFT", "30"],
      ["LRANGE", "left:in", "0", "-1"])
    #expect(try await redis.pipeline(commands, leaving: 2, patience: .seconds(40)) == [.integer(1)])
    // Nothing has come yet: somebody pushes only now.
    let other = try await server.connected()
    try await other.send("RPUSH", "left:in", "a", "b")
    let left = try await redis.takeLeft()
    #expect(left.first?.text == "a")
    #expect(left.last?.array?.compactMap(\.text) == ["a", "b"])
    #expect(writes.load(ordering: .relaxed) == 1)
    #expect(try await redis.send("PING") == .status("PONG"))
  }

  @Test func nothingElseIsSentBeforeTheyAreTaken() async throws {
    let redis = try await server.connected()
    let commands = Self.pipeline(["SET", "left:own", "1"], ["ECHO", "mine"])
    #expect(try await redis.pipeline(commands, leaving: 1, patience: .seconds(5)) == [.status("OK")])
    await #expect(throws: RedisError.repliesLeft) { try await redis.send("SET", "left:own", "2") }
    await #expect(throws: RedisError.repliesLeft) {
      try await redis.pipeline(commands, leaving: 1, patience: .seconds(5))
    }
    #expect(await redis.isConnected)
    #expect(try await redis.takeLeft().compactMap(\.text) == ["mine"])
    #expect(try await redis.takeLeft() == [])
    #expect(try await redis.send("GET", "left:own").text == "1")
  }

  @Test func allMayBeLeftOrNone() async throws {
    let redis = try await server.connected()
    let commands = Self.pipeline(["ECHO", "a"], ["NOSUCHCOMMAND"], ["ECHO", "c"])
    #expect(try await redis.pipeline(commands, leaving: 0, patience: .seconds(5)).count == 3)
    #expect(try await redis.takeLeft() == [])
    #expect(try await redis.pipeline(commands, leaving: 3, patience: .seconds(5)) == [])
    let left = try await redis.takeLeft()
    #expect(left.map(\.text) == ["a", nil, "c"])
    #expect(left[1].error?.kind == .other(code: "ERR"))
  }

  /// What is left is written to its last byte, though the replies that are waited for come long before.
  @Test func whatIsLeftIsSentWhole() async throws {
    let patient = RedisDeadlines(command: .seconds(60), idle: .seconds(60))
    let redis = try await server.connected(deadlines: patient)
    let large = String(repeating: "x", count: 8_000_000)
    let commands = Self.pipeline(["ECHO", "first"], ["ECHO", large], ["ECHO", "last"])
    #expect(try await redis.pipeline(commands, leaving: 2, patience: .seconds(60)).map(\.text) == ["first"])
    #expect(try await redis.takeLeft().map { $0.bytes?.count } == [8_000_000, 4])
  }

  @Test func aClosedConnectionOwesNothing() async throws {
    let redis = try await server.connected()
    let commands = Self.pipeline(["PING"], ["ECHO", "old"])
    _ = try await redis.pipeline(commands, leaving: 1, patience: .seconds(5))
    await redis.close()
    await #expect(throws: RedisError.notConnected) { try await redis.takeLeft() }
    try await redis.connect()
    #expect(try await redis.takeLeft() == [])
    #expect(try await redis.send("ECHO", "new").text == "new")
  }

  @Test func theyHaveADeadlineOfTheirOwn() async throws {
    let redis = try await server.connected()
    let commands = Self.pipeline(["PING"], ["BLMOVE", "left:none", "left:none", "LEFT", "LEFT", "0"])
    #expect(try await redis.pipeline(commands, leaving: 1, patience: .milliseconds(50)) == [.status("PONG")])
    await #expect(throws: RedisError.commandTimedOut(after: .milliseconds(50))) { try await redis.takeLeft() }
    #expect(await redis.isConnected == false)
  }

  @Test func aReplyTooManyIsFoundWhenTheyAreTaken() async throws {
    let fake = try FakeServer([.greet, .receive, .send("+A\r\n+B\r\n+C\r\n"), .hang])
    defer { fake.stop() }
    let redis = RedisConnection(to: fake.endpoint)
    try await redis.connect()
    let commands = Self.pipeline(["A"], ["B"])
    #expect(try await redis.pipeline(commands, leaving: 1, patience: .seconds(20)) == [.status("A")])
    await #expect(throws: RedisError.protocolError("a reply more than there were commands")) {
      try await redis.takeLeft()
    }
    #expect(await redis.isConnected == false)
  }
}
