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
      the end with what must have come about. Without --minutes each fault does the trials that the short form owes, \
      in ten minutes at most; more minutes mean more trials. All random choices follow from the seed; when exactly a \
      signal meets a process does not. Ends with 1 if there was a violation, with 3 if trials are owed and the time \
      was up.
      """,
    subcommands: [Run.self, Take.self], defaultSubcommand: Run.self)

  /// The battery itself.
  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the battery (the default).")

    @Option(
      help: "All of this time instead of the short form; from 480 on a night's numbers are owed.")
    var minutes: Double?

    @Option(help: "Repeats the random choices of an earlier run.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("Only these faults, by name, separated by commas.", valueName: "names"))
    var only: String?

    @Flag(help: "List the faults and end.")
    var list = false

    func validate() throws {
      guard minutes.map({ $0 > 0 }) ?? true else { throw ValidationError("--minutes takes a number above 0") }
      let unknown = (try? selection()) == nil
      if unknown { throw ValidationError("--only takes names that --list shows, separated by commas") }
    }

    func run() async throws {
      if list {
        for fault in Battery.faults { print(Report.listed(fault)) }
        return
      }
      let seed = seed ?? .random(in: 1...999_999_999)
      let extent = minutes.map { Extent.minutes($0) } ?? .short
      let circumstances = Circumstances()
      let outcomes = await Battery(faults: try selection(), seed: seed, extent: extent).run()
      let heading = circumstances.text(Array(CommandLine.arguments.dropFirst()), seed: seed)
      print(Report(outcomes: outcomes, seed: seed, heading: heading).text)
      if outcomes.contains(where: { !$0.violations.isEmpty }) { throw ExitCode(1) }
      if extent.isHeldToNumbers, outcomes.contains(where: { $0.missing > 0 }) { throw Self.tooFew }
    }

    /// Nothing was violated, but the time was up before all trials were done that are owed.
    private static let tooFew = ExitCode(3)

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
