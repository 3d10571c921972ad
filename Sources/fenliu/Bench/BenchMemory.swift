import HiredisClient
import Routing
import RoutingStore

/// What a conversation takes in Redis, with all that belongs to it: its record, its places in lists, its timers, and its
/// customer's record.
struct BenchMemory: Sendable, Codable, Equatable {
  var waiting: Double
  var active: Double
  var closed: Double

  /// Measures it over so many conversations, of as many customers.
  static func measure(conversations: Int) async throws -> BenchMemory {
    var world = BenchWorld()
    world.conversations = conversations
    world.groups = 1
    world.agents = (conversations + BenchWorld.slots - 1) / BenchWorld.slots
    let (active, closed) = try await served(world)
    return BenchMemory(waiting: try await waiting(world), active: active, closed: closed)
  }

  /// One group, whose agents are all away.
  private static func waiting(_ world: BenchWorld) async throws -> Double {
    var world = world
    world.agents = 1
    return try await BenchStage.with(world) { stage in
      try await stage.server { server, connection in
        let pause = #"{"type":"agent.offline","shop":"bench0","agent":"agent0"}"#
        try await bring([pause], stage, server, connection)
        let before = try await used(stage, connection)
        try await bring(opens(world), stage, server, connection)
        return (try await used(stage, connection) - before) / Double(world.conversations)
      }
    }
  }

  private static func served(_ world: BenchWorld) async throws -> (active: Double, closed: Double) {
    try await BenchStage.with(world) { stage in
      try await stage.server { server, connection in
        let before = try await used(stage, connection)
        try await bring(opens(world), stage, server, connection)
        let open = try await used(stage, connection)
        let load = BenchLoad(world: world)
        let closes = (0..<world.conversations).map { load.close($0, mark: #""at":1790000000000"#) }
        try await bring(closes, stage, server, connection)
        let number = Double(world.conversations)
        return ((open - before) / number, (try await used(stage, connection) - before) / number)
      }
    }
  }

  private static func opens(_ world: BenchWorld) -> [String] {
    let load = BenchLoad(world: world)
    return (0..<world.conversations).map { load.open($0, gateway: "web", mark: #""at":1790000000000"#) }
  }

  /// Lets a worker apply events, each in the partition of its number.
  private static func bring(
    _ events: [String], _ stage: BenchStage, _ server: BenchServer, _ connection: RedisConnection
  ) async throws {
    let before = try await stage.position(on: connection)
    for partition in 0..<BenchWorld.partitions {
      let part = stride(from: partition, to: events.count, by: BenchWorld.partitions).map { events[$0] }
      try await stage.push(part, to: partition, on: connection)
    }
    try await BenchWorkers.with(1, server.endpoint, stage.keys) {
      try await stage.reach(before + events.count, on: connection)
      try await stage.settled(on: connection)
    }
    try await stage.verify(on: connection)
  }

  /// Bytes that the server's data takes, without what waits for gateways.
  private static func used(_ stage: BenchStage, _ connection: RedisConnection) async throws -> Double {
    let gateways = ["web", "desk"].map { stage.shard.outbox(GatewayID(unchecked: $0)) }
    _ = try await connection.send(["DEL"] + gateways)
    let info = try await connection.send("INFO", "memory").text ?? ""
    let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") }
    guard let bytes = line?.split(separator: ":").last.flatMap({ Double($0) }) else {
      throw CommandFailure("the server does not tell how much memory it uses")
    }
    return bytes
  }
}
