import ArgumentParser
import Foundation

/// What events cost in large worlds.
struct BenchGrowth: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "growth",
    abstract: "CPU per event in large worlds, as a ratio to that in a small one.",
    discussion: """
      A world with 100 agents, 100 waiting conversations, 5 groups, 10 rules and 1 shop, and one with 100,000, \
      1,000,000, 5,000, 10,000 and 10,000 of them, each alone and all together: the same events are drained in \
      both by turns, and what one takes of worker and Redis is compared. Only ratios mean something. It \
      takes its time: the million conversations come one by one. --scale and --only make it shorter.

      Examples:  fenliu bench growth --scale 0.01
                 fenliu bench growth --only waiting,rules --json > growth.json
      """)

  @Option(
    help: ArgumentHelp(
      "What grows: agents, waiting, groups, rules, shops, all (together), joined by commas.",
      valueName: "names"))
  var only = BenchDimension.allCases.map(\.rawValue).joined(separator: ",")
  @Option(help: ArgumentHelp("Multiplies the large worlds' sizes.", valueName: "factor"))
  var scale = 1.0
  @Option(help: "How many conversations.")
  var conversations = 10_000
  @Option(help: "How often each world is measured.")
  var rounds = 3
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    _ = try dimensions()
    guard scale > 0, scale <= 10 else { throw ValidationError("--scale takes a number above 0, up to 10") }
    guard (100...1_000_000).contains(conversations) else {
      throw ValidationError("--conversations takes 100 to 1000000")
    }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds takes 1 to 99") }
  }

  private func dimensions() throws -> [BenchDimension] {
    let names = only.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let known = BenchDimension.allCases.map(\.rawValue).joined(separator: ", ")
    guard !names.isEmpty else { throw ValidationError("--only takes some of \(known)") }
    return try names.map { name in
      guard let dimension = BenchDimension(rawValue: name) else {
        throw ValidationError("--only knows no '\(name)'; it takes some of \(known)")
      }
      return dimension
    }
  }

  func run() async throws {
    let result = try await BenchGrowthRun(
      dimensions: try dimensions(), scale: scale, conversations: conversations, rounds: rounds
    ).run()
    try Output.line(json ? BenchJSON.text(result) : result.table)
  }
}
