import TestSupport
import Testing

@testable import HiredisClient

/// `redis+sentinel://` with three servers and three sentinels, and with sentinels that are wrong.
@Suite(.serialized, .timeLimit(.minutes(4))) struct SentinelTests {
  // The machine may be busy; what is tested is what ends a wait, not how soon.
  private let patient = RedisDeadlines(connect: .seconds(20), command: .seconds(120), idle: .seconds(120))

  private func insist(_ connection: RedisConnection) async throws {
    try await eventually(within: .seconds(60), "the new primary is found") {
      do {
        try await connection.connect()
        return true
      } catch let error as RedisError where error.isRetriable {
        return false
      }
    }
  }

  private func port(_ connection: RedisConnection) async -> UInt16? {
    guard case .tcp(_, let port) = await connection.server?.address else { return nil }
    return port
  }

  @Test func thePrimaryIsFoundThoughOneSentinelIsGoneAndFollowedThroughAFailoverByHand() async throws {
    let set = try await SentinelSet.start()
    let url = set.url.replacing("redis+sentinel://", with: "redis+sentinel://127.0.0.1:1,")
    let redis = RedisConnection(to: try RedisEndpoint(url: url), deadlines: patient)
    try await redis.connect()
    #expect(await port(redis) == set.servers[0].port)
    try await redis.send("SET", "a", "1")
    // It is with the replicas before they are asked to take over.
    #expect(try await redis.send("WAIT", "2", "10000").integer == 2)

    try await set.sentinel(set.ports[0], "SENTINEL", "FAILOVER", SentinelSet.name)
    let promoted = try await set.promoted(after: set.servers[0])
    try await eventually("the connection to the old primary is ended") {
      (try? await redis.send("PING")) == nil
    }
    try await insist(redis)
    #expect(await port(redis) == promoted.port)
    #expect(try await redis.send("GET", "a").text == "1")
    try await redis.send("SET", "a", "2")
    try await eventually("the old primary follows the new one") {
      (try? await set.servers[0].connected().send("GET", "a").text) == "2"
    }
  }

  @Test func aKilledPrimaryIsReplaced() async throws {
    let set = try await SentinelSet.start()
    let redis = RedisConnection(to: try set.endpoint, deadlines: patient)
    try await redis.connect()
    set.servers[0].kill()
    await #expect(throws: RedisError.closedByServer) { try await redis.send("PING") }
    try await insist(redis)
    let promoted = try await set.promoted(after: set.servers[0])
    #expect(await port(redis) == promoted.port)
  }

  /// Without the watch, whoever waits for a frozen server would wait until the deadline.
  @Test func aFrozenPrimaryIsLeftAndNotWrittenToWhenItThaws() async throws {
    let set = try await SentinelSet.start()
    let redis = RedisConnection(to: try set.endpoint, deadlines: patient)
    try await redis.connect()
    set.servers[0].freeze()
    await #expect(throws: RedisError.closedByServer) { try await redis.send("PING") }
    try await insist(redis)
    let promoted = try await set.promoted(after: set.servers[0])
    #expect(await port(redis) == promoted.port)
    set.servers[0].thaw()
    // It believes that it is the primary until a sentinel has told it otherwise.
    for number in 1...50 {
      let other = RedisConnection(to: try set.endpoint, deadlines: patient)
      try await other.connect()
      try await other.send("SET", "a", String(number))
      #expect(await port(other) == promoted.port)
    }
    // A sentinel that got no time to run does nothing for half a minute (TILT).
    try await eventually(within: .seconds(120), "the old primary follows the new one") {
      (try? await set.servers[0].connected().send("GET", "a").text) == "50"
    }
  }

  @Test func whoeverIsToldByTheServerThatItIsAReplicaAsksAgain() async throws {
    let set = try await SentinelSet.start()
    let redis = RedisConnection(to: try set.endpoint, deadlines: patient)
    try await redis.connect()
    // Behind the back of the sentinels, which put it right after a while.
    let port = try #require(set.servers[1].port)
    try await set.servers[0].connected().send("REPLICAOF", "127.0.0.1", String(port))
    await #expect(throws: RedisError.self) { try await redis.send("SET", "a", "1") }
    #expect(await redis.isConnected == false)
  }

  @Test(.enabled(if: TestCertificates.canBeMade, "the program openssl is missing: apt-get install openssl"))
  func sentinelsMaySpeakTLSAndWantAPassword() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let pair = try await certificates.forThisMachine()
    let tls = try await TLSServer(pair)
    let sentinel = try TLSSentinel(
      over: tls, pair, authority: certificates.authority, password: "s@cret")
    defer { withExtendedLifetime(sentinel) {} }
    let url = "rediss+sentinel://localhost:\(sentinel.port)/main?sentinel-password="
    let trust = RedisTLS(authorities: certificates.authority)
    let redis = RedisConnection(to: try RedisEndpoint(url: url + "s%40cret", tls: trust), deadlines: patient)
    try await insist(redis)
    #expect(await port(redis) == tls.port)
    #expect(await redis.server?.description == "rediss://127.0.0.1:\(tls.port)")
    let wrong = RedisConnection(to: try RedisEndpoint(url: url + "wrong", tls: trust), deadlines: patient)
    let error = await #expect(throws: RedisError.self) { try await wrong.connect() }
    guard case .server(let refusal) = error, refusal.kind == .wrongPassword else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  // MARK: Sentinels that are wrong

  private func answer(_ port: UInt16, epoch: Int) -> String {
    let number = String(port)
    return "*2\r\n$9\r\n127.0.0.1\r\n$\(number.utf8.count)\r\n\(number)\r\n"
      + "*2\r\n$12\r\nconfig-epoch\r\n$1\r\n\(epoch)\r\n"
  }

  private func endpoint(_ sentinels: FakeServer..., details: String = "") throws -> RedisEndpoint {
    let places = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    return try RedisEndpoint(url: "redis+sentinel://\(places)/main\(details)")
  }

  @Test func aReplicaIsNotTakenForThePrimary() async throws {
    let replica = try await RedisServer.start(.init(tcp: true, settings: ["replicaof": "127.0.0.1 1"]))
    let port = try #require(replica.port)
    let sentinel = try FakeServer([.receive, .send(answer(port, epoch: 1))])
    let redis = RedisConnection(
      to: try endpoint(sentinel), deadlines: RedisDeadlines(connect: .milliseconds(1_500)))
    await #expect(throws: RedisError.notPrimary(endpoint: "redis://127.0.0.1:\(port)", role: "slave")) {
      try await redis.connect()
    }
  }

  @Test func aSentinelThatHasNotHeardOfTheFailoverIsNotBelieved() async throws {
    let server = try await RedisServer.start(.init(tcp: true))
    let old = try await RedisServer.start(.init(tcp: true))
    let port = try #require(server.port)
    let lonely = try FakeServer([.receive, .send(answer(try #require(old.port), epoch: 3))])
    let informed = try FakeServer([.receive, .send(answer(port, epoch: 4))])
    let redis = RedisConnection(to: try endpoint(lonely, informed), deadlines: patient)
    for _ in 0..<5 {
      try await redis.connect()
      // The poller asks both, or the second answer comes first: from then on the older one does not count.
      try await eventually("it is at the new primary") {
        if await self.port(redis) == port { return true }
        try? await redis.connect()
        return false
      }
    }
    informed.stop()
    let error = await #expect(throws: RedisError.self) {
      try await RedisConnection(
        to: redis.endpoint, deadlines: RedisDeadlines(connect: .milliseconds(1_500))
      ).connect()
    }
    #expect("\(String(describing: error))".contains("has not heard of the last failover"))
  }

  @Test func whatOneSentinelKnewIsForgottenWhenItIsGoneForLong() throws {
    // Nobody is there: the watch hears only what is told here.
    let places = (1...3).map { RedisSentinels.Place(host: "127.0.0.1", port: $0) }
    let sentinels = RedisSentinels(places, primary: "main")
    let watch = PrimaryWatch.shared(for: RedisEndpoint(.sentinel(sentinels)), sentinels)
    func answer(_ host: String, _ epoch: Int64) -> SentinelAnswer {
      SentinelAnswer(place: RedisSentinels.Place(host: host, port: 6379), epoch: epoch)
    }
    let (old, new, newer) = (answer("old", 3), answer("new", 4), answer("newer", 5))
    let start = MonotonicTime.now
    #expect(watch.note([], at: start) == nil)
    #expect(watch.note([old], at: start) == old)
    #expect(watch.note([old, new], at: start) == new)
    #expect(watch.note([old, old], at: start + .seconds(9)) == nil)
    #expect(watch.note([old], at: start + .seconds(11)) == nil)
    #expect(watch.note([old, old], at: start + .seconds(11)) == old)
    #expect(watch.note([newer], at: start + .seconds(12)) == newer)
    // All of them have been set up anew.
    #expect(watch.note([old, old, old], at: start + .seconds(12)) == old)
  }

  @Test func theWatchEndsWithTheLastConnectionThatNeedsIt() async throws {
    let server = try await RedisServer.start(.init(tcp: true))
    let sentinel = try FakeServer([.receive, .send(answer(try #require(server.port), epoch: 1))])
    let endpoint = try endpoint(sentinel)
    guard case .sentinel(let sentinels) = endpoint.address else { return }
    func work() async throws -> () -> PrimaryWatch? {
      let redis = RedisConnection(to: endpoint, deadlines: patient)
      try await redis.connect()
      let watch = PrimaryWatch.shared(for: endpoint, sentinels)
      #expect(await redis.watch === watch)
      return { [weak watch] in watch }
    }
    let watch = try await work()
    try await eventually("the watch is gone") { watch() == nil }
  }

  @Test func whatIsMissingIsSaid() async throws {
    let ignorant = try FakeServer([.receive, .send("*-1\r\n-ERR No such master with that name\r\n")])
    let locked = try FakeServer([
      .receive, .send("-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n"),
    ])
    let brief = RedisDeadlines(connect: .milliseconds(1_500))
    let nameless = await #expect(throws: RedisError.self) {
      try await RedisConnection(to: endpoint(ignorant), deadlines: brief).connect()
    }
    #expect("\(String(describing: nameless))".contains("knows no primary “main”"))
    let error = await #expect(throws: RedisError.self) {
      try await RedisConnection(to: endpoint(locked), deadlines: brief).connect()
    }
    guard case .server(let refusal) = error, refusal.kind == .authenticationRequired else {
      Issue.record("\(String(describing: error))")
      return
    }
    let nobody = await #expect(throws: RedisError.self) {
      try await RedisConnection(
        to: RedisEndpoint(url: "redis+sentinel://127.0.0.1:1,127.0.0.1:2/main"), deadlines: brief
      ).connect()
    }
    #expect("\(String(describing: nobody))".contains("127.0.0.1:1: Connection refused; 127.0.0.1:2"))
  }
}
