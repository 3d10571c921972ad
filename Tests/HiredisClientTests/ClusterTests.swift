import TestSupport
import Testing

@testable import HiredisClient

/// `redis+cluster://` with six nodes.
@Suite(.serialized, .timeLimit(.minutes(4))) struct ClusterTests {
  // The machine may be busy; what is tested is what ends a wait, not how soon.
  private let patient = RedisDeadlines(connect: .seconds(20), command: .seconds(120), idle: .seconds(120))
  private let brief = RedisDeadlines(connect: .seconds(1), command: .seconds(5), idle: .seconds(5))

  private func connection(
    _ set: ClusterSet, _ key: String, _ deadlines: RedisDeadlines? = nil
  ) throws -> RedisConnection {
    RedisConnection(to: try set.deployment.endpoint(of: key), deadlines: deadlines ?? patient)
  }

  private func port(_ connection: RedisConnection) async -> UInt16? {
    guard case .tcp(_, let port) = await connection.server?.address else { return nil }
    return port
  }

  private func insist(_ connection: RedisConnection) async throws {
    try await eventually(within: .seconds(60), "the node is found") {
      do {
        try await connection.connect()
        return true
      } catch let error as RedisError where error.isRetriable {
        return false
      }
    }
  }

  @Test func eachKeyIsServedByItsNodeThroughItsLifeElsewhere() async throws {
    let set = try await ClusterSet.start()
    // Seeds that are gone, or no nodes, are passed over.
    let url = set.url.replacing("://", with: "://127.0.0.1:1,")
    let deployment = try RedisDeployment(url: url)
    var ports: Set<UInt16?> = []
    for index in 0..<4 {
      let key = "fl:{\(index)}"
      let redis = RedisConnection(to: deployment.endpoint(of: key), deadlines: patient)
      try await redis.connect()
      try await redis.send("SET", "\(key):a", "\(index)")
      let home = try await set.home(of: key)
      #expect(await port(redis) == home.port)
      ports.insert(home.port)
    }
    #expect(ports.count > 1)

    // One connection goes from key to key, and back to where it was.
    let redis = RedisConnection(to: deployment.endpoint(of: "fl:{0}"), deadlines: patient)
    try await redis.connect()
    for index in [0, 1, 2, 3, 2, 1, 0, 0] {
      try await redis.turn(to: "fl:{\(index)}")
      #expect(try await redis.send("GET", "fl:{\(index)}:a").text == "\(index)")
    }
    let elsewhere = try await set.home(of: "fl:{1}")
    #expect(await port(redis) != elsewhere.port)
    // A key of another shard is answered with where it is; the connection ends, and nothing is sent there.
    let error = await #expect(throws: RedisError.self) { try await redis.send("GET", "fl:{1}:a") }
    guard case .server(let refusal) = error,
      refusal.kind == .moved(slot: 9_842, address: "127.0.0.1:\(elsewhere.port ?? 0)")
    else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(await redis.isConnected == false)
    #expect(refusal.advice.isRetriable)

    // By hand: the primary becomes a replica and says so; or the watch is faster and ends the connection.
    try await insist(redis)
    let old = try await set.home(of: "fl:{0}")
    #expect(try await redis.send("WAIT", "1", "10000").integer == 1)
    let promoted = try await set.replaceByHand(old, for: "fl:{0}")
    try await eventually("the connection to the old primary is ended") {
      (try? await redis.send("GET", "fl:{0}:a")) == nil
    }
    try await insist(redis)
    #expect(await port(redis) == promoted.port)
    #expect(try await redis.send("GET", "fl:{0}:a").text == "0")
  }

  /// Without the watch, whoever waits for a frozen node would wait until the deadline.
  @Test func aFrozenPrimaryIsLeftAndNotWrittenToWhenItThaws() async throws {
    let set = try await ClusterSet.start()
    let redis = try connection(set, "fl:{0}")
    try await redis.connect()
    let old = try await set.home(of: "fl:{0}")
    old.freeze()
    await #expect(throws: RedisError.closedByServer) { try await redis.send("PING") }
    try await insist(redis)
    #expect(await port(redis) != old.port)
    let promoted = await port(redis)
    old.thaw()
    // It believes that it is the primary until another node has told it otherwise.
    for number in 1...50 {
      let other = try connection(set, "fl:{0}")
      try await insist(other)
      try await other.send("SET", "fl:{0}:a", String(number))
      #expect(await port(other) == promoted)
    }
    try await eventually(within: .seconds(60), "the old primary follows the new one") {
      let connection = try await old.connected()
      try await connection.send("READONLY")
      return (try? await connection.send("GET", "fl:{0}:a").text) == "50"
    }
  }

  /// What a replica that was promoted amid a move does not know any more: that keys have gone already.
  @Test func aSlotOfWhichTwoNodesHaveKeysIsNotServed() async throws {
    let set = try await ClusterSet.start()
    let old = try await set.home(of: "fl:{0}")
    let redis = try connection(set, "fl:{0}")
    try await redis.connect()
    for number in 1...250 { try await redis.send("SET", "fl:{0}:\(number)", "x") }
    let target = try #require(
      set.servers.prefix(3).first { $0 !== old && $0.port != nil })
    let stopped = try await set.move(shard: 0, to: target, stopAfter: 1)
    #expect(stopped.exit == .exited(1))
    // While the old node knows: no function is called there, since their declared key is never there.
    let library = RedisLibrary(
      name: "probe",
      code: """
        #!lua name=probe
        redis.register_function('probe', function(keys) return redis.call('SET', keys[1] .. ':new', 'x') end)
        """)
    let probe = try await old.connected()
    try await probe.load(library)
    let refusal = await #expect(throws: RedisError.self) { try await probe.call("probe", keys: ["fl:{0}"]) }
    #expect("\(String(describing: refusal))".contains("ASK"))
    await divided(try connection(set, "fl:{0}", brief))

    // When it dies, its replica serves the rest as if that were all.
    #expect(try await probe.send("WAIT", "1", "10000").integer != nil)
    let replica = try await set.replica(of: old)
    try await eventually("the replica has lost the keys that went") {
      try await replica.connected().send("DBSIZE").integer == 150
    }
    old.kill()
    let promoted = try await set.newHome(of: "fl:{0}", after: old)
    let careless = try await promoted.connected()
    try await eventually("the cluster works again") {
      (try? await careless.send("GET", "fl:{0}:1")) != nil
    }
    #expect(try await careless.send("CLUSTER", "COUNTKEYSINSLOT", "13907").integer == 150)
    #expect(try await careless.call("probe", keys: ["fl:{0}"]).text == "OK")
    await divided(try connection(set, "fl:{0}", brief))
    // Other shards are served.
    try await insist(try connection(set, "fl:{1}"))

    // The operator finishes the move.
    let moved = try await set.move(shard: 0, to: target)
    #expect(moved.exit == .exited(0), "\(moved.error)")
    try await insist(redis)
    #expect(await port(redis) == target.port)
    #expect(try await redis.send("EXISTS", "fl:{0}:1", "fl:{0}:250", "fl:{0}:new").integer == 3)
  }

  /// What a move leaves when it is interrupted between copying and deleting.
  @Test func copiesAreOverwrittenIfTheyAreEqualAndLeftToAPersonIfNot() async throws {
    let set = try await ClusterSet.start(replicas: 0)
    let old = try await set.home(of: "fl:{0}")
    let target = try #require(set.servers.first { $0 !== old })
    let here = try await old.connected()
    try await here.send("HSET", "fl:{0}:h\"1", "a", "1", "b", "\u{0}2")
    try await here.send("RPUSH", "fl:{0}:l", "x", "y")
    let port = String(try #require(target.port))
    try await target.connected().send(
      "CLUSTER", "SETSLOT", "13907", "IMPORTING", here.send("CLUSTER", "MYID").text ?? "")
    for key in ["fl:{0}:h\"1", "fl:{0}:l"] {
      try await here.send("MIGRATE", "127.0.0.1", port, key, "0", "5000", "COPY")
    }
    try await here.send("RPUSH", "fl:{0}:l", "z")
    let stopped = try await set.move(shard: 0, to: target)
    #expect(stopped.exit == .exited(1))
    #expect(stopped.error.last?.contains("fl:{0}:l is at 127.0.0.1") == true, "\(stopped.error)")
    try await here.send("RPOP", "fl:{0}:l")
    let moved = try await set.move(shard: 0, to: target)
    #expect(moved.exit == .exited(0), "\(moved.error)")
    let redis = try connection(set, "fl:{0}")
    try await redis.connect()
    #expect(try await redis.send("LLEN", "fl:{0}:l").integer == 2)
    #expect(try await redis.send("HLEN", "fl:{0}:h\"1").integer == 2)
  }

  private func divided(_ connection: RedisConnection) async {
    let error = await #expect(throws: RedisError.self) { try await connection.connect() }
    guard case .slotDivided = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(.enabled(if: TestCertificates.canBeMade, "the program openssl is missing: apt-get install openssl"))
  func nodesMaySpeakTLSUnderTheNamesThatTheyAnnounce() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let tls = try await TLSServer(
      certificates.forThisMachine(),
      settings: [
        "cluster-enabled": "yes", "tls-cluster": "yes", "cluster-announce-hostname": "localhost",
      ])
    let administrator = try await tls.server.connected()
    try await administrator.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
    try await eventually("the cluster of one node works") {
      try await administrator.send("CLUSTER", "INFO").text?.contains("cluster_state:ok") == true
    }
    let url = "rediss+cluster://127.0.0.1:\(tls.port)"
    let trust = RedisTLS(authorities: certificates.authority)
    let redis = RedisConnection(
      to: try RedisDeployment(url: url, tls: trust).endpoint(of: "a"), deadlines: patient)
    try await redis.connect()
    try await redis.send("SET", "a", "1")
    #expect(await redis.server?.description == "rediss://localhost:\(tls.port)")
    let distrustful = RedisConnection(to: try RedisDeployment(url: url).endpoint(of: "a"), deadlines: brief)
    let error = await #expect(throws: RedisError.self) { try await distrustful.connect() }
    #expect("\(String(describing: error))".contains("no trusted authority"))
  }

  @Test func whatIsNoClusterIsSaid() async throws {
    let single = try await RedisServer.start(.init(tcp: true))
    let port = try #require(single.port)
    let url = "redis+cluster://127.0.0.1:\(port),127.0.0.1:1"
    let redis = RedisConnection(to: try RedisDeployment(url: url).endpoint(of: "a"), deadlines: brief)
    let error = await #expect(throws: RedisError.self) { try await redis.connect() }
    let text = "\(String(describing: error))"
    #expect(
      text.contains("cluster support disabled") && text.contains("127.0.0.1:1: Connection refused"), "\(text)"
    )
  }
}
