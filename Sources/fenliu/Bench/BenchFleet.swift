import Foundation
import HiredisClient
import Routing
import RoutingStore

/// Servers for a number of shards, one shard on each: a plain server, or a cluster, as users set them up. All are reached
/// by TCP, like servers on other machines.
struct BenchFleet {
  let redis: RedisDeployment
  /// A connection to the server of each shard.
  let connections: [RedisConnection]
  let keys = Keys()

  /// Runs `body` with one plain server.
  static func single<Result>(_ body: (BenchFleet) async throws -> Result) async throws -> Result {
    let port = try Self.freePorts(1)[0]
    return try await BenchServer.with(by: .tcp(port: port)) { server in
      try await run([server], RedisDeployment(server.endpoint), body)
    }
  }

  /// Runs `body` with a cluster of so many nodes, with the shard of its number on each.
  static func cluster<Result>(
    of count: Int, _ body: (BenchFleet) async throws -> Result
  ) async throws -> Result {
    let ports = try Self.freePorts(2 * count)
    return try await withNodes((0..<count).map { Node(port: ports[2 * $0], bus: ports[2 * $0 + 1]) }) {
      nodes in
      try await join(nodes)
      let url = "redis+cluster://" + nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
      return try await run(nodes.compactMap(\.server), try RedisDeployment(url: url), body)
    }
  }

  /// A node of a cluster, and its server once it has started.
  private struct Node {
    var port: UInt16
    var bus: UInt16
    var server: BenchServer?
  }

  private static func withNodes<Result>(
    _ nodes: [Node], _ body: ([Node]) async throws -> Result
  ) async throws -> Result {
    guard let next = nodes.firstIndex(where: { $0.server == nil }) else { return try await body(nodes) }
    return try await BenchServer.with(by: .node(port: nodes[next].port, bus: nodes[next].bus)) { server in
      var nodes = nodes
      nodes[next].server = server
      return try await withNodes(nodes, body)
    }
  }

  private static func run<Result>(
    _ servers: [BenchServer], _ redis: RedisDeployment, _ body: (BenchFleet) async throws -> Result
  ) async throws -> Result {
    var connections: [RedisConnection] = []
    for server in servers {
      let connection = try await server.connect()
      try await Functions.load(on: connection)
      connections.append(connection)
    }
    let fleet = BenchFleet(redis: redis, connections: connections)
    let whole = RedisConnection(to: redis.endpoint(of: fleet.keys.topology), name: "fenliu-bench-topology")
    try await whole.connect()
    try await Topology(shards: servers.count, partitions: BenchWorld.partitions).store(fleet.keys, on: whole)
    await whole.close()
    let result = try await body(fleet)
    for connection in connections { await connection.close() }
    return result
  }

  /// Makes a cluster of the nodes. The slots are divided so that each has its shard's, and what lies behind up to the
  /// next one's; the last has the rest.
  private static func join(_ nodes: [Node]) async throws {
    let slots = nodes.indices.map { HashSlot(of: Keys().shard($0).tag).number }
    let sorted = slots.sorted()
    var connections: [RedisConnection] = []
    for (index, node) in nodes.enumerated() {
      guard let connection = try await node.server?.connect() else { continue }
      let first = slots[index] == sorted[0] ? 0 : slots[index]
      let last = (sorted.first { $0 > slots[index] } ?? HashSlot.count) - 1
      _ = try await connection.send("CLUSTER", "ADDSLOTSRANGE", "\(first)", "\(last)")
      _ = try await connection.send("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
      connections.append(connection)
    }
    for node in nodes.dropFirst() {
      _ = try await connections[0].send("CLUSTER", "MEET", "127.0.0.1", "\(node.port)", "\(node.bus)")
    }
    let deadline = ContinuousClock.now + .seconds(60)
    for connection in connections {
      while true {
        let info = try await connection.send("CLUSTER", "INFO").text ?? ""
        if info.contains("cluster_state:ok"), info.contains("cluster_known_nodes:\(nodes.count)") { break }
        guard ContinuousClock.now < deadline else {
          throw CommandFailure("private servers did not become a cluster within a minute")
        }
        try await Task.sleep(for: .milliseconds(50))
      }
      await connection.close()
    }
  }

  /// Ports of this machine that nobody listens on, below those that the system gives to outgoing connections.
  private static func freePorts(_ count: Int) throws -> [UInt16] {
    var ports: Set<UInt16> = []
    for _ in 0..<100 * count where ports.count < count {
      let port = UInt16.random(in: 12_000..<32_000)
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(listener) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
      let status = withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          bind(listener, address, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if listener >= 0, status == 0 { ports.insert(port) }
    }
    guard ports.count == count else { throw CommandFailure("no port is free on this machine") }
    return Array(ports)
  }
}
