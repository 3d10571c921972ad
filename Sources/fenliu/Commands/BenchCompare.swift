import ArgumentParser
import Foundation

/// Two results side by side.
struct BenchCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Set two results of `fenliu bench --json` side by side.",
    discussion: "Example:  fenliu bench compare before.json after.json")

  @Argument(help: "The first result.")
  var first: String
  @Argument(help: "The second result.")
  var second: String

  func run() throws {
    try Output.line(BenchTable.comparison(try read(first), try read(second)))
  }

  private func read(_ path: String) throws -> BenchResult {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure("\(path) cannot be read; name a file that `fenliu bench --json` wrote")
    }
    do {
      return try JSONDecoder().decode(BenchResult.self, from: data)
    } catch {
      throw CommandFailure("\(path) is not a result of `fenliu bench --json`: \(error)")
    }
  }
}
