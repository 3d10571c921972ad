import Foundation
import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// The primary of a set with sentinels dies, freezes or is replaced by hand while workers route.
@Suite(.serialized, .timeLimit(.minutes(4))) struct FailoverTests {
  enum Fault: String, CaseIterable {
    case killed, frozen, replacedByHand
  }

  private static let shop = """
    shop: acme
    groups:
      front: {}
    agents:
      li: {groups: [front], capacity: 3}
      wang: {groups: [front], capacity: 3}
    """

  @Test(arguments: Fault.allCases)
  func workersGoOnAtTheNewPrimaryAndNothingThatIsWithAReplicaIsLost(_ fault: Fault) async throws {
    let set = try await SentinelSet.start()
    let old = set.servers[0]
    let gateway = Gateway(try set.endpoint)
    try await gateway.insist { try await prepare(on: $0) }
    let program = try ChildProcess.product("fenliu")
    let workers = try (0..<2).map { _ in
      try ChildProcess(program, ["route", "--redis", set.url, "--lease", "300ms"])
    }
    let agents = ["li", "wang"].map { "fl:{0}:acme:agent:\($0)" }
    try await eventually("the agents are online") {
      let redis = try await old.connected()
      for agent in agents where try await redis.send("HGET", agent, "status").text != "online" {
        return false
      }
      return true
    }
    try await gateway.push(1...200)
    // What is with both replicas has to survive, whichever is promoted; how much of it is routed by then, nobody knows.
    try await gateway.insist { connection in
      let replicas = try await connection.send("WAIT", "2", "20000").integer
      #expect(replicas == 2)
    }

    switch fault {
    case .killed: old.kill()
    case .frozen: old.freeze()
    case .replacedByHand: try await set.sentinel(set.ports[0], "SENTINEL", "FAILOVER", SentinelSet.name)
    }
    let promoted = try await set.promoted(after: old)
    let start = ContinuousClock.now
    let redis = try await promoted.connected()
    // Without waiting for replicas, what the old one takes before it is told of its demotion is lost with it.
    try await gateway.follow(to: promoted)
    let followed = ContinuousClock.now
    try await gateway.push(201...201)
    try await eventually("the new primary's events are routed") {
      try await redis.send("EXISTS", "fl:{0}:acme:conv:c201").integer == 1
    }
    let times = (start.duration(to: followed), start.duration(to: .now))
    print(
      "\(fault): after the promotion the gateway is there in \(times.0), its event is routed in \(times.1)")
    try await gateway.push(202...400)
    old.thaw()

    let conversations = (1...400).map { "fl:{0}:acme:conv:c\($0)" }
    try await eventually(within: .seconds(60), "all events are routed") {
      guard try await redis.send(["EXISTS"] + conversations).integer == 400 else { return false }
      let lists = ["fl:{0}:held"] + (0..<4).map { "fl:{0}:in:\($0)" }
      return try await redis.send(["EXISTS"] + lists).integer == 0
    }
    let routed = try await positions(redis)
    #expect(try await redis.send("FCALL_RO", "fl_check", "1", "{0}").array == [])
    #expect(workers.allSatisfy { $0.isRunning })
    try await verifyCommands(redis, after: fault)
    if fault == .killed { try await old.start() }
    try await eventually(within: .seconds(120), "the old primary follows the new one") {
      // Sentinels end all connections to a server when they make it a replica.
      guard let other = try? await old.connected(),
        (try? await other.send("ROLE").array?.first?.text) == "slave"
      else { return false }
      return (try? await positions(other)) == routed
    }
    for worker in workers { worker.send(signal: SIGTERM) }
    for worker in workers { #expect(try await worker.wait() == .exited(0)) }
  }

  // MARK: Steps

  private func prepare(on connection: RedisConnection) async throws {
    try await Functions.load(on: connection)
    let keys = Keys()
    let topology = try await Topology.readOrSet(keys, on: connection)
    try await Durability(.replicated).store(keys, topology, on: connection)
    _ = try await Configurations.apply(
      ShopConfiguration.parse(Self.shop, file: "acme.yaml"), document: Self.shop, shard: keys.shard(0),
      on: connection)
    for agent in ["li", "wang"] { try await connection.send("RPUSH", "fl:{0}:in:0", Events.online(agent)) }
  }

  /// How many events are committed altogether.
  private func positions(_ redis: RedisConnection) async throws -> Int64 {
    var sum: Int64 = 0
    for partition in 0..<4 {
      sum += try await redis.send("HGET", "fl:{0}:lease:\(partition)", "position").integer ?? 0
    }
    return sum
  }

  /// Every conversation was told of once: it is queued or has an agent.
  private func verifyCommands(_ redis: RedisConnection, after fault: Fault) async throws {
    struct Command: Decodable {
      var seq: Int
      var type: String
      var conversation: String
    }
    let texts = try await redis.send("LRANGE", "fl:{0}:out:web", "0", "-1").array ?? []
    let commands = try texts.compactMap(\.bytes).map {
      try JSONDecoder().decode(Command.self, from: Data($0))
    }
    let steps = Set(zip(commands, [0] + commands.map(\.seq)).map { $0.seq - $1 })
    // One replica is waited for. Replaced by hand, the old primary goes on with the other one until it is told: what a
    // gateway took then is lost, and the numbers jump.
    #expect(steps.subtracting(fault == .replacedByHand ? [1_000_001] : []) == [1])
    let told = Dictionary(grouping: commands, by: \.conversation).mapValues { $0.map(\.type) }
    #expect(told.count == 400)
    // Who waits is told so in words too.
    let once = [["conversation.assigned"], ["conversation.queued", "conversation.reply"]]
    let others = told.filter { !once.contains($0.value) }
    #expect(others.isEmpty, "\(others.sorted { $0.key < $1.key }.prefix(5))")
  }

  /// Pushes as a gateway does: under a source, and again after any doubt.
  private actor Gateway {
    private let connection: RedisConnection

    init(_ endpoint: RedisEndpoint) {
      connection = RedisConnection(
        to: endpoint, name: "gateway", deadlines: RedisDeadlines(connect: .seconds(10), command: .seconds(60))
      )
    }

    func push(_ range: ClosedRange<Int>) async throws {
      for number in range {
        let event = Events.open("c\(number)", source: "test", n: number)
        try await insist { try await $0.send("RPUSH", "fl:{0}:in:\(number % 4)", event) }
      }
    }

    /// Leaves the old primary.
    func follow(to server: RedisServer) async throws {
      await connection.close()
      try await eventually(within: .seconds(60), "the gateway is at the new primary") {
        do {
          try await connection.connect()
          return await connection.server?.address == server.tcpEndpoint?.address
        } catch let error as RedisError where error.isRetriable {
          return false
        }
      }
    }

    func insist(_ work: (RedisConnection) async throws -> Void) async throws {
      try await eventually(within: .seconds(60), "the gateway reaches the primary") {
        do {
          if await !connection.isConnected { try await connection.connect() }
          try await work(connection)
          return true
        } catch let error as RedisError where error.isRetriable {
          return false
        }
      }
    }
  }
}
