import ArgumentParser
import Logging

/// How much a running program says on standard error.
struct LogOptions: ParsableArguments {
  /// The levels of swift-log, least urgent first.
  enum Level: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
  }

  @Option(help: "What to log at least.")
  var logLevel = Level.info

  /// A logger to standard error.
  func logger(_ label: String) -> Logger {
    var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = Logger.Level(rawValue: logLevel.rawValue) ?? .info
    return logger
  }
}
