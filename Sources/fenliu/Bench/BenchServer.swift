import Foundation
import HiredisClient

/// A private redis-server for one run of a benchmark, in memory only, gone afterwards.
struct BenchServer {
  let endpoint: RedisEndpoint
  private let directory: String
  private let process: ManagedProcess

  /// How a server is reached.
  enum Reach: Sendable {
    /// By a Unix socket.
    case socket
    /// By TCP on this machine.
    case tcp(port: UInt16)
    /// By TCP, as a node of a cluster.
    case node(port: UInt16, bus: UInt16)
  }

  /// Calls of at least so many microseconds are kept in the server's log of slow ones.
  static let slowCall = 200

  /// Runs `body` with a fresh server, which is gone afterwards however it ends.
  ///
  /// - Parameters:
  ///   - snapshot: the file of a server that was saved, to begin with what that one had.
  ///   - reach: how it is reached.
  static func with<Result>(
    _ snapshot: String? = nil, by reach: Reach = .socket, _ body: (BenchServer) async throws -> Result
  ) async throws -> Result {
    let server = try await start(snapshot, reach)
    do {
      let result = try await body(server)
      await server.stop()
      return result
    } catch {
      await server.stop()
      throw error
    }
  }

  /// A connection to it.
  func connect() async throws -> RedisConnection {
    let connection = RedisConnection(to: endpoint, name: "fenliu-bench")
    try await connection.connect()
    return connection
  }

  /// Keeps what it has in a file: its path.
  func save(_ connection: RedisConnection, to path: String) async throws {
    _ = try await connection.send(["SAVE"], deadline: .seconds(300))
    try FileManager.default.copyItem(atPath: "\(directory)/dump.rdb", toPath: path)
  }

  private static func start(_ snapshot: String?, _ reach: Reach) async throws -> BenchServer {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("fenliu-bench-\(UInt32.random(in: .min ... .max))").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    if let snapshot { try FileManager.default.copyItem(atPath: snapshot, toPath: "\(directory)/dump.rdb") }
    let (endpoint, place) = reached(by: reach, in: directory)
    let process = try await ManagedProcess.start(
      try PrivateRedis.executable(),
      [
        // A snapshot lives for minutes: packed smaller it would only take longer.
        "--dir", directory, "--save", "", "--appendonly", "no", "--rdbcompression", "no", "--rdbchecksum",
        "no",
        "--maxmemory-policy", "noeviction", "--slowlog-log-slower-than", "\(slowCall)", "--slowlog-max-len",
        "1000",
      ] + place, log: "\(directory)/log", inheriting: 0)
    let server = BenchServer(endpoint: endpoint, directory: directory, process: process)
    // A large snapshot takes its time.
    let deadline = ContinuousClock.now + .seconds(300)
    while true {
      do {
        let connection = try await server.connect()
        defer { Task { await connection.close() } }
        // Refused as long as it reads its snapshot.
        _ = try await connection.send("PING")
        return server
      } catch {
        guard ContinuousClock.now < deadline, process.exit == nil else {
          await server.stop()
          throw CommandFailure("the private redis-server did not start: \(error)")
        }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  private static func reached(by reach: Reach, in directory: String) -> (RedisEndpoint, [String]) {
    switch reach {
    case .socket:
      let socket = "\(directory)/s"
      return (RedisEndpoint(.unix(path: socket)), ["--port", "0", "--unixsocket", socket])
    case .tcp(let port):
      return (
        RedisEndpoint(.tcp(host: "127.0.0.1", port: port)), ["--port", "\(port)", "--bind", "127.0.0.1"]
      )
    case .node(let port, let bus):
      return (
        RedisEndpoint(.tcp(host: "127.0.0.1", port: port)),
        [
          "--port", "\(port)", "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", "\(bus)",
          "--cluster-announce-ip", "127.0.0.1",
        ]
      )
    }
  }

  private func stop() async {
    process.send(SIGKILL)
    _ = await process.end()
    try? FileManager.default.removeItem(atPath: directory)
  }
}
