import Foundation
package import HiredisClient
package import Routing
package import RoutingStore

/// Real `fenliu route` processes on one private Redis, and what a gateway does with it.
package actor Fleet {
  package nonisolated let server: RedisServer
  package nonisolated let lease: String
  package nonisolated let keys: Keys
  package private(set) var workers: [ChildProcess] = []
  private var connection: RedisConnection

  package init(_ server: RedisServer, lease: String = "300ms", prefix: String = "fl:") async throws {
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
  package func startWorker(environment: [String: String] = [:]) throws -> ChildProcess {
    let worker = try ChildProcess(
      try ChildProcess.product("fenliu"),
      ["route", "--redis", server.url, "--prefix", keys.prefix, "--lease", lease],
      environment: environment)
    workers.append(worker)
    return worker
  }

  package func killWorker(_ index: Int) { workers.remove(at: index).kill() }

  package func killAll() {
    for worker in workers { worker.kill() }
    workers = []
  }

  // MARK: A shop

  @discardableResult
  package func apply(_ yaml: String) async throws -> Int64 {
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
  package func reconnect() async throws {
    await connection.close()
    try await connection.connect()
  }

  package func push(_ partition: Int, _ events: [String]) async throws {
    for chunk in stride(from: 0, to: events.count, by: 500) {
      let part = Array(events[chunk..<min(chunk + 500, events.count)])
      _ = try await connection.send(["RPUSH", keys.shard(0).inbox(partition)] + part)
    }
  }

  package func outbox(_ gateway: String) async throws -> [Routing.Command] {
    let key = keys.shard(0).outbox(GatewayID(unchecked: gateway))
    return try await connection.send("LRANGE", key, "0", "-1").array.map { rows in
      try rows.map { try CommandDecoder.decode($0.bytes ?? []).get() }
    } ?? []
  }

  package func send(_ words: String...) async throws -> RedisValue { try await connection.send(words) }
  /// The same of words that are counted at run time.
  package func send(_ words: [String]) async throws -> RedisValue { try await connection.send(words) }

  /// The violations that `fl_check` lists.
  package func check() async throws -> [String] {
    let reply = try await connection.send("FCALL_RO", "fl_check", "1", keys.shard(0).tag)
    return reply.array?.compactMap(\.text) ?? []
  }

  package func position(_ partition: Int) async throws -> Int64 {
    try await connection.send("HGET", keys.shard(0).lease(partition), "position").integer ?? 0
  }

  package func backlog() async throws -> Int64 {
    var sum: Int64 = 0
    for partition in 0..<4 {
      sum += try await connection.send("LLEN", keys.shard(0).inbox(partition)).integer ?? 0
    }
    return sum
  }

  /// Waits until all lists are empty.
  package func drained(within time: Duration = .seconds(20)) async throws {
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
