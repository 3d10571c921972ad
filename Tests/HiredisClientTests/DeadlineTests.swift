import HiredisClient
import TestSupport
import Testing

/// What ends a wait, and that the connection is closed after it.
@Suite(.timeLimit(.minutes(2))) struct DeadlineTests {
  // The connection itself may take long: other tests keep the machine busy.
  private let quick = RedisDeadlines(
    connect: .seconds(20), command: .milliseconds(300), idle: .milliseconds(150))
  private let patient = RedisDeadlines(connect: .seconds(20), command: .seconds(20), idle: .seconds(20))

  /// Connects, sends PING, and expects this error; then that the connection is closed.
  private func expect(
    _ error: RedisError, from steps: [FakeServer.Step], _ deadlines: RedisDeadlines,
    commandDeadline: Duration? = nil
  ) async throws {
    let server = try FakeServer([.greet, .receive] + steps)
    defer { server.stop() }
    let redis = RedisConnection(to: server.endpoint, deadlines: deadlines)
    try await redis.connect()
    await #expect(throws: error) { try await redis.send("PING", deadline: commandDeadline) }
    #expect(await redis.isConnected == false)
    await #expect(throws: RedisError.notConnected) { try await redis.send("PING") }
    // And it can be opened again.
    try await redis.connect()
    #expect(await redis.isConnected)
  }

  @Test func silenceEndsTheWait() async throws {
    try await expect(.idleTimedOut(after: .milliseconds(150)), from: [.hang], quick)
  }

  @Test func silenceInTheMiddleOfAReplyEndsTheWait() async throws {
    try await expect(.idleTimedOut(after: .milliseconds(150)), from: [.send("$5\r\nab"), .hang], quick)
  }

  @Test func dripsDoNotExtendTheDeadline() async throws {
    let text = "$100\r\n" + String(repeating: "x", count: 100) + "\r\n"
    try await expect(
      .commandTimedOut(after: .milliseconds(300)), from: [.drip(text, every: .milliseconds(20))],
      RedisDeadlines(connect: .seconds(20), command: .milliseconds(300), idle: .seconds(20)))
  }

  @Test func aDeadlineOfTheCallReplacesBoth() async throws {
    try await expect(
      .commandTimedOut(after: .milliseconds(50)), from: [.hang], patient,
      commandDeadline: .milliseconds(50))
    // Silence longer than `idle` is what a blocking command is expected to answer with.
    let server = try FakeServer([.greet, .receive, .drip("+", every: .milliseconds(250)), .send("OK\r\n")])
    defer { server.stop() }
    let redis = RedisConnection(to: server.endpoint, deadlines: quick)
    try await redis.connect()
    #expect(try await redis.send("BLMOVE", deadline: .seconds(10)) == .status("OK"))
  }

  @Test func dripsWithinTheDeadlineAreAReply() async throws {
    let server = try FakeServer([
      .greet, .receive, .drip("*2\r\n$3\r\nabc\r\n:-12\r\n", every: .milliseconds(2)),
    ])
    defer { server.stop() }
    let redis = RedisConnection(to: server.endpoint, deadlines: patient)
    try await redis.connect()
    #expect(try await redis.send("X") == .array([.bulk(Array("abc".utf8)), .integer(-12)]))
  }

  @Test func aServerThatNeverGreetsTimesOut() async throws {
    let server = try FakeServer([.hang])
    defer { server.stop() }
    let endpoint = RedisEndpoint(.tcp(host: "127.0.0.1", port: server.port), password: "hunter2")
    let redis = RedisConnection(
      to: endpoint, deadlines: RedisDeadlines(connect: .milliseconds(300)))
    let error = await #expect(throws: RedisError.self) { try await redis.connect() }
    #expect(error == .connectTimedOut(endpoint: endpoint.description, after: .milliseconds(300)))
    #expect("\(String(describing: error))".contains("hunter2") == false)
  }

  @Test func aClosedConnectionIsToldSo() async throws {
    try await expect(.closedByServer, from: [.close], patient)
    try await expect(.closedByServer, from: [.send("$5\r\nab"), .close], patient)
    try await expect(.closedByServer, from: [.reset], patient)
    try await expect(.closedByServer, from: [.send("*2\r\n+OK\r\n"), .reset], patient)
  }

  @Test(arguments: [
    "?what\r\n", "HTTP/1.1 400 Bad Request\r\n", "$x\r\n", ":12a\r\n", "*-7\r\n",
  ])
  func nonsenseIsToldSo(_ text: String) async throws {
    let server = try FakeServer([.greet, .receive, .send(text), .hang])
    defer { server.stop() }
    let redis = RedisConnection(to: server.endpoint, deadlines: patient)
    try await redis.connect()
    let error = await #expect(throws: RedisError.self) { try await redis.send("PING") }
    guard case .protocolError = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(await redis.isConnected == false)
  }

  @Test func aReplyTooManyIsToldSo() async throws {
    try await expect(
      .protocolError("a reply more than there were commands"), from: [.send("+OK\r\n+OK\r\n")], patient)
  }

  @Test func refusalsAreToldWithTheirReason() async throws {
    let server = try FakeServer([.receive, .send("-ERR max number of clients reached\r\n"), .close])
    defer { server.stop() }
    let redis = RedisConnection(to: server.endpoint, deadlines: patient)
    await #expect(throws: RedisError.server(RedisServerError("ERR max number of clients reached"))) {
      try await redis.connect()
    }
  }

  @Test func nobodyThereIsToldSo() async throws {
    let server = try FakeServer([])
    server.stop()
    let refused = RedisConnection(to: server.endpoint, deadlines: patient)
    let missing = RedisConnection(to: RedisEndpoint(.unix(path: "/nonexistent/redis.sock")))
    let unknown = RedisConnection(to: RedisEndpoint(.tcp(host: "no.such.host.invalid", port: 1)))
    for connection in [refused, missing, unknown] {
      let error = await #expect(throws: RedisError.self) { try await connection.connect() }
      guard case .connectFailed(connection.endpoint.description, let reason) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(!reason.isEmpty && error?.isRetriable == true)
    }
  }
}
