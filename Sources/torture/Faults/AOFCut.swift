import Foundation
import HiredisClient
import Proving
import RoutingStore

extension Fault {
  /// A file that ends anywhere: Redis starts on it, the gateways push again, and the end is the same.
  ///
  /// Redis is started on the file cut at every byte, and must have just what it has after the last whole transaction. So
  /// it is enough to play each of these beginnings to its end; with more time every byte is played to the end too.
  static let aofCut = Fault(
    name: "aof-cut", summary: "the append-only file of a short history is cut at each byte", share: 22,
    owed: .everyPoint
  ) { session in
    let history = try await ShortHistory.play(seed: session.random.next(), withFold: session.isForLong)
    session.note("the history has \(history.places.count - 1) bytes in \(history.ends.count - 1) steps")
    await session.points(history.ends, sideBySide: 3) { try await history.play(cutAt: $0, $1, $2) }
    // The others are as good as the end before them, and that is looked at.
    let ends = Set(history.ends)
    let others = history.places.filter { !ends.contains($0) }
    let digests = try await history.digests()
    await session.points(others, sideBySide: 4) { length, _, _ in
      try await history.compare(cutAt: length, with: digests)
    }
    guard session.isForLong else { return }
    await session.points(others, sideBySide: 3) { try await history.play(cutAt: $0, $1, $2) }
  }
}

extension World {
  /// Waits until nothing is written any more: room grows in steps, configurations are settled, facts are folded.
  fileprivate func awaitRest() async throws {
    try await awaitFold()
    let file = try AppendOnlyFile(in: server.directoryPath)
    var size = -1
    try await eventually(within: .seconds(20), "nothing is written any more") {
      let before = size
      size = try file.size
      if size != before { try await Task.sleep(for: .milliseconds(500)) }
      return size == before
    }
  }

  /// Waits until what was counted is folded.
  fileprivate func awaitFold() async throws {
    try await eventually(within: .seconds(10), "facts are folded") {
      try await ask("LLEN", shard.facts).integer == 0
    }
  }
}

/// A history whose file is kept in memory: agents are there, then a conversation comes and goes.
private struct ShortHistory: Sendable {
  /// The append-only file.
  let bytes: [UInt8]
  /// Where keys begin in it; before lie the functions.
  let keys: Int
  /// Behind which bytes a whole transaction ends, from the beginning of the history on.
  let ends: [Int]
  let story: World.Story

  private static let options = RedisServer.Options(appendOnly: true, appendFsync: .always)
  private static let plan = WorldPlan(workers: 1, lease: .milliseconds(100), server: options)

  /// Plays it: to the last commit, or until its counters are folded too, which takes more bytes than all the rest.
  static func play(seed: UInt64, withFold: Bool) async throws -> ShortHistory {
    // Beats are written too; seldom ones leave more of the file to what is tried.
    let world = try await World.start(WorldPlan(workers: 1, lease: .seconds(20), server: options), seed: seed)
    try await world.awaitRest()
    let begin = try AppendOnlyFile(in: world.server.directoryPath).size
    let single = await world.nextSingle(0)
    try await world.push(0, [single.open, single.close])
    try await eventually(within: .seconds(10), "the history is applied") { try await world.backlog() == 0 }
    if withFold { try await world.awaitFold() }
    await world.forgetWorkers()
    let file = try AppendOnlyFile(in: world.server.directoryPath)
    world.server.kill()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
    let steps = try AppendedCommands.steps(in: bytes)
    guard let functions = steps.last(where: { $0.commands == ["FUNCTION"] }),
      let last = withFold ? steps.last : steps.last(where: { $0.commands.contains("LPOP") })
    else { throw NeverHappened(what: "a commit in the append-only file", time: .zero) }
    let ends = steps.map(\.bytes.upperBound).filter { $0 >= begin && $0 <= last.bytes.upperBound }
    return ShortHistory(
      bytes: bytes, keys: functions.bytes.upperBound, ends: ends, story: await world.story)
  }

  /// Every place at which it may be cut.
  var places: ClosedRange<Int> { ends[0]...ends[ends.count - 1] }

  /// Goes on from a file of this length until all is done.
  func play(cutAt length: Int, _: UInt64, _: Int) async throws -> Verdict {
    let world = try await World.resume(Self.plan, story, on: start(on: bytes[..<length]))
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

  /// What Redis has on a file of this length, in which no functions are: to load them takes longer than all the rest.
  private func digest(cutAt length: Int) async throws -> String {
    let server = try await start(on: bytes[keys..<length])
    defer { server.kill() }
    return try await server.connected(name: "digest").send("DEBUG", "DIGEST").text ?? ""
  }

  private func start(on file: ArraySlice<UInt8>) async throws -> RedisServer {
    let server = try RedisServer(Self.options)
    let folder = "\(server.directoryPath)/appendonlydir"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let name = "appendonly.aof.1.incr.aof"
    try Data(file).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    try Data("file \(name) seq 1 type i\n".utf8).write(
      to: URL(fileURLWithPath: "\(folder)/appendonly.aof.manifest"))
    try await server.start()
    return server
  }
}
