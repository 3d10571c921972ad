import Foundation
import HiredisClient
import Proving
import Routing
import RoutingStore

/// The end of a world, and whether it is the one that must be.
extension World {
  /// Lets the lists drain, and compares what came about with what must have.
  func finish() async -> Verdict {
    await endFeeding()
    do {
      try await pushRefused()
    } catch {
      found.append("what was refused could not be pushed later: \(error)")
    }
    for thaw in thaws { await thaw.value }
    var verdict = Verdict()
    do {
      verdict.drain = try await drain()
      // One word is enough to convict a mutant.
      guard Mutant.current == nil || found.isEmpty else { return Verdict(violations: found) }
      try await settleLively()
      try await take()
      found += try await checked()
      for worker in workers where !worker.isRunning && plan.poison == nil {
        found.append("a worker ended by itself")
      }
      forgetWorkers()
      found += try await Audit.judge(self)
    } catch {
      found.append("the end could not be looked at: \(error)")
    }
    verdict.violations = found
    verdict.unjudged = unjudged
    verdict.audited = audited
    verdict.events = unique.values.reduce(0, +)
    forgetWorkers()
    return verdict
  }

  /// The violations that `fl_check` lists at this moment.
  func checkNow() async throws {
    let reply = try await ask("FCALL_RO", "fl_check", "1", shard.tag)
    found += (reply.array ?? []).compactMap(\.text).prefix(5).map { "fl_check amid faults: \($0)" }
  }

  /// A question of the judge, again if Redis was away or busy meanwhile.
  @discardableResult
  func ask(_ words: String...) async throws -> RedisValue {
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      do {
        return try await judge.send(words)
      } catch {
        guard error.isRetriable, ContinuousClock.now < deadline else { throw error }
        if await !judge.isConnected { try? await judge.connect() }
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  /// How long the lists take to drain after the last fault and the last push. Blamed: more than twice the lease and
  /// two seconds.
  private func drain() async throws -> Duration {
    let begin = ContinuousClock.now
    let stalled = CPUPressure.total
    let allowed = plan.lease * 2 + .seconds(2)
    var least = Int.max
    var progress = ContinuousClock.now
    while true {
      let left = try await backlog()
      if left == 0 { break }
      if left < least { (least, progress) = (left, .now) }
      if ContinuousClock.now - progress > patience {
        found.append("the lists do not drain: \(left) events are left, and nothing happens")
        found += workers.prefix(3).flatMap { worker in
          worker.standardError.suffix(3).map { "worker \(worker.pid), running \(worker.isRunning): \($0)" }
        }
        break
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    let time = ContinuousClock.now - begin
    if time <= allowed || Mutant.current != nil {
      // No mutant is convicted for being slow: that may be the machine.
    } else if let late = CPUPressure.share(of: time, since: stalled) {
      unjudged = "the lists drained after \(time), not judged: programs waited for a CPU for \(late) % of it"
    } else {
      found.append("the lists drained after \(time), allowed \(allowed)")
      found += workers.flatMap { worker in
        worker.standardError.suffix(8).map { "worker \(worker.pid): \($0)" }
      }
    }
    return time
  }

  /// All agents come, and the idle clock ends what nobody has closed.
  private func settleLively() async throws {
    guard !lively.conversations.isEmpty else { return }
    try await push(1, lively.everybodyOnline(1))
    let deadline = ContinuousClock.now + patience
    while true {
      try await take()
      let closed = Set(
        commands(of: LivelyLoad.gateway).filter { $0.type == .closed }.compactMap {
          $0.conversation?.rawValue
        })
      let open = lively.conversations.keys.filter { !closed.contains($0) }.sorted()
      if open.isEmpty { return }
      if ContinuousClock.now > deadline {
        found.append(
          "\(open.count) conversations were left to the idle clock and never closed: \(open.prefix(3))")
        return
      }
      for (partition, events) in plan.clockJumps ? lively.close(open) : lively.nudge(open) {
        try await push(partition, events)
      }
      try await Task.sleep(for: .milliseconds(350))
    }
  }

  /// What a gateway has taken.
  func commands(of gateway: String) -> [Routing.Command] { taken.commands[gateway] ?? [] }

  private func checked() async throws -> [String] {
    try await eventually(within: patience, "the last events are applied") { try await backlog() == 0 }
    let reply = try await ask("FCALL_RO", "fl_check", "1", shard.tag)
    var wrong = (reply.array ?? []).compactMap(\.text).prefix(5).map { "fl_check: \($0)" }
    wrong += taken.gaps.prefix(3).map { "gap in seq: \($0)" }
    wrong += stories()
    wrong += try await positions()
    wrong += try await deadLetters()
    wrong += try await rooms()
    wrong += try await bounds()
    if !plan.clockJumps { wrong += try await counters() }
    return wrong
  }
}
