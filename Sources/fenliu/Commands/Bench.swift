import ArgumentParser
import Foundation
import HiredisClient
import Routing

/// Load of its own making.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure one worker on a private Redis, and how near it comes to the ceiling.",
    discussion: """
      Inboxes are filled with conversations (an open, messages, a close), and one worker drains them. What it \
      sent is recorded in a run of its own and replayed to an equal Redis by bare pipelined clients that \
      neither decode nor decide: the ceiling. Both are measured by turns; medians are shown. Only ratios \
      within one run mean something: absolute figures depend on the machine and what else it does.

      Example:  fenliu bench --conversations 20000
      """)

  @Option(help: "How many conversations.")
  var conversations = 20_000
  @Option(help: "Messages in each conversation.")
  var messages = 6
  @Option(help: "Agents, with ten slots each.")
  var agents = 100
  @Option(help: "How often both sides are measured.")
  var rounds = 3
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard (1...10_000_000).contains(conversations) else {
      throw ValidationError("--conversations takes 1 to 10000000")
    }
    guard (0...1_000).contains(messages) else { throw ValidationError("--messages takes 0 to 1000") }
    guard (1...100_000).contains(agents) else { throw ValidationError("--agents takes 1 to 100000") }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds takes 1 to 99") }
  }

  func run() async throws {
    let load = BenchLoad(conversations: conversations, messages: messages, agents: agents)
    let run = BenchRun(load: load)
    note("\(load.events) events of \(conversations) conversations; recording what a worker sends …")
    let recording = BenchRecording()
    let recorded = try await run.record(recording)
    var drained: [BenchFigure] = []
    var replayed: [BenchFigure] = []
    for round in 1...rounds {
      note("round \(round) of \(rounds): a worker …")
      drained.append(try await run.drain())
      note("round \(round) of \(rounds): the ceiling …")
      replayed.append(try await run.replay(recording, owner: recorded))
    }
    let report = BenchReport(load: load, drained: drained, replayed: replayed)
    print(json ? report.json : report.table)
  }

  private func note(_ text: String) {
    if !json || isatty(STDERR_FILENO) == 1 { FileHandle.standardError.write(Data((text + "\n").utf8)) }
  }
}
