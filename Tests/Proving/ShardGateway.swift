package import HiredisClient
import Routing
package import RoutingStore

/// A gateway of one shard in a cluster: pushes under a source, again after any doubt, and takes nothing until the end.
///
/// An event counts as pushed when a replica has it, so that a failover cannot lose it; where there is no replica left,
/// when its primary has it. What is in doubt is pushed again with all that followed it, in order.
package actor ShardGateway {
  package nonisolated let shard: ShardKeys
  package nonisolated let shop: String
  private nonisolated let partitions: Int
  private let connection: RedisConnection
  nonisolated let endpoint: RedisEndpoint
  private var numbers: [Int: Int] = [:]
  /// How many events were pushed, repeats left out.
  package var events: Int { numbers.values.reduce(0, +) }
  /// Word for word, in order, with repeats: what may lie or have lain in the lists.
  package private(set) var pushed: [Int: [[UInt8]]] = [:]
  package private(set) var conversations = 0
  /// How often something had to be pushed again.
  package private(set) var doubts = 0

  package init(_ deployment: RedisDeployment, _ shard: ShardKeys, shop: String, partitions: Int) {
    self.shard = shard
    self.shop = shop
    self.partitions = partitions
    endpoint = deployment.endpoint(of: shard.tag)
    connection = RedisConnection(
      to: endpoint, name: "gateway-\(shard.index)",
      deadlines: RedisDeadlines(connect: .seconds(5), command: .seconds(10), idle: .seconds(10)))
  }

  /// A shop whose agents have room for everybody, so that each event has its own effect.
  package static func configuration(_ shop: String) -> String {
    """
    shop: \(shop)
    groups:
      g: {capacity: 5000, queue: {limit: 0, enabled: false}}
    agents:
      a1: {groups: [g]}
      a2: {groups: [g]}
    """
  }

  private static let agents = ["a1", "a2"]

  package func awaitAgents() async throws {
    let shop = shard.shop(ShopID(unchecked: shop))
    for agent in Self.agents {
      try await eventually(within: .seconds(60), "agent \(agent) of shard \(shard.index) is there") {
        let key = shop.agent(AgentID(unchecked: agent))
        return try await self.connection.send("HGET", key, "status").text == "online"
      }
    }
  }

  package func bringAgents() async throws {
    for agent in Self.agents { try await push([Events.online(agent, shop: shop)], to: 0) }
  }

  /// Opens conversations and closes each again, with something said in between.
  package func serve(_ count: Int) async throws {
    var batches: [Int: [String]] = [:]
    for _ in 0..<count {
      conversations += 1
      let (id, partition) = ("c\(conversations)", conversations % partitions)
      func next() -> Int {
        numbers[partition, default: 0] += 1
        return numbers[partition, default: 0]
      }
      let source = "s\(partition)"
      batches[partition, default: []] += [
        Events.open(id, shop: shop, source: source, n: next()),
        Events.on(id, "message", shop: shop, #""from":"customer""#, source: source, n: next()),
        Events.on(id, "close", shop: shop, #""by":"customer""#, source: source, n: next()),
      ]
    }
    for (partition, batch) in batches { try await push(batch, to: partition) }
  }

  private func push(_ events: [String], to partition: Int) async throws {
    var attempts = 0
    try await eventually(within: .seconds(90), "gateway \(shard.index) reaches its shard") {
      if attempts > 0 { self.noteDoubt() }
      attempts += 1
      do {
        if await !self.connection.isConnected { try await self.connection.connect() }
        self.note(events, partition)
        _ = try await self.connection.send(["RPUSH", self.shard.inbox(partition)] + events)
        return try await self.isSafe()
      } catch let error as RedisError where error.isRetriable {
        return false
      }
    }
  }

  private func noteDoubt() { doubts += 1 }

  private func note(_ events: [String], _ partition: Int) {
    pushed[partition, default: []] += events.map { Array($0.utf8) }
  }

  /// Whether a failover cannot lose what was pushed, or there is nobody to fail over to.
  private func isSafe() async throws -> Bool {
    while true {
      let role = try await connection.send("ROLE").array ?? []
      guard role.first?.text == "master" else { return false }
      if role.dropFirst(2).first?.array?.isEmpty == true { return true }
      if try await connection.send("WAIT", "1", "500", deadline: .seconds(5)).integer ?? 0 > 0 { return true }
    }
  }

  /// Waits until everything is routed; what is not as it must be, at the shard's present home.
  package func judge(within time: Duration) async throws -> [String] {
    try await eventually(within: time, "the lists of shard \(shard.index) drain") {
      do {
        if await !self.connection.isConnected { try await self.connection.connect() }
        for partition in 0..<self.partitions {
          let left = try await self.connection.send("LLEN", self.shard.inbox(partition)).integer ?? 0
          if left > 0 { return false }
        }
        return true
      } catch let error as RedisError where error.isRetriable {
        return false
      }
    }
    var found =
      try await connection.send("FCALL_RO", "fl_check", "1", shard.tag).array?.compactMap(\.text) ?? []
    let dead = try await connection.send("LRANGE", shard.dead, "0", "2").array ?? []
    found += dead.compactMap(\.text).map { "dead letter \($0)" }
    let rows =
      try await connection.send("LRANGE", shard.outbox(GatewayID(unchecked: "web")), "0", "-1").array ?? []
    let commands = try rows.map { try CommandDecoder.decode($0.bytes ?? []).get() }
    // Another node has data of another history, in which a jump keeps numbers from being given twice.
    var last: Int64 = 0
    for seq in commands.map(\.seq) {
      if seq != last + 1, (seq - last - 1) % Generations.jump != 0 || seq < last {
        found.append("command \(seq) comes after \(last)")
      }
      last = seq
    }
    let told = Dictionary(grouping: commands) { $0.conversation?.rawValue ?? "?" }.mapValues {
      $0.map(\.type.name)
    }
    for number in 1...max(1, conversations) where conversations > 0 {
      let types = told["c\(number)"] ?? []
      if types != ["conversation.assigned", "conversation.closed"] { found.append("c\(number): \(types)") }
    }
    if told.count != conversations { found.append("\(told.count) conversations, not \(conversations)") }
    return found.prefix(10).map { "shard \(shard.index): \($0)" }
  }
}
