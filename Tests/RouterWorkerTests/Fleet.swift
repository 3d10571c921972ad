import Foundation
import HiredisClient
import Routing
import RoutingStore
import TestSupport

/// Real `fenliu route` processes on one private Redis, and what a gateway does with it.
actor Fleet {
  let server: RedisServer
  let lease: String
  let keys: Keys
  private(set) var workers: [ChildProcess] = []
  private var connection: RedisConnection

  init(_ server: RedisServer, lease: String = "300ms", prefix: String = "fl:") async throws {
    self.server = server
    self.lease = lease
    keys = Keys(prefix: prefix)
    connection = try await server.connected(name: "test-gateway")
  }

  deinit {
    for worker in workers { worker.kill() }
  }

  // MARK: Workers

  @discardableResult
  func startWorker(environment: [String: String] = [:]) throws -> ChildProcess {
    let worker = try ChildProcess(
      try ChildProcess.product("fenliu"),
      ["route", "--redis", server.url, "--prefix", keys.prefix, "--lease", lease],
      environment: environment)
    workers.append(worker)
    return worker
  }

  func killWorker(_ index: Int) { workers.remove(at: index).kill() }

  func killAll() {
    for worker in workers { worker.kill() }
    workers = []
  }

  // MARK: A shop

  @discardableResult
  func apply(_ yaml: String) async throws -> Int64 {
    let configuration = try ShopConfiguration.parse(yaml, file: "test.yaml")
    try await Functions.load(on: connection)
    _ = try await Topology.readOrSet(keys, on: connection)
    switch try await Configurations.apply(
      configuration, document: yaml, shard: keys.shard(0), on: connection)
    {
    case .applied(let version), .unchanged(let version): return version
    }
  }

  // MARK: A gateway

  /// Connects again after the server was away.
  func reconnect() async throws {
    await connection.close()
    try await connection.connect()
  }

  func push(_ partition: Int, _ events: [String]) async throws {
    for chunk in stride(from: 0, to: events.count, by: 500) {
      let part = Array(events[chunk..<min(chunk + 500, events.count)])
      _ = try await connection.send(["RPUSH", keys.shard(0).inbox(partition)] + part)
    }
  }

  func outbox(_ gateway: String) async throws -> [Routing.Command] {
    let key = keys.shard(0).outbox(GatewayID(unchecked: gateway))
    return try await connection.send("LRANGE", key, "0", "-1").array.map { rows in
      try rows.map { try CommandDecoder.decode($0.bytes ?? []).get() }
    } ?? []
  }

  func send(_ words: String...) async throws -> RedisValue { try await connection.send(words) }

  /// The violations that `fl_check` lists.
  func check() async throws -> [String] {
    let reply = try await connection.send("FCALL_RO", "fl_check", "1", keys.shard(0).tag)
    return reply.array?.compactMap(\.text) ?? []
  }

  func position(_ partition: Int) async throws -> Int64 {
    try await connection.send("HGET", keys.shard(0).lease(partition), "position").integer ?? 0
  }

  func backlog() async throws -> Int64 {
    var sum: Int64 = 0
    for partition in 0..<4 {
      sum += try await connection.send("LLEN", keys.shard(0).inbox(partition)).integer ?? 0
    }
    return sum
  }

  /// Waits until all lists are empty.
  func drained(within time: Duration = .seconds(20)) async throws {
    do {
      try await eventually(within: time, "all inboxes are empty") { try await self.backlog() == 0 }
    } catch let failure as NeverHappened {
      // What the workers had to say is worth more than that they did not.
      for worker in workers {
        print("worker \(worker.pid), running: \(worker.isRunning)")
        for line in worker.standardError.suffix(15) { print("  \(line)") }
      }
      throw failure
    }
  }
}

/// Events as gateways write them.
enum Events {
  static func open(
    _ conversation: String, customer: String? = nil, shop: String = "acme", gateway: String = "web",
    level: Int = 0, source: String? = nil, n: Int = 0
  ) -> String {
    #"{"type":"conversation.open","shop":"\#(shop)","conversation":"\#(conversation)","#
      + #""customer":{"id":"\#(customer ?? "u-" + conversation)","level":\#(level)},"#
      + #""gateway":"\#(gateway)"\#(mark(source, n))}"#
  }

  static func on(
    _ conversation: String, _ type: String, shop: String = "acme", _ more: String = "", source: String? = nil,
    n: Int = 0
  ) -> String {
    #"{"type":"conversation.\#(type)","shop":"\#(shop)","conversation":"\#(conversation)""#
      + (more.isEmpty ? "" : "," + more) + mark(source, n) + "}"
  }

  static func online(_ agent: String, shop: String = "acme", gateway: String = "desk") -> String {
    #"{"type":"agent.online","shop":"\#(shop)","agent":"\#(agent)","gateway":"\#(gateway)"}"#
  }

  private static func mark(_ source: String?, _ n: Int) -> String {
    source.map { #","source":"\#($0)","n":\#(n)"# } ?? ""
  }
}
