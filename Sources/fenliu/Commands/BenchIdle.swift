import ArgumentParser
import Foundation

/// What an idle worker takes.
struct BenchIdle: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle",
    abstract: "CPU of an idle worker and its Redis, with few shops and with many.",
    discussion: """
      Every shop has an agent online and nothing to do. The shares are of one core.

      Example:  fenliu bench idle --shops 10,10000 --seconds 30
      """)

  @Option(help: ArgumentHelp("How many shops, one number after the other.", valueName: "numbers"))
  var shops = "10,10000"
  @Option(help: "How long each round takes.")
  var seconds = 10
  @Option(help: "How often it is measured.")
  var rounds = 3
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    _ = try numbers()
    guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds takes 1 to 3600") }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds takes 1 to 99") }
  }

  private func numbers() throws -> [Int] {
    let numbers = shops.split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) ?? 0 }
    guard !numbers.isEmpty, numbers.allSatisfy((1...100_000).contains) else {
      throw ValidationError("--shops takes numbers from 1 to 100000, joined by commas")
    }
    return numbers
  }

  func run() async throws {
    let result = try await BenchIdleRun(shops: try numbers(), seconds: seconds, rounds: rounds).run()
    try Output.line(json ? BenchJSON.text(result) : result.table)
  }
}
