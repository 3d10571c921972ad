import Foundation
import Proving

extension Fault {
  /// A file that ends anywhere: Redis starts on it, the gateways push again, and the end is the same.
  static let aofCut = Fault(
    name: "aof-cut", summary: "the append-only file of a short history is cut at each byte", share: 4
  ) { session in
    let history = try await ShortHistory.play(seed: session.random.next())
    session.note("the history has \(history.bytes.count - history.begin) bytes")
    await session.points(Array(history.begin...history.bytes.count), sideBySide: 3, what: "bytes") {
      length, _, _ in try await history.judge(cutAt: length)
    }
  }
}

/// A history whose file is kept in memory: agents come, then some conversations come and go.
private struct ShortHistory: Sendable {
  /// The append-only file.
  let bytes: [UInt8]
  /// Where the history begins in it; before lies what sets the world up.
  let begin: Int
  let story: World.Story

  private static let options = RedisServer.Options(appendOnly: true, appendFsync: .always)
  private static let plan = WorldPlan(workers: 1, lease: .milliseconds(100), server: options)

  static func play(seed: UInt64) async throws -> ShortHistory {
    // Beats are written too; seldom ones leave more of the file to what is tried.
    let world = try await World.start(WorldPlan(workers: 1, lease: .seconds(20), server: options), seed: seed)
    let begin = try AppendOnlyFile(in: world.server.directoryPath).size
    for partition in 0..<2 {
      let single = await world.nextSingle(partition)
      try await world.push(partition, [single.open, single.close])
    }
    try await eventually(within: .seconds(10), "the history is applied") { try await world.backlog() == 0 }
    await world.forgetWorkers()
    let file = try AppendOnlyFile(in: world.server.directoryPath)
    world.server.kill()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
    return ShortHistory(bytes: bytes, begin: begin, story: await world.story)
  }

  func judge(cutAt length: Int) async throws -> Verdict {
    let server = try RedisServer(Self.options)
    let folder = "\(server.directoryPath)/appendonlydir"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let name = "appendonly.aof.1.incr.aof"
    try Data(bytes[..<length]).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    try Data("file \(name) seq 1 type i\n".utf8).write(
      to: URL(fileURLWithPath: "\(folder)/appendonly.aof.manifest"))
    try await server.start()
    let world = try await World.resume(Self.plan, story, on: server)
    return await world.finish()
  }
}
