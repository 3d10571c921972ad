import ArgumentParser
import Foundation
import HiredisClient
import Routing
import RoutingStore

/// A gateway's taking side as a process of its own, so that it can be killed: it reads, writes to a file, then trims.
struct Take: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take commands into files until killed (for the battery's own use).", shouldDisplay: false)

  @Option var redis: String
  @Option var prefix: String
  @Option(help: "Where the files are, one for each gateway.") var directory: String
  @Argument var gateways: [String]

  func run() async throws {
    let connection = RedisConnection(to: try RedisEndpoint(url: redis), name: "torture-take")
    try await connection.connect()
    let shard = Keys(prefix: prefix).shard(0)
    var files = try gateways.map { try TakenFile(path: "\(directory)/\($0)", gateway: $0) }
    while true {
      var taken = 0
      for index in files.indices {
        let key = shard.outbox(GatewayID(unchecked: files[index].gateway))
        let rows = try await connection.send("LRANGE", key, "0", "99").array ?? []
        guard !rows.isEmpty else { continue }
        try files[index].append(rows.compactMap(\.bytes))
        try await connection.send("LTRIM", key, "\(rows.count)", "-1")
        taken += rows.count
      }
      if taken == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }
  }
}

/// What one gateway has taken, a command a line. It is all that the process remembers.
struct TakenFile {
  let gateway: String
  private let handle: FileHandle
  private var last: Int64

  /// Opens it, and reads from it the last `seq`. A line that a kill has cut short is taken again.
  init(path: String, gateway: String) throws {
    self.gateway = gateway
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let lines = try Self.lines(path)
    last = try lines.last.map { try CommandDecoder.decode($0).get().seq } ?? 0
    handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: UInt64(lines.reduce(0) { $0 + $1.count + 1 }))
    try handle.seekToEnd()
  }

  /// The whole lines of a file.
  static func lines(_ path: String) throws -> [[UInt8]] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map {
      Array($0)
    }
  }

  /// Adds what has not been taken before.
  mutating func append(_ rows: [[UInt8]]) throws {
    var text: [UInt8] = []
    for row in rows {
      let seq = try CommandDecoder.decode(row).get().seq
      guard seq > last else { continue }
      last = seq
      text += row + [UInt8(ascii: "\n")]
    }
    try handle.write(contentsOf: Data(text))
  }
}
