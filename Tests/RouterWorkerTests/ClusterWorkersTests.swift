import Foundation
import HiredisClient
import RoutingStore
import TestSupport
import Testing

/// Workers on a cluster of six nodes, whose four shards are moved, killed and replaced under load.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ClusterWorkersTests {
  enum Fault: String, CaseIterable {
    case killed, frozen, replacedByHand, moved, moveLeftHalfDone, killedAmidAMove
  }

  @Test(arguments: Fault.allCases)
  func workersFollowTheirShardsAndNothingIsLostOrDoneTwice(_ fault: Fault) async throws {
    let fleet = try ClusterFleet(try await ClusterSet.start())
    let set = fleet.set
    try await fleet.begin(workers: 2)
    try await fleet.serve(40)

    let shard = fleet.keys.shard(0)
    let old = try await set.home(of: shard.tag)
    let other = try #require(set.servers.prefix(set.primaries).first { $0 !== old })
    async let served: Void = fleet.serve(300)
    switch fault {
    case .killed: old.kill()
    case .frozen: old.freeze()
    case .replacedByHand: _ = try await set.replaceByHand(old, for: shard.tag)
    case .moved: try await move(to: other, set)
    case .moveLeftHalfDone:
      let stopped = try await set.move(shard: 0, to: other, stopAfter: 1)
      #expect(stopped.exit == .exited(1))
    case .killedAmidAMove:
      let stopped = try await set.move(shard: 0, to: other, stopAfter: 1)
      #expect(stopped.exit == .exited(1))
      // So that the replica has lost what went; else it has a copy that says otherwise, and a person must choose.
      try await set.inStep(old)
      old.kill()
    }
    switch fault {
    case .moveLeftHalfDone:
      try await expectStandstill(of: fleet, at: [old, other])
      try await move(to: other, set)
    case .killedAmidAMove:
      let promoted = try await set.newHome(of: shard.tag, after: old)
      try await expectStandstill(of: fleet, at: [promoted, other])
      try await move(to: other, set)
    case .killed, .frozen, .replacedByHand, .moved:
      _ = try await set.newHome(of: shard.tag, after: old)
    }
    let start = ContinuousClock.now
    try await served
    try await fleet.serve(20)
    old.thaw()
    let found = try await fleet.judge(within: .seconds(120))
    #expect(found == [], "\(found.joined(separator: "\n"))")
    print("\(fault): all is served \(start.duration(to: .now)) after the shard has its new node")
    for worker in await fleet.workers { worker.send(signal: SIGTERM) }
    for worker in await fleet.workers { #expect(try await worker.wait() == .exited(0)) }
    for gateway in fleet.gateways {
      let audit = try await gateway.judgeAudit()
      #expect(audit.found == [], "\(audit.found.joined(separator: "\n"))")
      #expect(audit.entries > 200)
    }
  }

  // MARK: Steps

  private func move(to server: RedisServer, _ set: ClusterSet) async throws {
    let moved = try await set.move(shard: 0, to: server)
    #expect(moved.exit == .exited(0), "\(moved.error)")
  }

  /// Nobody works on a shard that is at two nodes: no lease is taken or renewed, no event applied.
  private func expectStandstill(of fleet: ClusterFleet, at nodes: [RedisServer]) async throws {
    func leases() async throws -> [RedisValue] {
      var found: [RedisValue] = []
      for node in nodes {
        let connection = try await node.connected()
        for partition in 0..<fleet.topology.partitions {
          // Not at the node that the slot belongs to, so behind the back of the cluster.
          try await connection.send("ASKING")
          let key = fleet.keys.shard(0).lease(partition)
          found.append((try? await connection.send("HMGET", key, "epoch", "renewal", "position")) ?? .null)
        }
      }
      return found
    }
    // Connections that are open find out with their next call.
    try await eventually("the shard stands still") {
      let before = try await leases()
      try await Task.sleep(for: .seconds(2))
      return try await leases() == before
    }
  }
}
