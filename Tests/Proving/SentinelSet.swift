import Foundation
public import HiredisClient

/// A primary, two replicas and three sentinels, which watch them closely: a primary is given up after a second.
public final class SentinelSet: Sendable {
  /// What the sentinels call the set.
  public static let name = "main"

  /// The servers; the first is the primary at first.
  public let servers: [RedisServer]
  /// The ports of the sentinels.
  public let ports: [UInt16]
  private let sentinels: [ChildProcess]
  private let directories: [TemporaryDirectory]

  /// Starts all of it and waits until everybody knows everybody.
  ///
  /// - Parameters:
  ///   - settings: for the servers, as in redis.conf.
  ///   - downAfter: how long a server is silent before it is given up.
  public static func start(
    settings: [String: String] = [:], downAfter: Duration = .seconds(1)
  ) async throws -> SentinelSet {
    let set = try await SentinelSet(settings, downAfter)
    for port in set.ports {
      try await eventually("the sentinel at \(port) knows all others") {
        let fields = try await set.sentinel(port, "SENTINEL", "MASTER", name).array ?? []
        func number(_ field: String) -> Int64? {
          fields.firstIndex { $0.text == field }.flatMap { fields[$0 + 1].integer }
        }
        return number("num-slaves") == 2 && number("num-other-sentinels") == 2
      }
    }
    for server in set.servers.dropFirst() {
      try await eventually("the replica has all data") {
        try await server.connected().send("INFO", "replication").text?.contains("master_link_status:up")
          == true
      }
    }
    return set
  }

  private init(_ settings: [String: String], _ downAfter: Duration) async throws {
    var settings = settings
    settings["repl-diskless-sync-delay"] = "0"
    let primary = try await RedisServer.start(.init(tcp: true, settings: settings))
    guard let port = primary.port else { throw SystemFailure("port", EINVAL) }
    settings["replicaof"] = "127.0.0.1 \(port)"
    var servers = [primary]
    for _ in 0..<2 { servers.append(try await RedisServer.start(.init(tcp: true, settings: settings))) }
    self.servers = servers

    var ports: [UInt16] = []
    var sentinels: [ChildProcess] = []
    var directories: [TemporaryDirectory] = []
    for _ in 0..<3 {
      let directory = try TemporaryDirectory()
      let own = try freePort()
      let text = """
        port \(own)
        bind 127.0.0.1
        dir \(directory.path)
        sentinel monitor \(Self.name) 127.0.0.1 \(port) 2
        sentinel down-after-milliseconds \(Self.name) \(Int(downAfter / .milliseconds(1)))
        sentinel failover-timeout \(Self.name) 4000

        """
      try Data(text.utf8).write(to: URL(fileURLWithPath: directory.path("sentinel.conf")))
      sentinels.append(
        try ChildProcess(
          "redis-server", [directory.path("sentinel.conf"), "--sentinel"], doomed: directory.path))
      ports.append(own)
      directories.append(directory)
    }
    (self.ports, self.sentinels, self.directories) = (ports, sentinels, directories)
  }

  deinit { for sentinel in sentinels { sentinel.kill() } }

  /// The address of the primary by way of the sentinels.
  public var url: String {
    "redis+sentinel://" + ports.map { "127.0.0.1:\($0)" }.joined(separator: ",") + "/" + Self.name
  }

  /// The same as an endpoint.
  public var endpoint: RedisEndpoint { get throws { try RedisEndpoint(url: url) } }

  /// Sends a command to the sentinel at a port.
  @discardableResult
  public func sentinel(_ port: UInt16, _ words: String...) async throws -> RedisValue {
    let connection = RedisConnection(to: RedisEndpoint(.tcp(host: "127.0.0.1", port: port)))
    do {
      try await connection.connect()
      return try await connection.send(words)
    } catch RedisError.connectFailed {
      return .null
    }
  }

  /// Waits until another server than `old` has become the primary; that server.
  public func promoted(after old: RedisServer) async throws -> RedisServer {
    var found: RedisServer?
    try await eventually(within: .seconds(60), "another server is the primary") {
      for server in servers where server !== old && server.pid != nil {
        if (try? await server.connected().send("ROLE").array?.first?.text) == "master" { found = server }
      }
      return found != nil
    }
    guard let found else { throw NeverHappened(what: "a promotion", time: .zero) }
    return found
  }
}
