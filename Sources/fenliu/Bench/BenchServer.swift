import Foundation
import HiredisClient

/// A private redis-server for one run of a benchmark, in memory only, gone afterwards.
struct BenchServer {
  let endpoint: RedisEndpoint
  private let directory: String
  private let process: ManagedProcess

  /// Runs `body` with a fresh server, which is gone afterwards however it ends.
  static func with<Result>(_ body: (BenchServer) async throws -> Result) async throws -> Result {
    let server = try await start()
    do {
      let result = try await body(server)
      await server.stop()
      return result
    } catch {
      await server.stop()
      throw error
    }
  }

  private static func start() async throws -> BenchServer {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("fenliu-bench-\(UInt32.random(in: .min ... .max))").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let socket = "\(directory)/s"
    let process = try await ManagedProcess.start(
      try PrivateRedis.executable(),
      [
        "--port", "0", "--unixsocket", socket, "--dir", directory, "--save", "", "--appendonly", "no",
        "--maxmemory-policy", "noeviction",
      ], log: "\(directory)/log", inheriting: 0)
    let server = BenchServer(
      endpoint: RedisEndpoint(.unix(path: socket)), directory: directory, process: process)
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do {
        let connection = RedisConnection(to: server.endpoint)
        try await connection.connect()
        await connection.close()
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

  private func stop() async {
    process.send(SIGKILL)
    _ = await process.end()
    try? FileManager.default.removeItem(atPath: directory)
  }
}

/// CPU time used so far.
enum CPUTime {
  /// By the main thread of a Redis server, which runs all commands; in microseconds.
  static func redis(_ connection: isolated RedisConnection) throws -> Double {
    let text = try connection.send("INFO", "cpu").text ?? ""
    var sum = 0.0
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":")
      guard parts.count == 2, let seconds = Double(parts[1]) else { continue }
      if parts[0] == "used_cpu_sys_main_thread" || parts[0] == "used_cpu_user_main_thread" { sum += seconds }
    }
    return sum * 1_000_000
  }

  /// By this process, all threads; in microseconds.
  static var own: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1_000_000 + Double(time.tv_nsec) / 1_000
  }
}
