import ArgumentParser
import Foundation

/// The battery: real workers, real servers, every fault that we know of, and a judge.
@main
struct Torture: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "torture",
    abstract: "Shows under faults that nothing is lost, repeated, reordered or left waiting.",
    discussion: """
      Starts private Redis servers and real workers, feeds them, kills, freezes and cuts what it can, and compares \
      the end with what must have come about. More minutes mean more trials. All random choices follow from the \
      seed; when exactly a signal meets a process does not.
      """,
    subcommands: [Run.self, Take.self], defaultSubcommand: Run.self)

  /// The battery itself.
  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the battery (the default).")

    @Option(help: "How long all faults together may take.")
    var minutes = 8.0

    @Option(help: "Repeats the random choices of an earlier run.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("Only these faults, by name, separated by commas.", valueName: "names"))
    var only: String?

    @Flag(help: "List the faults and end.")
    var list = false

    func validate() throws {
      guard minutes > 0 else { throw ValidationError("--minutes takes a number above 0") }
      let unknown = (try? selection()) == nil
      if unknown { throw ValidationError("--only takes names that --list shows, separated by commas") }
    }

    func run() async throws {
      if list {
        for fault in Battery.faults { print(Report.listed(fault)) }
        return
      }
      let seed = seed ?? .random(in: 1...999_999_999)
      let outcomes = await Battery(faults: try selection(), seed: seed, time: .seconds(minutes * 60)).run()
      print(Report(outcomes: outcomes, seed: seed).text)
      if outcomes.contains(where: { !$0.violations.isEmpty }) { throw ExitCode(1) }
    }

    private func selection() throws -> [Fault] {
      guard let only else { return Battery.faults }
      return try only.split(separator: ",").map { name in
        guard let fault = Battery.faults.first(where: { $0.name == name }) else {
          throw ValidationError("no fault is called \(name)")
        }
        return fault
      }
    }
  }
}
