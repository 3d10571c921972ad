import ArgumentParser

/// Load of its own making.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure Fenliu on private Redis servers: throughput, latency, CPU, memory.",
    subcommands: [BenchMeasure.self, BenchCallsCommand.self, BenchCompare.self],
    defaultSubcommand: BenchMeasure.self)
}
