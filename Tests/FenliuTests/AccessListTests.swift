import Foundation
import HiredisClient
import RoutingStore
import TestSupport
import Testing

/// `deploy/redis.acl`: each user does its work through the real programs, and is refused what is not its work.
@Suite(.timeLimit(.minutes(3))) struct AccessListTests {
  private static let users = ["worker", "gateway", "operator", "deployer"]

  @Test func eachUserCanDoItsWork() async throws {
    let server = try await start()
    let files = try TemporaryDirectory()
    let shop = files.path("acme.yaml")
    try Data("shop: acme\ngroups:\n  front: {}\nagents:\n  li: {groups: [front], capacity: 2}\n".utf8)
      .write(to: URL(fileURLWithPath: shop))

    #expect(try await run("deployer", server, "topology", "--partitions", "2").status == 0)
    #expect(try await run("deployer", server, "apply", shop).output.first?.contains("applied") == true)
    let worker = try Program.start(["route"], environment: ["FENLIU_REDIS": url("worker", server)])
    let pushed = try await run(
      "gateway", server, "push",
      input: [
        Line.online("li"), Line.open("c1", customer: "u1"), Line.open("c2", customer: "u1", shop: "none"),
      ]
      .joined(separator: "\n"))
    #expect(pushed.output.first == "3 events pushed", "\(pushed.error)")

    let gateway = try await connection("gateway", server)
    try await eventually("the gateway is told of the assignment") {
      try await gateway.send("LRANGE", "fl:{0}:out:g", "0", "-1").array?.isEmpty == false
    }
    try await gateway.send("LTRIM", "fl:{0}:out:g", "1", "-1")
    #expect(try await gateway.send("HGET", "fl:topology", "partitions").integer == 2)
    #expect(try await gateway.send("RPUSH", "fl:{0}:in:1", Line.open("c3", customer: "u3")).integer != nil)
    #expect(try await gateway.send("BLPOP", "fl:{0}:out:desk", "5").array?.count == 2)

    try await eventually("the operator sees the rejected event") {
      try await run("operator", server, "dead", "list").output.isEmpty == false
    }
    #expect(try await run("operator", server, "top", "--once", "--json").status == 0)
    #expect(try await run("operator", server, "topology").status == 0)
    #expect(try await run("operator", server, "explain", "c1").output.first?.contains("agent li") == true)
    #expect(try await run("operator", server, "dead", "retry", "1").status == 0)
    try await eventually("the router rejects it once more") {
      try await run("operator", server, "dead", "drop", "--yes", "1").status == 0
    }
    let person = try await connection("operator", server)
    for function in ["fl_check", "fl_shops"] {
      #expect(try await person.send("FCALL_RO", function, "1", "{0}").array != nil)
    }
    worker.send(signal: SIGTERM)
    #expect(try await worker.wait() == .exited(0))
    // Two refusals are meant: the router would like to warn of settings, `push` to bring functions.
    let log = try await administrator(server).send("ACL", "LOG").array ?? []
    let refused = Set(log.compactMap { $0.array?.dropFirst(7).first?.text })
    #expect(refused.isSubset(of: ["config|get", "function|load"]), "\(refused)")
  }

  @Test func theSameRightsAreEnoughInACluster() async throws {
    let server = try await start(.init(tcp: true, settings: ["cluster-enabled": "yes"]))
    let administrator = try await administrator(server)
    try await administrator.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
    try await eventually("the cluster of one node works") {
      try await administrator.send("CLUSTER", "INFO").text?.contains("cluster_state:ok") == true
    }
    let files = try TemporaryDirectory()
    let shop = files.path("acme.yaml")
    try Data("shop: acme\ngroups:\n  front: {}\nagents:\n  li: {groups: [front], capacity: 2}\n".utf8)
      .write(to: URL(fileURLWithPath: shop))
    func run(_ user: String, _ arguments: String..., input: String? = nil) async throws -> Program.Run {
      let child = try Program.start(
        arguments, input: input, environment: ["FENLIU_REDIS": clusterURL(user, server)])
      let exit = try await child.wait()
      return Program.Run(exit: exit, output: child.standardOutput, error: child.standardError)
    }
    let topology = try await run("deployer", "topology", "--shards", "3", "--partitions", "1")
    #expect(topology.status == 0, "\(topology.error)")
    #expect(try await run("deployer", "apply", shop).output.first?.contains("applied") == true)
    let worker = try Program.start(["route"], environment: ["FENLIU_REDIS": clusterURL("worker", server)])
    let lines = [Line.online("li"), Line.open("c1", customer: "u1")].joined(separator: "\n")
    let pushed = try await run("gateway", "push", input: lines)
    #expect(pushed.output.first == "2 events pushed", "\(pushed.error)")
    try await eventually("it is routed") {
      try await run("operator", "explain", "c1").output.first?.contains("agent li") == true
    }
    #expect(try await run("operator", "top", "--once", "--json").status == 0)
    #expect(try await run("operator", "topology").output.contains { $0.hasPrefix("shard 2   slot 5649") })
    worker.send(signal: SIGTERM)
    #expect(try await worker.wait() == .exited(0))
    let log = try await administrator.send("ACL", "LOG").array ?? []
    let refused = Set(log.compactMap { $0.array?.dropFirst(7).first?.text })
    #expect(refused.isSubset(of: ["config|get", "function|load"]), "\(refused)")
  }

  private func clusterURL(_ user: String, _ server: RedisServer) -> String {
    "redis+cluster://fenliu-\(user):\(user)@127.0.0.1:\(server.port ?? 0)"
  }

  @Test(arguments: [
    (
      "gateway",
      ["LPOP fl:{0}:in:0", "LRANGE fl:{0}:in:0 0 9", "RPUSH fl:{0}:out:g x", "RPUSH fl:{0}:dead x"]
    ),
    ("gateway", ["HSET fl:topology shards 9", "HGETALL fl:{0}:acme:conv:c1", "DEL fl:{0}:in:0", "KEYS *"]),
    ("gateway", ["FUNCTION FLUSH", "CONFIG GET requirepass", "FLUSHALL", "LPOP other", "SUBSCRIBE x"]),
    ("operator", ["HSET fl:{0}:acme:agent:li load 0", "LPOP fl:{0}:in:0", "DEL fl:{0}:dead", "SET fl:x 1"]),
    ("operator", ["FCALL fl_push 1 {0} 1 x", "FUNCTION FLUSH", "CONFIG GET requirepass", "HGET other a"]),
    ("deployer", ["RPUSH fl:{0}:in:0 x", "HGETALL fl:{0}:acme:agent:li", "LRANGE fl:{0}:out:g 0 9"]),
    ("deployer", ["FUNCTION FLUSH", "HSET fl:{0}:lease:0 epoch 9", "CONFIG SET save 1", "GET other"]),
    ("worker", ["HGET other a", "SET fl:x 1", "KEYS *", "FLUSHALL", "FUNCTION FLUSH", "CONFIG GET save"]),
    ("worker", ["CLUSTER FAILOVER", "CLUSTER SETSLOT 1 STABLE", "CLUSTER RESET"]),
    ("gateway", ["CLUSTER FORGET x", "CLUSTER SETSLOT 1 STABLE", "EXISTS fl:{0}:acme:conv:c1"]),
    ("worker", ["SHUTDOWN", "REPLICAOF NO ONE", "ACL LIST", "DEBUG SLEEP 0", "CLIENT KILL TYPE normal"]),
  ])
  func nobodyMayDoTheWorkOfOthers(_ user: String, _ commands: [String]) async throws {
    let server = try await start()
    let connection = try await connection(user, server)
    for command in commands {
      let error = await #expect(throws: RedisError.self) {
        try await connection.send(command.split(separator: " ").map(String.init))
      }
      guard case .server(let refusal) = error, refusal.kind == .noPermission else {
        Issue.record("\(user): \(command): \(String(describing: error))")
        continue
      }
    }
  }

  /// Functions act with the rights of whoever calls them.
  @Test func functionsLendNobodyTheRightsOfARouter() async throws {
    let server = try await start()
    let administrator = try await administrator(server)
    try await Functions.load(on: administrator)
    let name = Functions.work.name
    for user in ["gateway", "deployer"] {
      let connection = try await connection(user, server)
      for call in [
        ["\(name)_member_beat", "1", "fl:{0}", "me", "1"],
        ["\(name)_lease_take", "1", "fl:{0}", "me", "0", "", "0", "0"],
      ] {
        let error = await #expect(throws: RedisError.self) { try await connection.send(["FCALL"] + call) }
        #expect("\(String(describing: error))".contains("The user executing the script can't"))
      }
    }
    let tool = try await connection("operator", server)
    let script = "return redis.call('HSET', 'fl:{0}:lease:0', 'epoch', 9)"
    await #expect(throws: RedisError.self) { try await tool.send("EVAL", script, "1", "fl:{0}:dead") }
    #expect(try await administrator.send("EXISTS", "fl:{0}:lease:0", "fl:{0}:members").integer == 0)
  }

  @Test func withoutPasswordsInTheFileRedisDoesNotStart() async throws {
    let child = try ChildProcess("redis-server", ["--port", "0", "--include", Self.file.path])
    #expect(try await child.wait() == .exited(1))
  }

  // MARK: Steps

  private static var file: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("deploy/redis.acl")
  }

  /// A server with the users of the file; each has its name for its password.
  private func start(_ options: RedisServer.Options = .init()) async throws -> RedisServer {
    var text = try String(contentsOf: Self.file, encoding: .utf8)
    for user in Self.users + ["default"] {
      text = text.replacingOccurrences(of: "#PASSWORD-\(user.uppercased())", with: ">\(user)")
    }
    #expect(!text.contains("#PASSWORD-"))
    let server = try RedisServer(options)
    let list = server.directoryPath + "/acl"
    try Data(text.utf8).write(to: URL(fileURLWithPath: list))
    try await server.start(settings: ["include": list])
    return server
  }

  private func url(_ user: String, _ server: RedisServer) -> String {
    "unix://fenliu-\(user):\(user)@\(server.socketPath)"
  }

  private func connection(_ user: String, _ server: RedisServer) async throws -> RedisConnection {
    let connection = RedisConnection(to: try RedisEndpoint(url: url(user, server)))
    try await connection.connect()
    return connection
  }

  private func administrator(_ server: RedisServer) async throws -> RedisConnection {
    let endpoint = RedisEndpoint(.unix(path: server.socketPath), password: "default")
    let connection = RedisConnection(to: endpoint)
    try await connection.connect()
    return connection
  }

  private func run(
    _ user: String, _ server: RedisServer, _ arguments: String..., input: String? = nil
  ) async throws -> Program.Run {
    let child = try Program.start(
      arguments, input: input, environment: ["FENLIU_REDIS": url(user, server)])
    let exit = try await child.wait()
    return Program.Run(exit: exit, output: child.standardOutput, error: child.standardError)
  }
}
