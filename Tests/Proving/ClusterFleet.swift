import Foundation
import HiredisClient
import Routing
package import RoutingStore

/// Real workers on a cluster with four shards, which are spread over its primaries, and a gateway for each shard.
package actor ClusterFleet {
  package nonisolated let set: ClusterSet
  package nonisolated let keys = Keys()
  package nonisolated let topology = Topology(shards: 4, partitions: 2)
  package nonisolated let gateways: [ShardGateway]
  package private(set) var workers: [ChildProcess] = []
  private nonisolated let lease: String

  package init(_ set: ClusterSet, lease: String = "300ms") throws {
    self.set = set
    self.lease = lease
    let deployment = try set.deployment
    let (keys, topology) = (Keys(), Topology(shards: 4, partitions: 2))
    gateways = (0..<topology.shards).map { index in
      ShardGateway(
        deployment, keys.shard(index), shop: Self.shop(of: index, topology), partitions: topology.partitions)
    }
  }

  deinit {
    for worker in workers { worker.kill() }
  }

  /// The name of a shop that lies in a shard.
  package static func shop(of shard: Int, _ topology: Topology) -> String {
    var number = 0
    while Partitioning.shard(of: ShopID(unchecked: "shop\(number)"), shards: topology.shards) != shard {
      number += 1
    }
    return "shop\(number)"
  }

  /// Prepares everything, starts workers, and waits until all agents are there.
  package func begin(workers: Int) async throws {
    try await prepare()
    for _ in 0..<workers { try startWorker() }
    for gateway in gateways { try await gateway.awaitAgents() }
  }

  /// Sets the topology, begins an audit, configures the shops, brings the agents.
  private func prepare() async throws {
    let connection = RedisConnection(
      to: try set.deployment.endpoint(of: keys.topology), name: "prepare",
      deadlines: RedisDeadlines(connect: .seconds(10)))
    try await connection.connect()
    try await Functions.load(on: connection)
    _ = try await topology.set(keys, on: connection)
    try await AuditLog.start(keep: AuditLog.mostKept, keys, topology, on: connection)
    for gateway in gateways {
      let text = ShardGateway.configuration(gateway.shop)
      _ = try await Configurations.apply(
        ShopConfiguration.parse(text, file: "test.yaml"), document: text, shard: gateway.shard,
        on: connection)
      try await gateway.bringAgents()
    }
    await connection.close()
  }

  package func startWorker() throws {
    workers.append(
      try ChildProcess(
        try ChildProcess.product("fenliu"), ["route", "--redis", set.url, "--lease", lease]))
  }

  package func killWorkers() {
    for worker in workers { worker.kill() }
    workers = []
  }

  /// So many conversations in each shard, a few at a time, all shards at once.
  package func serve(_ count: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for gateway in gateways {
        group.addTask {
          for begun in stride(from: 0, to: count, by: 5) { try await gateway.serve(min(5, count - begun)) }
        }
      }
      try await group.waitForAll()
    }
  }

  /// What is not as it must be once everything is routed.
  package func judge(within time: Duration = .seconds(60)) async throws -> [String] {
    var found: [String] = []
    do {
      for gateway in gateways { found += try await gateway.judge(within: time) }
    } catch let failure as NeverHappened {
      // What the workers had to say is worth more than that they did not.
      let logs = workers.flatMap { ["worker \($0.pid):"] + $0.standardError.suffix(12) }
      throw NeverHappened(what: failure.what + "\n" + logs.joined(separator: "\n"), time: failure.time)
    }
    found += workers.filter { !$0.isRunning }.map { "worker \($0.pid) has ended" }
    return found
  }
}
