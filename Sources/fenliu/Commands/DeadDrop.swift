import ArgumentParser
import Foundation
import HiredisClient
import RoutingStore

/// Removes rejected events.
struct DeadDrop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Remove rejected events for good.",
    discussion: """
      Asks first, unless told --yes; a script has to say --yes.

      Example:   fenliu dead drop --error 'unknown type' --yes
      """)

  @OptionGroup var redis: RedisOptions
  @OptionGroup var selection: LetterSelection

  @Flag(help: "Do not ask.")
  var yes = false

  func run() async throws {
    guard yes || Terminal.isThere(STDIN_FILENO) else {
      throw ValidationError(
        "dropped letters are gone for good, and there is no terminal to ask on: say --yes")
    }
    let connection = try await redis.connect()
    let topology = try await Topology.read(redis.keys, on: connection) ?? .standard
    let work = DeadWork(keys: redis.keys, shards: topology.shards, selection: selection)
    let count = try await work.count(on: connection)
    guard count > 0 else {
      if selection.isEverything { return try Output.line("no dead letters") }
      throw CommandFailure("no dead letter is meant by that; see `fenliu dead list`")
    }
    guard yes || isConfirmed(count) else { throw CommandFailure("nothing was dropped") }
    let dropped = try await drop(work, on: connection)
    await connection.close()
    try Output.line("\(dropped) dead \(dropped == 1 ? "letter" : "letters") dropped")
  }

  private func drop(_ work: DeadWork, on connection: isolated RedisConnection) throws -> Int {
    var dropped = 0
    try work.forEachPage(on: connection) { shard, letters in
      let gone = try DeadLetters.drop(letters, shard, on: connection).count { $0 }
      dropped += gone
      return gone
    }
    return dropped
  }

  private func isConfirmed(_ count: Int) -> Bool {
    FileHandle.standardError.write(
      Data("Drop \(count) dead \(count == 1 ? "letter" : "letters") for good? [y/N] ".utf8))
    return ["y", "yes"].contains(readLine()?.lowercased())
  }
}
