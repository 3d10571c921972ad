import HiredisClient
import Logging
import RouterWorker
import RoutingStore

/// Workers within this process, as many as asked for.
enum BenchWorkers {
  /// Runs `body` beside workers that end with it.
  static func with<Result>(
    _ count: Int, _ endpoint: RedisEndpoint, _ keys: Keys, recording: BenchRecording? = nil,
    _ body: () async throws -> Result
  ) async throws -> Result {
    try await with(count, at: RedisDeployment(endpoint), keys, recording: recording, body)
  }

  /// The same for several servers.
  static func with<Result>(
    _ count: Int, at redis: RedisDeployment, _ keys: Keys, recording: BenchRecording? = nil,
    _ body: () async throws -> Result
  ) async throws -> Result {
    var logger = Logger(label: "fenliu.bench") { StreamLogHandler.standardError(label: $0) }
    // That a server which begins with a snapshot may have lost something is no news here.
    logger.logLevel = .critical
    var options = WorkerOptions()
    if let recording { options.recorder = { recording.keep($0, $1) } }
    let running = (0..<count).map { _ in
      let worker = RouterWorker(redis: redis, keys: keys, options: options, logger: logger)
      return Task { try await worker.run() }
    }
    do {
      let result = try await body()
      for task in running { task.cancel() }
      for task in running { try await task.value }
      return result
    } catch {
      for task in running { task.cancel() }
      throw error
    }
  }
}
