import ArgumentParser
import Foundation
import HiredisClient
import Routing
import RoutingStore

/// Shows rejected events.
struct DeadList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show rejected events, the newest last.",
    discussion: """
      With --json one object a line: number, shard, partition, at (milliseconds since the epoch), error, and \
      event (or event_base64 if it is not UTF-8), truncated where only its beginning was kept. A letter that \
      cannot be read has number, shard and error only.

      Example:   fenliu dead list --count 5
      """)

  @OptionGroup var redis: RedisOptions

  @Option(help: ArgumentHelp("How many to show, from the newest back.", valueName: "n"))
  var count = 50

  @Option(help: ArgumentHelp("Only letters whose reason contains this text.", valueName: "text"))
  var error: String?

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(count) else {
      throw ValidationError("--count takes a number from 1 to 1000000")
    }
  }

  func run() async throws {
    let connection = try await redis.connect()
    let topology = try await Topology.read(redis.keys, on: connection) ?? .standard
    let (letters, more) = try await newest(topology.shards, on: connection)
    await connection.close()
    for letter in letters {
      try Output.line(json ? object(letter) : text(letter, shards: topology.shards))
    }
    if json { return }
    if letters.isEmpty {
      Output.notice(error == nil ? "no dead letters" : "no dead letters with such a reason")
    } else if more > 0 {
      Output.notice("\(more) older not shown; --count shows more")
    }
  }

  /// The newest letters over all shards, and how many there are before them. Read backwards page by page, so
  /// that a few of many are had at once.
  private func newest(
    _ shards: Int, on connection: isolated RedisConnection
  ) throws -> (letters: [StoredLetter], more: Int) {
    var all: [StoredLetter] = []
    var unread = 0
    for index in 0..<shards {
      let shard = redis.keys.shard(index)
      var end = try DeadLetters.count(shard, on: connection)
      var own = 0
      while end > 0, own < count {
        let start = max(0, end - DeadLetters.page)
        let page = try DeadLetters.read(shard, from: start, count: end - start, on: connection)
        let wanted = page.filter { matches($0) }
        own += wanted.count
        all += wanted
        end = start
      }
      unread += end
    }
    all.sort { left, right in
      (left.letter?.at.rawValue ?? 0, left.shard, left.place)
        < (right.letter?.at.rawValue ?? 0, right.shard, right.place)
    }
    let more = error == nil ? unread + max(0, all.count - count) : max(0, all.count - count)
    return (all.suffix(count), more)
  }

  private func matches(_ letter: StoredLetter) -> Bool {
    error.map { letter.reason.contains($0) } ?? true
  }

  private func text(_ stored: StoredLetter, shards: Int) -> String {
    let columns = Terminal.size?.columns ?? 120
    let number = Cells.right(stored.number(ofShards: shards), 5)
    switch stored.content {
    case .failure(let malformed): return "\(number)  \(Cells.harmless(malformed.reason))"
    case .success(let letter):
      let event = Cells.harmless(String(decoding: letter.event.prefix(4_096), as: UTF8.self))
      let cut = letter.isTruncated ? " (only its beginning was kept)" : ""
      return """
        \(number)  \(LocalTime.text(letter.at))  partition \(letter.partition)  \(Cells.harmless(letter.error))\(cut)
               \(Cells.fit(event, into: columns - 7))
        """
    }
  }

  private func object(_ stored: StoredLetter) -> String {
    var json = JSONText()
    json.beginObject()
    json.field("number", Int64(stored.place))
    json.field("shard", Int64(stored.shard))
    switch stored.content {
    case .failure(let malformed):
      json.field("error", malformed.reason)
      json.endObject()
      return json.text
    case .success(let letter):
      // The letter writes its own fields; they follow ours in one object.
      return json.text + "," + String(decoding: letter.json.dropFirst(), as: UTF8.self)
    }
  }
}

extension StoredLetter {
  /// How people name it: its place, with the shard before it where there are several.
  func number(ofShards shards: Int) -> String { shards == 1 ? "\(place)" : "\(shard):\(place)" }
}
