import Foundation
package import HiredisClient

/// A Redis Cluster of private servers, whose nodes watch each other closely: a primary is given up after a second.
public final class ClusterSet: Sendable {
  /// The nodes: first those that are primaries at first, then their replicas.
  package let servers: [RedisServer]
  /// How many of them are primaries.
  package let primaries: Int

  /// Starts all of it with `redis-cli --cluster create` and waits until every node knows every slot's.
  ///
  /// - Parameter settings: for the servers, as in redis.conf.
  package static func start(
    primaries: Int = 3, replicas: Int = 1, settings: [String: String] = [:]
  ) async throws -> ClusterSet {
    let settings = [
      "cluster-enabled": "yes", "cluster-node-timeout": "1000", "repl-diskless-sync-delay": "0",
      "cluster-announce-ip": "127.0.0.1", "cluster-allow-replica-migration": "no",
    ].merging(settings) { $1 }
    var servers: [RedisServer] = []
    for _ in 0..<primaries * (1 + replicas) {
      servers.append(try await RedisServer.start(.init(tcp: true, settings: settings)))
    }
    let set = ClusterSet(servers, primaries)
    let places = servers.compactMap(\.port).map { "127.0.0.1:\($0)" }
    let cli = try ChildProcess(
      "redis-cli",
      ["--cluster", "create"] + places + ["--cluster-replicas", "\(replicas)", "--cluster-yes"])
    try await set.introduce(until: cli)
    guard try await cli.wait(within: .seconds(60)) == .exited(0) else {
      throw NeverHappened(what: "a cluster:\n" + cli.standardOutput.joined(separator: "\n"), time: .zero)
    }
    for server in servers {
      let connection = try await server.connected()
      try await eventually(within: .seconds(30), "every node knows the cluster") {
        let info = try await connection.send("CLUSTER", "INFO").text ?? ""
        return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:\(servers.count)")
      }
      try await eventually(within: .seconds(30), "replicas have what their primaries have") {
        let role = try await connection.send("ROLE").array ?? []
        return role.first?.text == "master" || role.dropFirst(3).first?.text == "connected"
      }
    }
    return set
  }

  /// Has the nodes meet once more, every other second, until `redis-cli` has done its part: it introduces them once only, and
  /// waits for ever where a node was too busy to answer within its node timeout.
  private func introduce(until cli: ChildProcess) async throws {
    let begin = ContinuousClock.now
    var again = begin + .seconds(5)
    while cli.isRunning, ContinuousClock.now < begin + .seconds(90) {
      try await Task.sleep(for: .milliseconds(20))
      guard ContinuousClock.now >= again else { continue }
      again = .now + .seconds(2)
      guard let first = servers.first else { return }
      let connection = try await first.connected()
      for port in servers.dropFirst().compactMap(\.port) {
        _ = try await connection.send("CLUSTER", "MEET", "127.0.0.1", "\(port)")
      }
    }
  }

  private init(_ servers: [RedisServer], _ primaries: Int) {
    self.servers = servers
    self.primaries = primaries
  }

  /// Its URL, by all of its nodes.
  package var url: String {
    "redis+cluster://" + servers.compactMap(\.port).map { "127.0.0.1:\($0)" }.joined(separator: ",")
  }

  /// The same, for connections.
  package var deployment: RedisDeployment { get throws { try RedisDeployment(url: url) } }

  /// The place of a node.
  package func place(_ server: RedisServer) -> RedisPlace {
    RedisPlace(host: "127.0.0.1", port: server.port ?? 0)
  }

  /// The node with this port.
  package func server(at port: UInt16) throws -> RedisServer {
    guard let found = servers.first(where: { $0.port == port }) else { throw SystemFailure("port", ENOENT) }
    return found
  }

  /// What the nodes that run say, the newest claim to the key's slot first.
  package func maps(of key: String) async -> [ClusterMap] {
    let slot = HashSlot(of: key)
    var maps: [ClusterMap] = []
    for server in servers where server.pid != nil {
      let deadlines = RedisDeadlines(connect: .seconds(1), command: .seconds(1), idle: .seconds(1))
      guard let connection = try? await server.connected(deadlines: deadlines),
        let text = try? await connection.send("CLUSTER", "NODES").text,
        let map = ClusterMap(text, from: place(server))
      else { continue }
      maps.append(map)
    }
    return maps.sorted { ($0.owner(of: slot)?.epoch ?? -1) > ($1.owner(of: slot)?.epoch ?? -1) }
  }

  /// The primary that has a key.
  package func home(of key: String) async throws -> RedisServer {
    guard let owner = await maps(of: key).first?.owner(of: HashSlot(of: key)) else {
      throw NeverHappened(what: "a node for \(key)", time: .zero)
    }
    return try server(at: owner.place.port)
  }

  /// The primaries that have slots at present.
  package func present() async throws -> [RedisServer] {
    guard let map = await maps(of: "").first else { throw NeverHappened(what: "a map", time: .zero) }
    return try map.nodes.filter { $0.isPrimary && !$0.slots.isEmpty }.map { try server(at: $0.place.port) }
  }

  /// Waits until all nodes run, agree, and every primary has its replica, which follows.
  package func whole() async throws {
    try await eventually(within: .seconds(60), "every primary has a replica") {
      for server in servers {
        let deadlines = RedisDeadlines(connect: .seconds(1), command: .seconds(1), idle: .seconds(1))
        guard let connection = try? await server.connected(deadlines: deadlines),
          (try? await connection.send("CLUSTER", "INFO").text?.contains("cluster_state:ok")) == true,
          let role = try? await connection.send("ROLE").array
        else { return false }
        let isWell =
          role.first?.text == "master"
          ? role.dropFirst(2).first?.array?.isEmpty == false : role.dropFirst(3).first?.text == "connected"
        if !isWell { return false }
      }
      return true
    }
  }

  /// Waits until a primary's replica has all that the primary has.
  package func inStep(_ primary: RedisServer) async throws {
    let (here, there) = (try await primary.connected(), try await replica(of: primary).connected())
    try await eventually("the replica has what the primary has") {
      let sent = try await here.send("ROLE").array?.dropFirst().first?.integer
      return try await there.send("ROLE").array?.dropFirst(4).first?.integer ?? 0 >= sent ?? .max
    }
  }

  /// A replica of a primary.
  package func replica(of primary: RedisServer) async throws -> RedisServer {
    for server in servers where server !== primary && server.pid != nil {
      let role = try await server.connected().send("ROLE").array ?? []
      if role.first?.text == "slave", role.dropFirst(2).first?.integer == primary.port.map(Int64.init) {
        return server
      }
    }
    throw NeverHappened(what: "a replica", time: .zero)
  }

  /// Waits until a replica has become a primary.
  package func promoted(_ replica: RedisServer) async throws {
    let connection = try await replica.connected()
    try await eventually(within: .seconds(60), "a replica is promoted") {
      try await connection.send("ROLE").array?.first?.text == "master"
    }
  }

  /// Lets a replica take the place of `old` by hand. The old one may be too busy to agree in time: then it is asked again.
  package func replaceByHand(_ old: RedisServer, for key: String) async throws -> RedisServer {
    let replica = try await replica(of: old)
    for _ in 0..<10 {
      try await replica.connected().send("CLUSTER", "FAILOVER")
      if (try? await newHome(of: key, after: old, within: .seconds(6))) != nil { return replica }
    }
    throw NeverHappened(what: "a failover by hand", time: .seconds(60))
  }

  /// Waits until another node than `old` has the key, and most others know.
  package func newHome(
    of key: String, after old: RedisServer, within time: Duration = .seconds(60)
  ) async throws -> RedisServer {
    var found: RedisServer?
    try await eventually(within: time, "another node has \(key)") {
      let server = try await self.home(of: key)
      if server !== old { found = server }
      return found != nil
    }
    guard let found else { throw NeverHappened(what: "a promotion", time: .zero) }
    return found
  }

  /// Moves a shard as operators do, by `deploy/move-shard`.
  ///
  /// - Parameter batches: where it shall be interrupted; nil for never.
  @discardableResult
  package func move(
    shard: Int, to server: RedisServer, stopAfter batches: Int? = nil
  ) async throws -> (exit: ChildProcess.Exit, output: [String], error: [String]) {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("deploy/move-shard").path
    let child = try ChildProcess(
      script, ["\(place(server))", "\(shard)"],
      environment: ["FENLIU_MOVE_BATCH": "100"].merging(
        batches.map { ["FENLIU_MOVE_STOP_AFTER": "\($0)"] } ?? [:]
      ) { $1 })
    let exit = try await child.wait(within: .seconds(120))
    return (exit, child.standardOutput, child.standardError)
  }
}
