import ArgumentParser
import Foundation
import HiredisClient
import Logging
import RoutingStore
import ServiceLifecycle
import UnixSignals

/// Everything on one machine.
struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run everything on this machine: a private Redis, the shops' configurations, a router.",
    discussion: """
      The data lives in one directory, in Redis' append-only file; a second start goes on with it. Ctrl-C \
      (or SIGTERM) finishes the events in hand, then ends Redis with everything saved, and leaves no process \
      behind. FENLIU_REDIS is not looked at here: a server that runs already is named with --redis.
      """)

  @Option(help: ArgumentHelp("Where the data is kept; created if it is not there.", valueName: "dir"))
  var data = "fenliu-data"

  @Option(
    help: ArgumentHelp("Let Redis listen on 127.0.0.1 too, at this port.", valueName: "port"))
  var port: UInt16?

  @Option(help: ArgumentHelp("How many router workers to run in this process.", valueName: "count"))
  var workers = 1

  @Option(help: "When Redis flushes its file: always loses nothing, everysec is faster.")
  var fsync = PrivateRedis.Flush.always

  @Option(
    name: .customLong("redis"),
    help: ArgumentHelp(
      "Use this server, which runs already, and start none.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("What every key begins with.", valueName: "text"))
  var prefix = Keys.standardPrefix

  @OptionGroup var tls: TLSOptions

  @Option(help: "What to log at least.")
  var logLevel = LogOptions.Level.notice

  @Argument(help: "Configuration files in YAML.", completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  private var keys: Keys { Keys(prefix: prefix) }

  func validate() throws {
    guard (1...64).contains(workers) else { throw ValidationError("--workers takes a number from 1 to 64") }
    guard port != 0 else { throw ValidationError("--port takes a number from 1 to 65535") }
    guard url == nil || port == nil else {
      throw ValidationError("--port is for the private Redis, and --redis names another; leave one out")
    }
  }

  func run() async throws {
    // First of all, so that an invalid file changes nothing.
    let shops = try ConfigurationFiles.read(files)
    var logger = Logger(label: "fenliu.up") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = Logger.Level(rawValue: logLevel.rawValue) ?? .notice
    if let url {
      let deployment = try tls.deployment(url)
      let welcome = Welcome(
        url: deployment.description, cliAddress: Shell.cliAddress(deployment), workers: workers,
        prefix: keys.prefix)
      try await run([router(deployment, nil, shops, welcome, logger)], logger)
    } else {
      let executable = try PrivateRedis.executable()
      let directory = try await DataDirectory(data)
      let redis = PrivateRedis(
        executable: executable, directory: directory, port: port, flush: fsync, logger: logger)
      let welcome = Welcome(
        url: redis.endpoint.description, cliAddress: "-s \(Shell.quoted(directory.socketPath))",
        data: (directory.path, directory.logPath, fsync), port: port, workers: workers, prefix: keys.prefix)
      let durability = Durability(fsync == .always ? .always : .fast)
      let own = RedisDeployment(redis.endpoint)
      try await run([redis, router(own, durability, shops, welcome, logger)], logger)
    }
  }

  private func router(
    _ deployment: RedisDeployment, _ durability: Durability?, _ shops: [ConfigurationFiles.Valid],
    _ welcome: Welcome, _ logger: Logger
  ) -> UpRouter {
    UpRouter(
      deployment: deployment, durability: durability, keys: keys, shops: shops, workers: workers,
      logger: logger
    ) { shops in
      // That nobody reads it is no reason not to run.
      try? Output.line(welcome.text(shops))
    }
  }

  /// Runs services that are shut down in reverse order: the router hands over before its Redis ends.
  private func run(_ services: [any Service], _ logger: Logger) async throws {
    var quiet = logger
    quiet.logLevel = .critical
    // A terminal that is closed ends it like Ctrl-C, except under nohup.
    var hangup = sigaction()
    sigaction(SIGHUP, nil, &hangup)
    let ignored = unsafeBitCast(hangup.__sigaction_handler.sa_handler, to: Int.self) == 1
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map {
          .init(
            service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        },
        gracefulShutdownSignals: [.sigterm, .sigint] + (ignored ? [] : [.sighup]), logger: quiet))
    try await group.run()
  }
}

extension PrivateRedis.Flush: ExpressibleByArgument {}
