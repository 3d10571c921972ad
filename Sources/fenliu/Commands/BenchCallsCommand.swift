import ArgumentParser

/// How long single calls keep Redis from all others.
struct BenchCallsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calls",
    abstract: "Measure the longest calls to Redis while much happens at once.",
    discussion: """
      A shop of many agents starts up; its queue fills; a configuration that changes every agent is applied; the \
      queue drains. After each scene the server's log of slow calls tells the longest ones, in time of the clock on \
      the wall. All is played several times on fresh servers, and of each call the least of its longest times is \
      shown: what a call itself takes comes again, what a busy machine adds to one mostly does not. The last \
      column tells for how long in all the server was ready to run and did not. Where that is more than some \
      milliseconds, the machine is not quiet enough for this.

      Examples:  fenliu bench calls
                 fenliu bench calls --agents 10000 --waiting 50000 --json
      """)

  @Option(help: "Agents of the shop, with one slot each.")
  var agents = 100_000
  @Option(help: "Conversations that wait.")
  var waiting = 1_000_000
  @Option(help: "Groups of the shop.")
  var groups = 5
  @Option(help: "How often all is played.")
  var rounds = 2
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    let bounds: [(String, Int, ClosedRange<Int>)] = [
      ("--agents", agents, 1...200_000), ("--waiting", waiting, 0...4_000_000),
      ("--groups", groups, 1...100_000), ("--rounds", rounds, 1...99),
    ]
    for (name, value, bound) in bounds where !bound.contains(value) {
      throw ValidationError("\(name) takes \(bound.lowerBound) to \(bound.upperBound)")
    }
    guard waiting / groups < BenchCallsWorld.mostInQueue else {
      throw ValidationError("a queue takes less than \(BenchCallsWorld.mostInQueue): give more --groups")
    }
  }

  func run() async throws {
    let world = BenchCallsWorld(agents: agents, waiting: waiting, groups: groups)
    let result = try await BenchCalls(world: world, rounds: rounds).run()
    try Output.line(json ? BenchJSON.text(result) : result.text)
  }
}
