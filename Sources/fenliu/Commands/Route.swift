import ArgumentParser
import Foundation
import HiredisClient
import Logging
import RouterWorker
import ServiceLifecycle
import UnixSignals

/// One router worker.
struct Route: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run one router worker beside all others.",
    discussion: """
      A worker takes its share of the partitions. Start as many as you like, on any machines: they agree \
      through Redis alone. SIGTERM (or Ctrl-C) finishes the events in hand, hands the partitions over and \
      ends; a worker that is killed is replaced by the others after about the lease time.
      """)

  @OptionGroup var redis: RedisOptions
  @OptionGroup var logging: LogOptions

  @Option(
    help: ArgumentHelp(
      "How long a silent worker keeps its partitions, 100ms or more.",
      discussion: "All workers of one Redis should be given the same.", valueName: "time"))
  var lease = DurationArgument.standardLease

  func validate() throws {
    guard lease.duration >= .milliseconds(100), lease.duration <= .seconds(600) else {
      throw ValidationError("--lease takes a time of 100ms to 10m, such as 1500ms")
    }
  }

  func run() async throws {
    var options = WorkerOptions()
    options.lease = lease.duration
    options.crashOn = ProcessInfo.processInfo.environment["FENLIU_TEST_CRASH_ON"]
    options.failPoint = ProcessInfo.processInfo.environment["FENLIU_TEST_KILL_AT"].flatMap(FailPoint.init)
    let logger = logging.logger("fenliu.route")
    let worker = RouterWorker(
      redis: try redis.deployment(), keys: redis.keys, options: options, logger: logger)
    let services = ServiceGroup(
      services: [worker], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    try await services.run()
  }
}
