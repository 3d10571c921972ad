import Foundation
import Proving

extension Fault {
  /// Hours in small: the memory of workers does not grow with what they have done.
  static let soak = Fault(
    name: "soak", summary: "a steady load; the workers' memory stays flat", share: 3
  ) { session in
    let seed = session.random.next()
    var plan = WorldPlan(workers: 2)
    // In a night it is long rather than dense, so that the battery's own memory has room for what it compares.
    plan.feedingPause = .milliseconds(40)
    let world = try await World.start(plan, seed: seed)
    await world.beginFeeding()
    let time = max(.seconds(4), session.deadline - .now)
    // The first part fills caches and pools.
    try await world.soak(for: time / 3)
    let early = await world.workerMemory()
    try await world.soak(for: time * 2 / 3)
    let late = await world.workerMemory()
    session.count()
    session.note("a worker had \(early) KiB after a third of the time, \(late) KiB at its end")
    if late > early * 13 / 10 + 8_192 {
      session.blame(["memory grew from \(early) to \(late) KiB"], at: "world \(seed)")
    }
    session.take(await world.finish(), at: "world \(seed)")
  }
}

extension World {
  /// Lets events flow for so long. Now and then everything up to there is judged by the audit and forgotten.
  func soak(for time: Duration) async throws {
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end {
      try await Task.sleep(for: min(.seconds(10), max(.zero, end - .now)))
      await endFeeding()
      try await eventually(within: patience, "the lists drain amid a soak") { try await backlog() == 0 }
      try await take()
      try await Audit.settle(self)
      beginFeeding()
    }
  }

  /// The most memory that one of the workers has, in KiB.
  func workerMemory() -> Int {
    workers.compactMap { worker in
      let status = (try? String(contentsOfFile: "/proc/\(worker.pid)/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
      return line.flatMap { Int($0.filter(\.isNumber)) }
    }.max() ?? 0
  }
}
