import Foundation
import Proving
import Synchronization

extension Fault {
  /// With every write on disk before it is acknowledged, a crash of Redis loses nothing that anybody was told of.
  static let redisKillAlways = Fault(
    name: "redis-kill-always",
    summary: "Redis, `appendfsync always`, is ended by SIGKILL and started on its files",
    share: 6, owed: .trials(short: 100, night: 5_000)
  ) { session in
    let plan = WorldPlan(workers: 2, server: RedisServer.Options(appendOnly: true, appendFsync: .always))
    let torn = Mutex(0)
    try await session.storm(plan, pause: 1...100, faultsPerWorld: 25, checkEvery: 5) { world, random in
      let aim = try await world.aimAtAll()
      try await Task.sleep(for: .microseconds(random.below(2_000)))
      world.server.kill()
      // Linux breaks off a long write when its process is killed, now and then amid a transaction.
      let file = try AppendOnlyFile(in: world.server.directoryPath)
      let size = try file.size
      try await file.mend()
      if try file.size < size { torn.withLock { $0 += 1 } }
      try await world.server.start()
      // Workers wait for 50 ms before they come back, so that they have hardly gone on yet.
      try await world.noteWhether(aim)
    }
    let count = torn.withLock { $0 }
    session.note("a kill left a torn append-only file \(count) times")
  }

  /// What was not on disk is lost, and gateways push it again. The disk may be slow: then more was not on it.
  static let redisKillEverysec = Fault(
    name: "redis-kill-everysec",
    summary:
      "Redis, `appendfsync everysec`, falls with its machine: what the disk, up to 2 s late, has not flushed is lost",
    share: 3
  ) { session in
    let directory = try TemporaryDirectory()
    guard let library = try SlowDisk.compile(into: directory) else {
      session.skipped = "there is no C compiler (cc or clang) for the library that slows the disk"
      return
    }
    let disk = try SlowDisk(library)
    let options = RedisServer.Options(
      appendOnly: true, appendFsync: .everysec, settings: ["auto-aof-rewrite-min-size": "8mb"],
      environment: disk.environment)
    var plan = WorldPlan(workers: 2, server: options)
    plan.isLossy = true
    // After each fall gateways push the last seconds again, and each repeat is judged too.
    plan.feedingPause = .milliseconds(40)
    let oldest = Mutex(0)
    let begun = Mutex<UInt64?>(nil)
    let seen: @Sendable (UInt64) -> Bool = { seed in
      begun.withLock { begun in
        defer { begun = seed }
        return begun == seed
      }
    }
    // One world after the other: they have one disk.
    try await session.storm(
      plan, pause: 1...300, faultsPerWorld: 30, checkEvery: 10, sideBySide: 1
    ) { world, random in
      if !seen(world.seed) {
        // The shops' configurations are there for certain: nobody would push them again.
        let file = try AppendOnlyFile(in: world.server.directoryPath)
        let size = try file.size
        try await eventually(within: .seconds(20), "the beginning is on the disk") {
          try disk.flushed(of: file).bytes >= size
        }
      }
      let lateness = random.percent(50) ? 0 : random.pick([300, 1_000, 2_000])
      try disk.slow(byMilliseconds: lateness)
      try await Task.sleep(for: .milliseconds(random.below(600 + lateness * 2)))
      world.server.kill()
      // A process that is killed loses nothing that it has written; a machine that falls loses what was not
      // flushed, all of it or from some byte on.
      let file = try AppendOnlyFile(in: world.server.directoryPath)
      let (flushed, ago) = try disk.flushed(of: file)
      let size = try file.size
      guard size >= flushed else { throw NeverHappened(what: "a file as long as its flush", time: .zero) }
      let kept = random.percent(60) ? 0 : random.below(size - flushed + 1)
      if size > flushed, kept == 0 { oldest.withLock { $0 = max($0, ago) } }
      try file.cut(at: flushed + kept)
      try await file.mend()
      try disk.recover(file)
      // Workers find Redis again when the gateways have seen what is gone, as after a restart by hand.
      await world.pauseWorkers()
      try await world.server.start()
      try await world.forgetWhatWasLost()
      await world.resumeWorkers()
    }
    let age = oldest.withLock { $0 }
    session.note("the last flush that was finished had begun up to \(age) ms before a fall")
  }

  /// A Redis that hangs: connections stay open, and nothing is answered.
  static let redisStop = Fault(
    name: "redis-stop", summary: "Redis is stopped by SIGSTOP for 10 ms to 2 s and goes on", share: 2
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
