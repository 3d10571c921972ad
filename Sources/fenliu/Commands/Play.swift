import ArgumentParser
import Foundation
import HiredisClient
import Routing
import RoutingStore

/// Acts as a shop's gateways.
struct Play: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Play a shop's day against a running router.",
    discussion: """
      Acts as the gateways of a shop: customers come, wait, give up; agents come online, answer, close, take \
      breaks, lose the connection. Without --arrivals it is a lively half hour in about a minute, made up from \
      the seed; with it, a recorded day: each line of the file is a customer, and the summary compares the \
      waits with the file's own.

      Start a router first (fenliu up). The shop is put in force by this command and should be one of its own, \
      not one in which people work; the demo shop's times are written for --speed 30.
      """)

  @OptionGroup var redis: RedisOptions

  @Option(
    help: ArgumentHelp(
      "A recorded day: CSV with id, arrival_ms, service_ms, and optionally vip, patience_ms, wait_ms, outcome.",
      valueName: "file"))
  var arrivals: String?

  @Option(
    help: ArgumentHelp(
      "How many times faster than real time. Default: 30, with --arrivals 600.", valueName: "factor"))
  var speed: Double?

  @Option(help: ArgumentHelp("Another seed is another half hour.", valueName: "number"))
  var seed: UInt64 = 7

  @Flag(help: "With --arrivals: customers whose column vip is 1 come before the others.")
  var vip = false

  @Argument(
    help: "The shop's configuration. Default: a small tea shop, or with --arrivals one of eight slots.",
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var shop: String?

  func validate() throws {
    if let speed, !(speed >= 0.1 && speed <= 10_000) {
      throw ValidationError("--speed takes a number from 0.1 to 10000")
    }
    guard !vip || arrivals != nil else { throw ValidationError("--vip is for --arrivals") }
  }

  func run() async throws {
    let file = try arrivals.map { try ArrivalsFile.read($0) }
    let shop = try configuration()
    guard !shop.configuration.agents.isEmpty else {
      throw CommandFailure("\(shop.file): has no agents, so nobody would be served; add some under `agents`")
    }
    let speed = speed ?? (file == nil ? 30 : 600)
    let plan =
      file.map { RecordedDay.plan(of: $0, speed: speed, levels: vip, for: shop.configuration) }
      ?? DemoDay.plan(seed: seed, for: shop.configuration)
    let deployment = try redis.deployment()
    let session = PlaySession(
      deployment: deployment, keys: redis.keys, shop: shop, speed: speed, live: Terminal.wantsColour,
      plan: plan)
    let summary = try await session.run()
    var lines = summary.lines()
    if let file { lines += DayComparison(file: file, engine: summary.engine).lines() }
    lines += try await hints(deployment, summary.engine)
    try Output.line(lines.joined(separator: "\n"))
    guard summary.isSound else {
      throw CommandFailure("the router broke a promise in this play; the lines above say which")
    }
  }

  private func configuration() throws -> ConfigurationFiles.Valid {
    if let shop, let valid = try ConfigurationFiles.read([shop]).first { return valid }
    let text = arrivals == nil ? DemoShop.text : RecordedDay.shop
    return ConfigurationFiles.Valid(
      file: "the built-in shop", text: text,
      configuration: try ShopConfiguration.parse(text, file: "the built-in shop"))
  }

  /// Three lines to look at what the play left in Redis.
  private func hints(_ deployment: RedisDeployment, _ engine: PlayEngine) async throws -> [String] {
    let connection = try await redis.connect()
    let topology = try await Topology.readOrSet(redis.keys, on: connection)
    await connection.close()
    let shard = redis.keys.shard(Partitioning.shard(of: engine.cast.shop, shards: topology.shards))
    let address = Shell.cliAddress(deployment)
    let longest = zip(engine.plan.visits, engine.ledger.entries).max {
      ($0.1.waited ?? -1) < ($1.1.waited ?? -1)
    }
    let conversation = longest.map { engine.cast.conversation($0.0) } ?? "ID"
    let cli = "  redis-cli \(address) FCALL_RO"
    let tag = Shell.quoted(redis.keys.prefix == Keys.standardPrefix ? "{\(shard.index)}" : shard.tag)
    return [
      "Look for yourself:",
      "\(cli) fl_agents 1 \(tag) \(engine.cast.shop)",
      "\(cli) fl_conversation 1 \(tag) \(engine.cast.shop) \(conversation)",
      "\(cli) fl_check 1 \(tag)",
    ]
  }
}
