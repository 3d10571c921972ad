import Foundation
import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// What gateways see when Redis has lost its last moments, and when it must not have.
@Suite(.serialized, .timeLimit(.minutes(4))) struct DurabilityTests {
  private static let shop = """
    shop: acme
    groups:
      front: {}
    agents:
      li: {groups: [front], capacity: 500}
    """

  // MARK: A replica that lags takes over

  @Test func whatAGatewayWasToldIsWithTheReplicaThatTakesOver() async throws {
    let scene = try await Scene.start(Durability(.replicated))
    try await scene.pushAndAwait(1...20, on: scene.old)
    var told = Told()
    try await eventually("the commands are released") {
      try await told.take(from: scene.old)
      return told.conversations == Set(1...20)
    }
    try await scene.loseReplicas()
    try await scene.pushAndAwait(21...30, on: scene.old)
    // All of it is routed, and nobody is told, however long replicas are away.
    try await eventually("the worker says so") { !scene.log("not enough replicas have them").isEmpty }
    try await told.take(from: scene.old)
    #expect(told.conversations == Set(1...20))
    #expect(try await scene.held(scene.old) > 0)

    let promoted = try await scene.failOver()
    // Whoever pushed 21…30 was not told that replicas have them.
    try await scene.pushAndAwait(21...40, on: promoted)
    try await eventually(within: .seconds(60), "all commands are released") {
      try await told.take(from: promoted)
      return told.conversations == Set(1...40)
    }
    #expect(told.isGapless)
    #expect(told.changed.isEmpty && told.toldTwice.isEmpty)
    #expect(try await scene.generation(promoted) == 2)
    #expect(scene.log("may have lost").isEmpty)
    #expect(scene.log("nothing is missing that gateways were told").count == 1)
  }

  @Test func inTheFastModeTheLossIsNoticedAndNoCommandIsTakenForARepeat() async throws {
    let scene = try await Scene.start(Durability(.fast))
    try await scene.pushAndAwait(1...20, on: scene.old)
    try await scene.redis(scene.old).send("WAIT", "2", "20000")
    try await scene.loseReplicas()
    try await scene.pushAndAwait(21...30, on: scene.old)
    var told = Told()
    try await told.take(from: scene.old)
    #expect(told.conversations == Set(1...30))
    let last = try #require(told.numbers.last)

    let promoted = try await scene.failOver()
    // Others than before come first: under the old numbers they would be taken for 21 to 30.
    try await scene.pushAndAwait(31...40, on: promoted)
    try await told.take(from: promoted)
    #expect(told.conversations == Set(1...40))
    let first = try #require(told.numbers.first { $0 > last })
    #expect(first > 1_000_000 && first < 1_000_000 + last)
    #expect(try await scene.generation(promoted) == 2)
    #expect(scene.log("may have lost").count == 1)
  }

  // MARK: One server that starts again

  @Test(arguments: [RedisServer.Options.Flush.always, .everysec])
  func aRestartIsALossUnlessEveryWriteWasOnDisk(_ flush: RedisServer.Options.Flush) async throws {
    let server = try await RedisServer.start(.init(appendOnly: true, appendFsync: flush))
    let scene = try await Scene.start(nil, on: server)
    try await scene.pushAndAwait(1...5, on: server)
    var told = Told()
    try await told.take(from: server)
    let last = try #require(told.numbers.last)
    try await server.restart()
    try await scene.pushAndAwait(6...10, on: server)
    try await told.take(from: server)
    #expect(told.conversations == Set(1...10))
    let numbers = told.numbers.filter { $0 > last }
    let first = flush == .always ? last + 1 : last + 1_000_001
    #expect(numbers == Array(first..<first + Int64(numbers.count)))
    #expect(try await scene.generation(server) == (flush == .always ? 1 : 2))
    #expect(scene.log("may have lost").count == (flush == .always ? 0 : 1))
    #expect(scene.log("has started again and has everything").count == (flush == .always ? 1 : 0))
  }

  // MARK: A change of mode at work

  @Test func aChangeOfModeNeedsNoRestart() async throws {
    let primary = try await RedisServer.start(.init(tcp: true, settings: ["repl-diskless-sync-delay": "0"]))
    let scene = try await Scene.start(nil, on: primary)
    try await Durability(.replicated).store(Keys(), .standard, on: scene.redis(primary))
    try await eventually("workers hold commands back") {
      try await scene.redis(primary).send("HGET", "fl:{0}:lease:3", "held").text == "1"
    }
    try await scene.pushAndAwait(1...5, on: primary)
    var told = Told()
    try await told.take(from: primary)
    #expect(told.conversations.isEmpty)
    let port = try #require(primary.port)
    let replica = try await RedisServer.start(.init(settings: ["replicaof": "127.0.0.1 \(port)"]))
    try await eventually("a replica lets them go") {
      try await told.take(from: primary)
      return told.conversations == Set(1...5)
    }
    replica.kill()
    try await scene.pushAndAwait(6...8, on: primary)
    try await Durability(.fast).store(Keys(), .standard, on: scene.redis(primary))
    try await eventually("what is held goes out") {
      try await told.take(from: primary)
      return told.conversations == Set(1...8)
    }
    try await scene.pushAndAwait(9...9, on: primary)
    try await told.take(from: primary)
    #expect(told.conversations == Set(1...9))
    #expect(told.isGapless)
  }
}

/// Servers, one worker, and a shop with room for everybody.
private struct Scene {
  private let set: SentinelSet?
  /// The primary at first.
  let old: RedisServer
  private let worker: ChildProcess

  static func start(_ durability: Durability?, on server: RedisServer? = nil) async throws -> Scene {
    let set = server == nil ? try await SentinelSet.start() : nil
    let old = try #require(server ?? set?.servers[0])
    let connection = try await old.connected()
    try await Functions.load(on: connection)
    let topology = try await Topology.readOrSet(Keys(), on: connection)
    try await durability?.store(Keys(), topology, on: connection)
    let yaml = DurabilityTests.yaml
    _ = try await Configurations.apply(
      ShopConfiguration.parse(yaml, file: "acme.yaml"), document: yaml, shard: Keys().shard(0), on: connection
    )
    let worker = try ChildProcess(
      try ChildProcess.product("fenliu"), ["route", "--redis", set?.url ?? old.url, "--lease", "300ms"])
    try await connection.send("RPUSH", "fl:{0}:in:0", Events.online("li"))
    try await eventually("the agent is online") {
      try await connection.send("HGET", "fl:{0}:acme:agent:li", "status").text == "online"
    }
    if durability?.mode == .replicated {
      try await eventually("commands are held back") {
        try await connection.send("HGET", "fl:{0}:lease:3", "held").text == "1"
      }
    }
    return Scene(set: set, old: old, worker: worker)
  }

  func redis(_ server: RedisServer) async throws -> RedisConnection { try await server.connected() }

  /// Pushes openings, and waits until they are routed.
  func pushAndAwait(_ range: ClosedRange<Int>, on server: RedisServer) async throws {
    let redis = try await redis(server)
    for number in range {
      let event = Events.open("c\(number)", source: "test", n: number)
      try await redis.send("RPUSH", "fl:{0}:in:\(number % 4)", event)
    }
    let conversations = range.map { "fl:{0}:acme:conv:c\($0)" }
    try await eventually(within: .seconds(60), "\(range) are routed") {
      try await redis.send(["EXISTS"] + conversations).integer == Int64(conversations.count)
    }
  }

  /// From now on the primary writes for itself alone.
  func loseReplicas() async throws {
    for replica in set?.servers.dropFirst() ?? [] { replica.freeze() }
    try await redis(old).send("CLIENT", "KILL", "TYPE", "replica")
  }

  /// The primary dies, and a replica that lags is promoted.
  func failOver() async throws -> RedisServer {
    let set = try #require(set)
    old.kill()
    for replica in set.servers.dropFirst() { replica.thaw() }
    return try await set.promoted(after: old)
  }

  func held(_ server: RedisServer) async throws -> Int64 {
    try await redis(server).send("LLEN", "fl:{0}:held").integer ?? 0
  }

  func generation(_ server: RedisServer) async throws -> Int64 {
    try await Generations.state(of: Keys().shard(0), on: redis(server)).generation
  }

  /// The lines of the worker's log with this text.
  func log(_ text: String) -> [String] { worker.standardError.filter { $0.contains(text) } }
}

extension DurabilityTests {
  fileprivate static var yaml: String { shop }
}

/// What a gateway has taken: it remembers the last `seq` and drops repeats.
private struct Told {
  private struct Command: Decodable {
    var seq: Int64
    var type: String
    var conversation: String?
  }

  private var texts: [Int64: String] = [:]
  private var assigned: [Int] = []
  /// In order.
  private(set) var numbers: [Int64] = []
  /// Numbers that came a second time with another text.
  private(set) var changed: [Int64] = []

  var conversations: Set<Int> { Set(assigned) }
  var isGapless: Bool { numbers == (0..<numbers.count).map { Int64($0) + 1 } }
  var toldTwice: [Int] { Dictionary(grouping: assigned) { $0 }.filter { $0.value.count > 1 }.keys.sorted() }

  mutating func take(from server: RedisServer) async throws {
    let redis = try await server.connected()
    let rows = (try await redis.send("LRANGE", "fl:{0}:out:web", "0", "-1").array ?? []).compactMap(\.text)
    for text in rows {
      let command = try JSONDecoder().decode(Command.self, from: Data(text.utf8))
      if let known = texts[command.seq], known != text { changed.append(command.seq) }
      texts[command.seq] = text
      guard command.seq > numbers.last ?? 0 else { continue }
      numbers.append(command.seq)
      guard command.type == "conversation.assigned" else { continue }
      if let id = command.conversation.flatMap({ Int($0.dropFirst()) }) { assigned.append(id) }
    }
    try await redis.send("LTRIM", "fl:{0}:out:web", "\(rows.count)", "-1")
  }
}
