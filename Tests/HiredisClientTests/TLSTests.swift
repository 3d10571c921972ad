import HiredisClient
import TestSupport
import Testing

/// `rediss://` against real servers; the certificates are made here, by an authority of our own.
@Suite(
  .timeLimit(.minutes(3)),
  .enabled(if: TestCertificates.canBeMade, "the program openssl is missing: apt-get install openssl"))
struct TLSTests {
  /// The fault that a connect is refused with, after a look at the text that people see.
  private func fault(
    _ endpoint: RedisEndpoint, deadlines: RedisDeadlines = RedisDeadlines(connect: .seconds(20))
  ) async -> RedisTLSFault? {
    let redis = RedisConnection(to: endpoint, deadlines: deadlines)
    let error = await #expect(throws: RedisError.self) { try await redis.connect() }
    #expect(await redis.isConnected == false)
    guard case .tlsFailed(endpoint.description, let fault) = error else {
      Issue.record("\(String(describing: error))")
      return nil
    }
    let text = String(describing: error ?? .notConnected)
    #expect(text.contains(endpoint.description) && text.contains(fault.description))
    #expect(error?.mayHaveTakenEffect == false)
    return fault
  }

  @Test func aServerOfATrustedAuthorityIsSpokenToByNameAndByAddress() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let tls = try await TLSServer(certificates.forThisMachine())
    let trust = RedisTLS(authorities: certificates.authority)
    for host in ["localhost", "127.0.0.1"] {
      let redis = RedisConnection(to: tls.endpoint(host: host, trust))
      try await redis.connect()
      #expect(try await redis.send("PING") == .status("PONG"))
    }
    try await tls.server.connected().send("ACL", "SETUSER", "worker", "on", ">p@ss", "~*", "+@all")
    let url = "rediss://worker:p%40ss@localhost:\(tls.port)/3"
    let redis = RedisConnection(to: try RedisEndpoint(url: url, tls: trust))
    try await redis.connect()
    #expect(try await redis.send("ACL", "WHOAMI").text == "worker")
    #expect(try await redis.send("CLIENT", "INFO").text?.contains(" db=3 ") == true)
    #expect(redis.endpoint.description == "rediss://worker:***@localhost:\(tls.port)/3")
  }

  @Test func aServerThatIsNotTheRightOneIsRefusedWithTheReason() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let trust = RedisTLS(authorities: certificates.authority)
    let here = try await TLSServer(certificates.forThisMachine())
    let elsewhere = try await TLSServer(
      certificates.make("elsewhere", for: ["DNS:redis.example", "IP:192.0.2.1"]))
    let old = try await TLSServer(certificates.make("old", for: ["DNS:localhost"], days: -1))

    #expect(await fault(elsewhere.endpoint(trust)) == .wrongName("localhost"))
    #expect(await fault(elsewhere.endpoint(host: "127.0.0.1", trust)) == .wrongName("127.0.0.1"))
    #expect(await fault(old.endpoint(trust)) == .expired)
    let other = try await TestCertificates()
    defer { withExtendedLifetime(other) {} }
    for authorities in [nil, other.authority] {
      guard case .unknownAuthority = await fault(here.endpoint(RedisTLS(authorities: authorities))) else {
        Issue.record("trusted with \(String(describing: authorities))")
        continue
      }
    }
  }

  @Test func aServerThatWantsToKnowItsClientsIsShownACertificate() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let tls = try await TLSServer(certificates.forThisMachine(), clients: certificates.authority)
    let client = try await certificates.make("client", for: ["DNS:client"])
    var trust = RedisTLS(authorities: certificates.authority)
    #expect(await fault(tls.endpoint(trust)) == .certificateMissing)

    let stranger = try await TestCertificates().make("stranger", for: ["DNS:client"])
    (trust.certificate, trust.key) = (stranger.certificate, stranger.key)
    guard case .refused = await fault(tls.endpoint(trust)) else {
      Issue.record("not refused")
      return
    }

    (trust.certificate, trust.key) = (client.certificate, client.key)
    let redis = RedisConnection(to: tls.endpoint(trust))
    try await redis.connect()
    #expect(try await redis.send("PING") == .status("PONG"))
  }

  @Test func filesThatCannotBeUsedAreNamed() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let pair = try await certificates.forThisMachine()
    let tls = try await TLSServer(pair)
    for settings in [
      RedisTLS(authorities: "/nonexistent.pem"), RedisTLS(authorities: pair.key),
      RedisTLS(certificate: "/nonexistent.pem"), RedisTLS(certificate: pair.key),
      RedisTLS(certificate: pair.certificate),
      RedisTLS(certificate: pair.certificate, key: certificates.authority),
    ] {
      let culprit = settings.key ?? settings.certificate ?? settings.authorities
      guard case .file(let path, _) = await fault(tls.endpoint(settings)), path == culprit else {
        Issue.record("\(settings)")
        continue
      }
    }
  }

  @Test func whoSpeaksNoTLSIsToldFromOneWhoHangs() async throws {
    let plain = try FakeServer([.receive, .send("-ERR Protocol error\r\n")])
    let frozen = try FakeServer([.hang])
    defer {
      plain.stop()
      frozen.stop()
    }
    #expect(await fault(RedisEndpoint(.tcp(host: "127.0.0.1", port: plain.port), tls: RedisTLS())) == .notTLS)
    let brief = RedisDeadlines(connect: .milliseconds(200))
    #expect(
      await fault(
        RedisEndpoint(.tcp(host: "127.0.0.1", port: frozen.port), tls: RedisTLS()), deadlines: brief)
        == .silent(after: .milliseconds(200)))
    // The other way round: no TLS where TLS is spoken.
    let tls = try await TLSServer(TestCertificates().forThisMachine())
    let redis = RedisConnection(to: RedisEndpoint(.tcp(host: "127.0.0.1", port: tls.port)))
    await #expect(throws: RedisError.self) { try await redis.connect() }
  }

  @Test func aHundredMegabytesComeAndGo() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let tls = try await TLSServer(certificates.forThisMachine())
    let deadlines = RedisDeadlines(command: .seconds(120), idle: .seconds(20))
    let redis = RedisConnection(
      to: tls.endpoint(RedisTLS(authorities: certificates.authority)), deadlines: deadlines)
    try await redis.connect()
    // Every reply is as long as its command, so both directions are full at once.
    var pipeline = RedisPipeline(reservingCapacity: 105 << 20)
    for index in 0..<100 {
      pipeline.append([
        "ECHO", String(repeating: Character(UnicodeScalar(UInt8(65 + index % 26))), count: 1 << 20),
      ])
    }
    let replies = try await redis.pipeline(pipeline)
    #expect(replies.count == 100)
    for (index, reply) in replies.enumerated() {
      let bytes = reply.bytes ?? []
      #expect(bytes.count == 1 << 20 && bytes.first == UInt8(65 + index % 26) && bytes.first == bytes.last)
    }
    // Many small ones in one piece as well.
    var small = RedisPipeline()
    for index in 0..<20_000 { small.append("ECHO", String(index)) }
    #expect(try await redis.pipeline(small).map(\.text) == (0..<20_000).map { String($0) })
  }

  @Test func silenceAndEndsAreNoticedAsWithoutTLS() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let tls = try await TLSServer(certificates.forThisMachine())
    let redis = RedisConnection(
      to: tls.endpoint(RedisTLS(authorities: certificates.authority)),
      deadlines: RedisDeadlines(connect: .seconds(20), command: .seconds(20), idle: .milliseconds(200)))
    try await redis.connect()
    #expect(try await redis.send("BLPOP", "nothing", "0.3", deadline: .seconds(10)).isNull)
    tls.server.freeze()
    await #expect(throws: RedisError.idleTimedOut(after: .milliseconds(200))) { try await redis.send("PING") }
    tls.server.thaw()
    try await redis.connect()
    try await redis.send("SET", "a", "1")
    try await tls.server.restart()
    await #expect(throws: RedisError.closedByServer) { try await redis.send("GET", "a") }
    #expect(await redis.isConnected == false)
    try await redis.connect()
    #expect(try await redis.send("GET", "a").isNull)
  }
}
