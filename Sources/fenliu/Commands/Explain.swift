import ArgumentParser
import Foundation
import HiredisClient
import Routing
import RoutingStore

/// Why a conversation went where it went, or would go.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell why a conversation went where it went, why it waits, or where an event would go.",
    discussion: """
      A conversation is told from its record in Redis: each decision with its configuration version, the rule that \
      matched, what the earlier steps found, and how the group's agents stood. An event in a file is told from a \
      configuration alone, without Redis: for each rule before the match, the part that did not match.

      Examples:  fenliu explain c1024
                 fenliu explain --event opening.json --config shop.yaml
      """)

  @OptionGroup var redis: RedisOptions

  @Argument(help: "The conversation.")
  var conversation: String?

  @Option(help: ArgumentHelp("Its shop, where several have one of that name.", valueName: "id"))
  var shop: String?

  @Option(
    help: ArgumentHelp(
      "Events that were never pushed, one JSON a line; - is standard input.", valueName: "file"),
    completion: .file())
  var event: String?

  @Option(help: ArgumentHelp("The configuration to judge them by.", valueName: "file"), completion: .file())
  var config: String?

  @Option(
    help: ArgumentHelp(
      "The time to judge them at, as 2026-11-11T10:00:00+08:00. Default: now.", valueName: "time"))
  var at: String?

  func validate() throws {
    if event == nil, conversation == nil {
      throw ValidationError("which one? Name a conversation, or give --event FILE --config FILE")
    }
    if event != nil, conversation != nil {
      throw ValidationError("either a conversation or --event, not both")
    }
    if (event == nil) != (config == nil) { throw ValidationError("--event and --config belong together") }
    if at != nil, event == nil {
      throw ValidationError("--at goes with --event; a conversation has its own times")
    }
    if let at, Self.moment(at) == nil {
      throw ValidationError("--at \(at) is no time such as 2026-11-11T10:00:00+08:00")
    }
    if let conversation, ConversationID(rawValue: conversation) == nil {
      throw ValidationError("'\(conversation)' is no conversation's id")
    }
    if let shop, ShopID(rawValue: shop) == nil { throw ValidationError("'\(shop)' is no shop's id") }
  }

  func run() async throws {
    if let event, let config {
      try explainEvents(event, config)
    } else if let conversation {
      try await explainConversation(ConversationID(unchecked: conversation))
    }
  }

  // MARK: A conversation

  private func explainConversation(_ conversation: ConversationID) async throws {
    let connection = try await redis.connect()
    let stories = try await stories(conversation, on: connection)
    await connection.close()
    guard !stories.isEmpty else {
      throw CommandFailure(
        "no shop\(shop.map { " \($0)" } ?? "") knows a conversation \(conversation): it never was, or has left "
          + "retention; under another --prefix?")
    }
    for (index, story) in stories.enumerated() {
      if index > 0 { try Output.line("") }
      for line in StoryInWords(story).lines { try Output.line(line) }
    }
  }

  private func stories(
    _ conversation: ConversationID, on connection: isolated RedisConnection
  ) throws -> [ConversationStory] {
    let topology = try Topology.read(redis.keys, on: connection) ?? .standard
    var stories: [ConversationStory] = []
    for index in 0..<topology.shards {
      stories += try ConversationStory.find(
        conversation, of: shop.map { ShopID(unchecked: $0) }, shard: redis.keys.shard(index), on: connection)
    }
    return stories
  }

  // MARK: Events in a file

  private func explainEvents(_ file: String, _ config: String) throws {
    let plan = RoutingPlan(try ConfigurationFiles.parse(config).configuration)
    let data =
      file == "-"
      ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
    guard let data else { throw CommandFailure("\(file): cannot be read; is the path right?") }
    let now = at.flatMap(Self.moment) ?? Moment(Int64(Date().timeIntervalSince1970 * 1_000))
    var failed = false
    for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      if index > 0 { try Output.line("") }
      switch EventDecoder.decode(Array(line)) {
      case .failure(let rejection):
        Output.notice("\(file):\(index + 1): would be rejected: \(rejection.error)")
        failed = true
      case .success(let event):
        for line in EventInWords(event, plan, at: now).lines { try Output.line(line) }
      }
    }
    if failed { throw ExitCode.failure }
  }

  private static func moment(_ text: String) -> Moment? {
    (try? Date(text, strategy: .iso8601)).map { Moment(Int64($0.timeIntervalSince1970 * 1_000)) }
  }
}
