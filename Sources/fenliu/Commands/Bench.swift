import ArgumentParser

/// Load of its own making.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure Fenliu on private Redis servers: throughput, latency, CPU, memory, growth.",
    subcommands: [
      BenchMeasure.self, BenchCommitsCommand.self, BenchGrowth.self, BenchCallsCommand.self, BenchIdle.self,
      BenchShards.self,
      BenchCompare.self,
    ], defaultSubcommand: BenchMeasure.self)
}
