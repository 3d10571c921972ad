import Foundation
import Proving

extension Fault {
  /// With every write on disk before it is acknowledged, a crash of Redis loses nothing that anybody was told of.
  static let redisKillAlways = Fault(
    name: "redis-kill-always",
    summary: "Redis, `appendfsync always`, is ended by SIGKILL and started on its files",
    share: 6, owed: .trials(short: 100, night: 5_000)
  ) { session in
    let plan = WorldPlan(workers: 2, server: RedisServer.Options(appendOnly: true, appendFsync: .always))
    try await session.storm(plan, pause: 1...100, faultsPerWorld: 25, checkEvery: 5) { world, random in
      let aim = try await world.aimAtAll()
      try await Task.sleep(for: .microseconds(random.below(2_000)))
      try await world.server.restart()
      // Workers wait for 50 ms before they come back, so that they have hardly gone on yet.
      try await world.noteWhether(aim)
    }
  }

  /// What was not on disk is lost, and gateways push it again.
  static let redisKillEverysec = Fault(
    name: "redis-kill-everysec",
    summary: "Redis, `appendfsync everysec`, crashes and loses up to the last two seconds of its file",
    share: 4
  ) { session in
    var plan = WorldPlan(workers: 2, server: RedisServer.Options(appendOnly: true, appendFsync: .everysec))
    plan.isLossy = true
    try await session.storm(plan, pause: 1...300, faultsPerWorld: 60, checkEvery: 10) { world, random in
      let file = try AppendOnlyFile(in: world.server.directoryPath)
      let before = try file.size
      try await Task.sleep(for: .milliseconds(random.below(600)))
      world.server.kill()
      // A process that is killed loses nothing that it has written; a machine that falls loses what was not
      // flushed. So the end of the file goes, from some byte on.
      let after = try file.size
      try file.cut(at: before + random.below(after - before + 1))
      try file.mend()
      // Workers find Redis again when the gateways have seen what is gone, as after a restart by hand.
      await world.pauseWorkers()
      try await world.server.start()
      try await world.forgetWhatWasLost()
      await world.resumeWorkers()
    }
  }

  /// A Redis that hangs: connections stay open, and nothing is answered.
  static let redisStop = Fault(
    name: "redis-stop", summary: "Redis is stopped by SIGSTOP for 10 ms to 2 s and goes on", share: 3
  ) { session in
    try await session.storm(WorldPlan(workers: 2), pause: 1...100) { world, random in
      let time = random.percent(85) ? 10 + random.below(400) : 400 + random.below(1_600)
      let aim = try await world.aimAtAll()
      world.server.freeze()
      try? await Task.sleep(for: .milliseconds(time))
      world.server.thaw()
      try await world.noteWhether(aim)
    }
  }
}

/// The part of the append-only file that grows.
struct AppendOnlyFile {
  let path: String
  private let folder: String

  /// The newest one in a server's directory.
  init(in directory: String) throws {
    folder = "\(directory)/appendonlydir"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    guard
      let name = names.filter({ $0.hasSuffix(".incr.aof") }).max(by: {
        $0.count == $1.count ? $0 < $1 : $0.count < $1.count
      })
    else { throw NeverHappened(what: "an append-only file in \(folder)", time: .zero) }
    path = "\(folder)/\(name)"
  }

  /// Its bytes.
  var size: Int {
    get throws {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return (attributes[.size] as? NSNumber)?.intValue ?? 0
    }
  }

  /// Removes a transaction that has no end, as an operator must before Redis starts on a torn file: Redis itself cuts
  /// behind the last whole command, within the transaction, and at its next start executes that part together with
  /// what came behind it (seen with 7.0.15).
  func mend() throws {
    guard Tool.run(["sh", "-c", "echo y | redis-check-aof --fix \"$1\"/*.manifest", "mend", folder]) else {
      throw NeverHappened(what: "mending of \(folder)", time: .zero)
    }
  }

  /// Leaves the first bytes and removes the rest.
  func cut(at length: Int) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: UInt64(length))
    try handle.close()
  }
}
