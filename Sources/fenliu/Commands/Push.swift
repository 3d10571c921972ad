import ArgumentParser
import HiredisClient
import RoutingStore

/// Pushes events from a file or standard input.
struct Push: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Push events, one JSON object a line, each to its partition.",
    discussion: """
      Reads a file, or standard input as it comes. Blank lines and lines that begin with # are skipped. A line \
      that is no valid event is refused with its number and the reason on standard error; the others are \
      pushed, and the exit status is 1 at the end. While a partition is full, push waits for the router.

      Examples:
        fenliu push events.jsonl
        tail -F events.jsonl | fenliu push
      """)

  @OptionGroup var redis: RedisOptions

  @Flag(help: "Push lines that are no valid event too, for the router to reject.")
  var asIs = false

  @Flag(help: "Fail when a partition is full, instead of waiting for room.")
  var noWait = false

  @Option(
    help: ArgumentHelp(
      "Count an event as pushed only when so many replicas have it.",
      discussion: """
        Where `fenliu topology` says replicated, as many as it says at least; otherwise 0. With sentinels or a cluster, \
        what has not come so far is pushed again after a failover.
        """,
      valueName: "n"))
  var replicas: Int?

  @Argument(
    help: "The file of events; standard input if it is missing or -.",
    completion: .file(extensions: ["jsonl", "ndjson", "json", "txt"]))
  var file: String?

  func validate() throws {
    guard (0...100).contains(replicas ?? 0) else {
      throw ValidationError("--replicas takes a number from 0 to 100")
    }
  }

  func run() async throws {
    let input = try PushInput(file)
    if input.isTerminal { Output.notice("type one event a line; Ctrl-D ends") }
    let connection = try await redis.connect()
    // A gateway's user may not load functions.
    try await Functions.loadIfAllowed(on: connection)
    let topology = try await Topology.readOrSet(redis.keys, on: connection)
    let chosen = try await Durability.read(redis.keys, on: connection)?.replicas ?? 0
    let start = PushRun(
      keys: redis.keys, topology: topology, pushesAsIs: asIs, waits: !noWait,
      replicas: max(chosen, replicas ?? 0))
    let run = try await PushRun.run(start, input, on: connection)
    await connection.close()

    let count = run.totals.values.reduce(0, +)
    try Output.line("\(count) \(count == 1 ? "event" : "events") pushed")
    for (place, count) in run.totals.sorted(by: { $0.key < $1.key }) {
      try Output.line("  \(redis.keys.shard(place.shard).inbox(place.partition))  \(count)")
    }
    guard run.refused == 0 else {
      throw CommandFailure(
        "\(run.refused) \(run.refused == 1 ? "line was" : "lines were") refused; correct and push only those, "
          + "or let the router reject them with --as-is")
    }
  }
}
