import Foundation
import HiredisClient
import Logging
import ServiceLifecycle

/// The redis-server of one `fenliu up`: starts it on the data directory, whose end it mends first where a fall of the
/// machine has torn it, starts it again when it dies, and ends it with its data saved.
struct PrivateRedis: Service {
  /// When the append-only file is flushed to disk.
  enum Flush: String, CaseIterable, Sendable {
    /// Before anything is acknowledged.
    case always
    /// Once a second.
    case everysec
  }

  let executable: String
  let directory: DataDirectory
  /// A TCP port on 127.0.0.1, beside the Unix socket.
  let port: UInt16?
  let flush: Flush
  let logger: Logger

  /// So many ends within so long, and something is wrong that starting again does not mend.
  private static let endsAllowed = 5
  private static let endsWithin = Duration.seconds(60)

  /// The path of redis-server.
  static func executable() throws -> String {
    guard let found = Executables.find("redis-server") else {
      throw CommandFailure(
        """
        redis-server is not installed. Install it with
          sudo apt-get install --no-install-recommends redis-server
        or name a server that runs elsewhere with --redis redis://host:port
        """)
    }
    return found
  }

  /// Where it listens.
  var endpoint: RedisEndpoint { RedisEndpoint(.unix(path: directory.socketPath)) }

  /// Keeps a server running until a graceful shutdown.
  func run() async throws {
    defer { directory.tidy() }
    try directory.prepareSocket()
    var ends: [ContinuousClock.Instant] = []
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      try await TornFile(directory: directory, logger: logger).mend()
      let process = try await ManagedProcess.start(
        executable, arguments, log: directory.logPath, inheriting: directory.serverLock.descriptor)
      let started = ContinuousClock.now
      let exit = await endOf(process)
      if Task.isShuttingDownGracefully || Task.isCancelled { return }

      // A server that ends by itself within moments of its first start refuses: a port in use, a file that
      // cannot be read. One that was killed has not refused anything.
      let now = ContinuousClock.now
      let isRefusal = if case .exited = exit { true } else { false }
      let failedStart = isRefusal && ends.isEmpty && started.duration(to: now) < .seconds(3)
      ends = ends.filter { $0.duration(to: now) < Self.endsWithin } + [now]
      guard !failedStart, ends.count < Self.endsAllowed else {
        throw CommandFailure(
          """
          redis-server \(failedStart ? "did not start" : "ended \(ends.count) times within a minute") \
          (\(exit)). Its log, \(directory.logPath), ends with
          \(directory.endOfLog())
          """)
      }
      logger.error("redis-server ended (\(exit)), starting it again; its log is \(directory.logPath)")
      try? await Task.sleep(for: .milliseconds(100) * ends.count)
    }
  }

  /// Waits for the end, which a graceful shutdown or a cancellation brings about.
  private func endOf(_ process: ManagedProcess) async -> ManagedProcess.Exit {
    await withTaskCancellationHandler {
      await withGracefulShutdownHandler {
        await process.end()
      } onGracefulShutdown: {
        stop(process)
      }
    } onCancel: {
      stop(process)
    }
  }

  /// SIGTERM lets it write its file to the end. One that hangs is not waited for longer than 15 s.
  private func stop(_ process: ManagedProcess) {
    process.send(SIGTERM)
    Task.detached {
      try? await Task.sleep(for: .seconds(15))
      process.send(SIGKILL)
    }
  }

  private var arguments: [String] {
    let settings: [(String, String)] = [
      ("dir", directory.path), ("unixsocket", directory.socketPath), ("unixsocketperm", "700"),
      ("bind", "127.0.0.1"), ("port", "\(port ?? 0)"), ("daemonize", "no"), ("always-show-logo", "no"),
      ("appendonly", "yes"), ("appendfsync", flush.rawValue), ("no-appendfsync-on-rewrite", "no"),
      ("save", ""), ("maxmemory-policy", "noeviction"), ("maxmemory", "\(MachineMemory.bytes / 2)"),
      ("timeout", "0"),
    ]
    return settings.flatMap { ["--\($0)", $1] }
  }
}

/// How much memory there is for this process.
enum MachineMemory {
  /// The machine's memory, or the control group's where that is less.
  static var bytes: UInt64 {
    let machine = ProcessInfo.processInfo.physicalMemory
    let limit = FileManager.default.contents(atPath: "/sys/fs/cgroup/memory.max").flatMap {
      UInt64(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
    return min(machine, limit ?? machine)
  }
}
