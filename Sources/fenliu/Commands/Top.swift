import ArgumentParser
import HiredisClient
import Routing
import RoutingStore

/// Live queues and agents.
struct Top: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watch queues, agents and workers live in the terminal.",
    discussion: """
      WAITING is how many conversations wait in a group, NEXT WAITED for how long the one that is served next \
      has waited, SLOTS the capacity of the agents online, BUSY the share of it in use, WITH ROOM how many \
      agents can take one more. BACKLOG is how many events the workers have not come to yet. COMMANDS is how many \
      a gateway has not taken; an outbox that is full (100000) loses the oldest, and DROPPED is how many it lost so \
      far. q quits.

      Examples:
        fenliu top
        fenliu top acme --interval 5s
        fenliu top --once --json

      Keys of --json: at (ms since the epoch), redis, prefix, shards, partitions_per_shard, backlog, \
      events_per_second, held_back (commands that wait for replicas), dead_letters; workers [worker, \
      partitions, beats]; partitions [shard, partition, owner, epoch, position, backlog, \
      events_per_second]; outboxes [shard, gateway, length, dropped]; shops [shop, \
      shard, version, settled, groups [group, waiting, next_waited_ms, online, slots, load, busy, with_room], \
      agents [agent, status, load, capacity, groups], more_agents]. Null stands for what is not known or not \
      there: an owner, a busy share without slots, a speed in the first frame.
      """)

  @OptionGroup var redis: RedisOptions

  @Option(help: ArgumentHelp("The time between two frames, 100ms to 1h.", valueName: "time"))
  var interval = DurationArgument.second

  @Flag(help: "Print one frame and end.")
  var once = false

  @Flag(help: "Print one JSON object for each frame.")
  var json = false

  @Argument(help: "Only this shop.")
  var shop: String?

  func validate() throws {
    guard interval.duration >= .milliseconds(100), interval.duration <= .seconds(3_600) else {
      throw ValidationError("--interval takes a time of 100ms to 1h, such as 2s")
    }
    if let shop, let problem = Names.problem(in: shop) { throw ValidationError("the shop's name \(problem)") }
  }

  func run() async throws {
    let source = TopSource(
      deployment: try redis.deployment(), keys: redis.keys, shop: shop.map(ShopID.init(unchecked:)),
      interval: interval.duration)
    if once {
      try await printOnce(source)
    } else if json {
      try await printStream(source)
    } else {
      guard Terminal.isThere(1) else {
        throw ValidationError(
          "standard output is not a terminal: say --once for one frame, or --json for a stream of them")
      }
      try await TopLive.run(source)
    }
  }

  private func printOnce(_ source: TopSource) async throws {
    let overview = try await source.lookOnce()
    if json { return try Output.line(object(overview, TopTrend(), source)) }
    let frame = TopFrame(overview: overview, trend: TopTrend(), redis: source.redis)
    let columns = Terminal.size?.columns ?? 160
    for line in frame.lines(columns: columns, rows: nil) {
      try Output.line(line.rendered(columns: columns, colour: Terminal.wantsColour))
    }
  }

  /// One object a line for each look. While Redis is away there are none, and standard error says so once.
  private func printStream(_ source: TopSource) async throws {
    let (looks, results) = AsyncStream.makeStream(of: Result<Overview, RedisError>.self)
    let task = Task { await source.look { results.yield($0) } }
    defer { task.cancel() }
    var trend = TopTrend()
    var isAway = false
    for await look in looks {
      switch look {
      case .success(let overview):
        try source.requireShop(in: overview)
        trend.look(overview)
        try Output.line(object(overview, trend, source))
        isAway = false
      case .failure(let error):
        guard error.isRetriable else { throw error }
        if !isAway { Output.notice("Redis is away, trying on: \(error)") }
        isAway = true
      }
    }
  }

  private func object(_ overview: Overview, _ trend: TopTrend, _ source: TopSource) -> String {
    TopJSON.text(overview, trend, redis: source.redis, prefix: redis.keys.prefix)
  }
}
