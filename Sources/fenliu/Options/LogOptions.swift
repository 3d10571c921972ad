public import ArgumentParser
public import Logging

/// How much a running program says on standard error.
struct LogOptions: ParsableArguments {
  @Option(help: "What to log at least: trace, debug, info, notice, warning, error or critical.")
  var logLevel = Logger.Level.info

  /// A logger to standard error.
  func logger(_ label: String) -> Logger {
    var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = logLevel
    return logger
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
