import Foundation
public import HiredisClient
import Synchronization

/// A private `redis-server` on a Unix socket in a directory of its own.
///
/// Within a suite that has the trait `.redis`, ``current`` is the suite's server; tests share it, and keep
/// apart by the names of their keys. Those that stop or configure their server start one of their own.
public final class RedisServer: Sendable {
  /// The server of the suite that is running, if it has the trait `.redis`.
  @TaskLocal public static var current: RedisServer?

  /// How a server is to be started.
  public struct Options: Sendable, Hashable {
    /// When the append-only file is flushed to disk.
    public enum Flush: String, Sendable, Hashable {
      /// With every write, before it is acknowledged.
      case always
      /// About once a second.
      case everysec
      /// When the operating system likes.
      case no
    }

    /// Whether there is an append-only file.
    public var appendOnly: Bool
    /// When the append-only file is flushed to disk.
    public var appendFsync: Flush
    /// Whether it listens on a TCP port too, which is chosen among the free ones.
    public var tcp: Bool
    /// Further settings, as in redis.conf: name and value.
    public var settings: [String: String]

    /// Variables of its environment, beside those of the test.
    public var environment: [String: String]
    /// Whether it is a cluster of one node, which refuses whatever strays from its slot.
    public var isWholeCluster: Bool

    /// `FENLIU_TEST_CLUSTER=1` makes every server a cluster of one node, for a run of the store's tests on it.
    private static let allAreClusters = ProcessInfo.processInfo.environment["FENLIU_TEST_CLUSTER"] == "1"

    /// Nothing on disk, no TCP, if not said otherwise.
    public init(
      appendOnly: Bool = false, appendFsync: Flush = .everysec, tcp: Bool = false,
      settings: [String: String] = [:], environment: [String: String] = [:], isWholeCluster: Bool = false
    ) {
      self.isWholeCluster = isWholeCluster || (Self.allAreClusters && settings["replicaof"] == nil)
      self.environment = environment
      self.appendOnly = appendOnly
      self.appendFsync = appendFsync
      self.tcp = tcp
      self.settings = settings
    }
  }

  /// How it was started.
  public let options: Options
  private var isNode: Bool { options.isWholeCluster || options.settings["cluster-enabled"] == "yes" }
  /// The TCP port, if there is one.
  public let port: UInt16?
  private let directory: TemporaryDirectory
  private let process = Mutex<ChildProcess?>(nil)

  /// Starts a server and waits until it answers.
  public static func start(_ options: Options = Options()) async throws -> RedisServer {
    let server = try RedisServer(options)
    try await server.start()
    return server
  }

  /// A server that is not running yet.
  public init(_ options: Options = Options()) throws {
    self.options = options
    directory = try TemporaryDirectory()
    let isNode = options.isWholeCluster || options.settings["cluster-enabled"] == "yes"
    port = options.tcp || isNode ? try freePort(forNode: isNode) : nil
  }

  deinit { kill() }

  /// The directory with its socket and its data.
  public var directoryPath: String { directory.path }

  /// The path of its Unix socket.
  public var socketPath: String { directory.path("s") }

  /// Where it is, by its Unix socket.
  public var endpoint: RedisEndpoint { RedisEndpoint(.unix(path: socketPath)) }

  /// Where it is, by TCP, if it has a port.
  public var tcpEndpoint: RedisEndpoint? { port.map { RedisEndpoint(.tcp(host: "127.0.0.1", port: $0)) } }

  /// The URL of its Unix socket.
  public var url: String { "unix://\(socketPath)" }

  /// Its process id while it runs.
  public var pid: Int32? { process.withLock { $0 }?.pid }

  /// The lines of its log, for messages about tests that fail.
  public var log: [String] { process.withLock { $0 }?.standardOutput ?? [] }

  /// A connection to it, not open yet.
  public func connection(
    name: String = "test", thread: RedisThread? = nil, deadlines: RedisDeadlines = RedisDeadlines()
  ) -> RedisConnection {
    RedisConnection(to: endpoint, name: name, thread: thread, deadlines: deadlines)
  }

  /// An open connection to it.
  public func connected(
    name: String = "test", deadlines: RedisDeadlines = RedisDeadlines()
  ) async throws -> RedisConnection {
    let connection = connection(name: name, deadlines: deadlines)
    try await connection.connect()
    return connection
  }

  /// Starts it on its directory. Nothing happens if it is running.
  ///
  /// - Parameters:
  ///   - untilReady: whether to wait until it has loaded its data and answers, or only until it listens.
  ///   - settings: in addition to those of the ``options``, for this start.
  public func start(untilReady: Bool = true, settings: [String: String] = [:]) async throws {
    let child = try process.withLock { process in
      if let process, process.isRunning { return process }
      unlink(socketPath)
      let child = try ChildProcess(
        "redis-server", arguments(settings), environment: options.environment, doomed: directory.path)
      process = child
      return child
    }
    try await waitForAnswer(child, including: untilReady ? [] : [.loading])
    if options.isWholeCluster, untilReady { try await takeAllSlots() }
  }

  private func takeAllSlots() async throws {
    let connection = try await connected(name: "slots")
    // Refused at a second start, since it knows by then.
    _ = try? await connection.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
    try await eventually("the cluster of one node works") {
      try await connection.send("CLUSTER", "INFO").text?.contains("cluster_state:ok") == true
    }
    await connection.close()
  }

  /// Ends it by SIGKILL: nothing is flushed, as in a crash. Also ends a frozen one.
  public func kill() {
    process.withLock { process in
      process?.kill()
      process = nil
    }
  }

  /// Ends it by SIGTERM, which lets it write its data first.
  public func terminate() async throws {
    guard let child = process.withLock({ $0 }) else { return }
    child.send(signal: SIGTERM)
    try await child.wait()
    process.withLock { $0 = nil }
  }

  /// Kills it and starts it again on the same directory and addresses, as an operator should: what a killed Redis was
  /// writing may be torn, and is mended first.
  public func restart() async throws {
    kill()
    if options.appendOnly { try await AppendOnlyFile(in: directoryPath).mend() }
    try await start()
  }

  /// Stops it by SIGSTOP: connections stay open, and nothing is answered.
  public func freeze() { process.withLock { $0 }?.send(signal: SIGSTOP) }

  /// Lets a frozen one go on.
  public func thaw() { process.withLock { $0 }?.send(signal: SIGCONT) }

  private func arguments(_ more: [String: String]) -> [String] {
    var settings = [
      "port": port.map { String($0) } ?? "0",
      "bind": "127.0.0.1",
      "unixsocket": socketPath,
      "dir": directory.path,
      "save": "",
      "appendonly": options.appendOnly ? "yes" : "no",
      "appendfsync": options.appendFsync.rawValue,
      "enable-debug-command": "yes",
      // Two cores and several servers: no threads beyond the one that is needed.
      "io-threads": "1",
    ]
    if isNode { settings["cluster-enabled"] = "yes" }
    settings.merge(options.settings) { $1 }
    settings.merge(more) { $1 }
    return settings.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
  }

  /// Waits for an answer to a first command; an error reply of one of these kinds counts as one too.
  private func waitForAnswer(
    _ child: ChildProcess, including kinds: [RedisServerError.Kind]
  ) async throws {
    let connection = connection(name: "waiting")
    try await eventually(within: .seconds(20), "redis-server answers") {
      guard child.isRunning else {
        let log = child.standardOutput.joined(separator: "\n")
        throw NeverHappened(what: "start of redis-server:\n" + log, time: .zero)
      }
      do {
        try await connection.connect()
        try await connection.send("PING")
        return true
      } catch RedisError.server(let error) {
        // A server with a password is up as well.
        return error.advice == .fixCredentials || kinds.contains(error.kind)
      } catch is RedisError {
        return false
      }
    }
    await connection.close()
  }
}
