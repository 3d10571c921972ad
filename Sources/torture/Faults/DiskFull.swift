import Foundation
import Proving

extension Fault {
  /// The disk with the append-only file fills up, and somebody makes room again.
  static let diskFull = Fault(
    name: "disk-full", summary: "the disk of the append-only file is full for a while (a small tmpfs)",
    share: 2
  ) { session in
    while session.goesOn {
      let seed = session.random.next()
      let server = try RedisServer(RedisServer.Options(appendOnly: true, appendFsync: .everysec))
      guard SmallDisk.mount(at: server.directoryPath) else {
        session.skipped = "a tmpfs cannot be mounted (that takes root)"
        return
      }
      defer { SmallDisk.unmount(server.directoryPath) }
      try await server.start()
      let world = try await World.start(WorldPlan(workers: 2), seed: seed, server: server)
      await world.beginFeeding()
      var done = 0
      while done < 20, done == 0 || ContinuousClock.now < session.deadline, await world.found.isEmpty {
        try await Task.sleep(for: .milliseconds(session.random.below(200)))
        let ballast = "\(server.directoryPath)/ballast"
        SmallDisk.fill(ballast)
        try await Task.sleep(for: .milliseconds(100 + session.random.below(1_500)))
        try FileManager.default.removeItem(atPath: ballast)
        done += 1
      }
      session.count(done)
      session.take(await world.finish(), at: "world \(seed)")
      server.kill()
    }
  }
}

/// A disk of a few megabytes in memory.
private enum SmallDisk {
  static func mount(at path: String) -> Bool {
    Tool.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", path])
  }

  static func unmount(_ path: String) { _ = Tool.run(["umount", "-l", path]) }

  /// Takes all room that is left.
  static func fill(_ path: String) { _ = Tool.run(["dd", "if=/dev/zero", "of=\(path)", "bs=4k"]) }
}
