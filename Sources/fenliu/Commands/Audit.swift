import ArgumentParser
import Foundation
import HiredisClient
import RoutingStore

/// The audit: switched on and off, read.
struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep a record of every step that writes, and read it.",
    discussion: """
      While it is on, each commit and each timer leaves one entry: who did it, for which event, every write. \
      It is for proofs, for support and for a journal, and costs nothing while it is off.

      Examples:
        fenliu audit on --keep 20000
        fenliu audit read > journal.jsonl
        fenliu audit off --drop
      """,
    subcommands: [AuditOn.self, AuditOff.self, AuditRead.self])
}

/// Begins to keep an audit.
struct AuditOn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "on",
    abstract: "Keep an audit from now on, in all shards.",
    discussion: """
      Running workers of this version go by it at their next commit; workers of a version that knows no audit \
      leave no entries. Repeated with another --keep it changes the bound.

      Example:   fenliu audit on --keep 20000
      """)

  @OptionGroup var redis: RedisOptions

  @Option(
    help: ArgumentHelp(
      "How many entries each shard keeps; the oldest go first. One takes 1 to 3 kB of Redis's memory.",
      valueName: "n"))
  var keep = AuditLog.standardKeep

  func validate() throws {
    guard (1...AuditLog.mostKept).contains(keep) else {
      throw ValidationError("--keep takes a number from 1 to \(AuditLog.mostKept)")
    }
  }

  func run() async throws {
    let connection = try await redis.connect()
    // Which partitions there are has to stand before each of them is told.
    let topology = try await Topology.readOrSet(redis.keys, on: connection)
    try await AuditLog.start(keep: keep, redis.keys, topology, on: connection)
    await connection.close()
    try Output.line(
      "an audit of the last \(keep) entries of each shard is kept; read it with `fenliu audit read`")
  }
}

/// Ends the audit.
struct AuditOff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "off",
    abstract: "Keep no audit any more.",
    discussion: """
      What was kept stays, to be read, unless --drop says otherwise.

      Example:   fenliu audit off
      """)

  @OptionGroup var redis: RedisOptions

  @Flag(help: "Remove what was kept, too.")
  var drop = false

  func run() async throws {
    let connection = try await redis.connect()
    let topology = try await Topology.read(redis.keys, on: connection) ?? .standard
    try await AuditLog.stop(redis.keys, topology, dropping: drop, on: connection)
    var left: Int64 = 0
    for index in 0..<topology.shards {
      left += try await AuditLog.state(of: redis.keys.shard(index), on: connection).count
    }
    await connection.close()
    let rest =
      left == 0 ? "" : "; \(left) entries are there to be read, `fenliu audit off --drop` removes them"
    try Output.line("no audit is kept any more\(rest)")
  }
}

/// Prints the audit.
struct AuditRead: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Print the entries, one JSON object a line, oldest first, shard after shard.",
    discussion: """
      deploy/audit.md says what is in an entry. The numbers `i` of a shard's entries have no gap but where older \
      ones went for newer ones; with --after a reader goes on where it was.

      Example:   fenliu audit read --shard 0 --after 1200
      """)

  @OptionGroup var redis: RedisOptions

  @Option(help: ArgumentHelp("Only this shard, from 0.", valueName: "n"))
  var shard: Int?

  @Option(help: ArgumentHelp("Only entries with a number above this one.", valueName: "i"))
  var after: Int64 = 0

  func validate() throws {
    guard after >= 0 else { throw ValidationError("--after takes the number of an entry, or 0 for all") }
  }

  func run() async throws {
    let connection = try await redis.connect()
    let topology = try await Topology.read(redis.keys, on: connection) ?? .standard
    if let shard, !(0..<topology.shards).contains(shard) {
      throw CommandFailure(
        "there is no shard \(shard), only 0 to \(topology.shards - 1); see `fenliu topology`")
    }
    var isOn = false
    var printed = 0
    for index in shard.map({ $0...$0 }) ?? 0...(topology.shards - 1) {
      let keys = redis.keys.shard(index)
      // Only what is there now: a reader must not run after busy workers for ever.
      let state = try await AuditLog.state(of: keys, on: connection)
      isOn = isOn || state.keep != nil
      printed += try await print(keys, upTo: state.last, on: connection)
    }
    await connection.close()
    guard printed == 0 else { return }
    Output.notice(isOn ? "no entries" : "no entries: no audit is kept; `fenliu audit on` begins one")
  }

  private func print(
    _ keys: ShardKeys, upTo last: Int64, on connection: isolated RedisConnection
  ) throws -> Int {
    var position = after
    var count = 0
    while position < last {
      let page = try AuditLog.read(keys, after: position, on: connection)
      guard !page.isEmpty else { break }
      for entry in page {
        let number = AuditLog.number(of: entry) ?? 0
        if number > last { return count }
        try Output.line(String(decoding: entry, as: UTF8.self))
        position = number
        count += 1
      }
    }
    return count
  }
}
