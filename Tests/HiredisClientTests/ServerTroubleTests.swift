import HiredisClient
import TestSupport
import Testing

/// Connections to real servers that go away, freeze, or want a password; each test has a server of its own.
@Suite(.timeLimit(.minutes(2))) struct ServerTroubleTests {
  @Test func reconnectsAfterARestart() async throws {
    let server = try await RedisServer.start(.init(appendOnly: true, appendFsync: .always))
    let redis = try await server.connected()
    try await redis.send("SET", "a", "1")
    try await server.restart()
    await #expect(throws: RedisError.closedByServer) { try await redis.send("GET", "a") }
    await #expect(throws: RedisError.notConnected) { try await redis.send("GET", "a") }
    try await redis.connect()
    #expect(try await redis.send("GET", "a").text == "1")
    server.kill()
    let error = await #expect(throws: RedisError.self) { try await redis.connect() }
    #expect(error?.isRetriable == true)
  }

  @Test func aFrozenServerTimesOut() async throws {
    let server = try await RedisServer.start()
    let redis = try await server.connected(deadlines: RedisDeadlines(command: .milliseconds(200)))
    let late = server.connection(deadlines: RedisDeadlines(connect: .milliseconds(200)))
    server.freeze()
    await #expect(throws: RedisError.commandTimedOut(after: .milliseconds(200))) {
      try await redis.send("PING")
    }
    await #expect(throws: RedisError.connectTimedOut(endpoint: server.url, after: .milliseconds(200))) {
      try await late.connect()
    }
    server.thaw()
    try await eventually("the server answers again") { (try? await redis.connect()) != nil }
    #expect(try await redis.send("PING") == .status("PONG"))
  }

  /// A connect to a Unix socket whose backlog is full cannot be polled for; it must time out all the same.
  @Test func aFullBacklogTimesOut() async throws {
    let server = try await RedisServer.start(.init(settings: ["tcp-backlog": "1"]))
    server.freeze()
    let deadlines = RedisDeadlines(connect: .milliseconds(100))
    // The first ones still fit into the backlog, and then wait for an answer in vain.
    for _ in 0..<5 {
      let redis = server.connection(deadlines: deadlines)
      await #expect(throws: RedisError.connectTimedOut(endpoint: server.url, after: .milliseconds(100))) {
        try await redis.connect()
      }
    }
  }

  @Test func speaksTCP() async throws {
    let server = try await RedisServer.start(.init(tcp: true))
    let endpoint = try #require(server.tcpEndpoint)
    for host in ["127.0.0.1", "localhost"] {
      guard case .tcp(_, let port) = endpoint.address else { continue }
      let redis = RedisConnection(to: RedisEndpoint(.tcp(host: host, port: port)))
      try await redis.connect()
      #expect(try await redis.send("PING") == .status("PONG"))
    }
  }

  @Test func asksForPasswordsAndPermissions() async throws {
    let server = try await RedisServer.start(.init(settings: ["requirepass": "p@ss /word"]))
    func connection(_ url: String) throws -> RedisConnection {
      RedisConnection(to: try RedisEndpoint(url: "unix://\(url)\(server.socketPath)"))
    }
    func refusalOfLogin(_ url: String) async throws -> RedisServerError.Kind? {
      let redis = try connection(url)
      let error = await #expect(throws: RedisError.self) { try await redis.connect() }
      guard case .server(let refusal) = error else { return nil }
      #expect(error?.isRetriable == false)
      return refusal.kind
    }
    #expect(try await refusalOfLogin("") == .authenticationRequired)
    #expect(try await refusalOfLogin(":wrong@") == .wrongPassword)
    #expect(try await refusalOfLogin("nobody:wrong@") == .wrongPassword)
    let redis = try connection(":p%40ss%20%2Fword@")
    try await redis.connect()
    try await redis.send("ACL", "SETUSER", "worker", "on", ">secret", "~fl:*", "+get", "+ping")
    let worker = try connection("worker:secret@")
    // It may not call CLIENT and is nameless, but connected.
    try await worker.connect()
    #expect(await worker.clientID == nil)
    #expect(await refusal(worker, "SET", "fl:a", "1") == .noPermission)
    #expect(await refusal(worker, "GET", "other") == .noPermission)
    #expect(try await worker.send("GET", "fl:a").isNull)
  }
}
