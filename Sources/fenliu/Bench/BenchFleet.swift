import Foundation
import HiredisClient
import Routing
import RoutingStore

/// Servers for a number of shards, one shard on each: a plain server for one shard, a cluster for two, as users set them
/// up. Both are reached by TCP, like servers on other machines.
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

  /// Runs `body` with a cluster of two nodes, shard 0 at the first and shard 1 at the second.
  static func pair<Result>(_ body: (BenchFleet) async throws -> Result) async throws -> Result {
    let ports = try Self.freePorts(4)
    return try await BenchServer.with(by: .node(port: ports[0], bus: ports[1])) { first in
      try await BenchServer.with(by: .node(port: ports[2], bus: ports[3])) { second in
        try await join([(first, ports[0], ports[1]), (second, ports[2], ports[3])])
        let url = "redis+cluster://127.0.0.1:\(ports[0]),127.0.0.1:\(ports[2])"
        return try await run([first, second], try RedisDeployment(url: url), body)
      }
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

  /// Makes a cluster of two nodes. The slots are divided between those of the two shards.
  private static func join(_ nodes: [(server: BenchServer, port: UInt16, bus: UInt16)]) async throws {
    let slots = (0...1).map { HashSlot(of: Keys().shard($0).tag).number }
    let border = (slots[0] + slots[1]) / 2
    let ranges = [(0, border), (border + 1, HashSlot.count - 1)]
    var connections: [RedisConnection] = []
    for (index, node) in nodes.enumerated() {
      let connection = try await node.server.connect()
      let (first, last) = slots[index] <= border ? ranges[0] : ranges[1]
      _ = try await connection.send("CLUSTER", "ADDSLOTSRANGE", "\(first)", "\(last)")
      _ = try await connection.send("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
      connections.append(connection)
    }
    _ = try await connections[0].send(
      "CLUSTER", "MEET", "127.0.0.1", "\(nodes[1].port)", "\(nodes[1].bus)")
    let deadline = ContinuousClock.now + .seconds(60)
    for connection in connections {
      while true {
        let info = try await connection.send("CLUSTER", "INFO").text ?? ""
        if info.contains("cluster_state:ok"), info.contains("cluster_known_nodes:2") { break }
        guard ContinuousClock.now < deadline else {
          throw CommandFailure("two private servers did not become a cluster within a minute")
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
