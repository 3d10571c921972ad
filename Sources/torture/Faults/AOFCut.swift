import Foundation
import HiredisClient
import Proving

extension Fault {
  /// A file that ends anywhere: Redis starts on it, the gateways push again, and the end is the same.
  ///
  /// Redis is started on the file cut at every byte, and must have just what it has after the last whole transaction. So
  /// it is enough to play each of these beginnings to its end; with more time every byte is played to the end too.
  static let aofCut = Fault(
    name: "aof-cut", summary: "the append-only file of a short history is cut at each byte", share: 22,
    owed: .everyPoint
  ) { session in
    let history = try await ShortHistory.play(seed: session.random.next())
    let tried = session.trials
    await session.points(history.ends, sideBySide: 3) { try await history.play(cutAt: $0, $1, $2) }
    session.note("\(session.trials - tried) of \(history.ends.count) beginnings were played to the end")
    // The others are as good as the end before them, and that is looked at.
    let ends = Set(history.ends)
    let others = (history.begin...history.bytes.count).filter { !ends.contains($0) }
    let digests = try await history.digests()
    await session.points(others, sideBySide: 3) { length, _, _ in
      try await history.compare(cutAt: length, with: digests)
    }
    guard session.isForLong else { return }
    await session.points(others, sideBySide: 3) { try await history.play(cutAt: $0, $1, $2) }
  }
}

/// A history whose file is kept in memory: agents come, then some conversations come and go.
private struct ShortHistory: Sendable {
  /// The append-only file.
  let bytes: [UInt8]
  /// Where the history begins in it; before lies what sets the world up.
  let begin: Int
  /// Behind which bytes a whole transaction ends, from the beginning of the history on.
  let ends: [Int]
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
    let ends = try AppendedCommands.ends(in: bytes).filter { $0 >= begin }
    guard let first = ends.first else { throw NeverHappened(what: "a transaction in the file", time: .zero) }
    return ShortHistory(bytes: bytes, begin: first, ends: ends, story: await world.story)
  }

  /// Goes on from a file of this length until all is done.
  func play(cutAt length: Int, _: UInt64, _: Int) async throws -> Verdict {
    let world = try await World.resume(Self.plan, story, on: start(cutAt: length))
    return await world.finish()
  }

  /// What Redis has after each whole transaction.
  func digests() async throws -> [Int: String] {
    var digests: [Int: String] = [:]
    for end in ends { digests[end] = try await digest(cutAt: end) }
    return digests
  }

  /// Starts Redis on a file of this length, which must be as good as one that ends with its last whole transaction.
  func compare(cutAt length: Int, with digests: [Int: String]) async throws -> Verdict {
    let digest = try await digest(cutAt: length)
    let wanted = ends.last { $0 <= length }.flatMap { digests[$0] }
    return Verdict(violations: digest == wanted ? [] : ["Redis has \(digest), not \(wanted ?? "nothing")"])
  }

  private func digest(cutAt length: Int) async throws -> String {
    let server = try await start(cutAt: length)
    defer { server.kill() }
    return try await server.connected(name: "digest").send("DEBUG", "DIGEST").text ?? ""
  }

  private func start(cutAt length: Int) async throws -> RedisServer {
    let server = try RedisServer(Self.options)
    let folder = "\(server.directoryPath)/appendonlydir"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let name = "appendonly.aof.1.incr.aof"
    try Data(bytes[..<length]).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    try Data("file \(name) seq 1 type i\n".utf8).write(
      to: URL(fileURLWithPath: "\(folder)/appendonly.aof.manifest"))
    try await server.start()
    return server
  }
}
