import HiredisClient
import Proving
import Routing
import RoutingStore

extension Fault {
  /// Memory is used up by what gateways push: nobody can push more, and what lies in the lists is still worked off.
  static let memoryFull = Fault(
    name: "memory-full", summary: "`maxmemory` is reached while gateways push; the lists drain to the end",
    share: 2
  ) { session in
    while session.goesOn {
      let seed = session.random.next()
      let world = try await World.start(WorldPlan(workers: 2), seed: seed)
      var done = 0
      while done < 6, done == 0 || ContinuousClock.now < session.deadline {
        try await world.fillMemory(leaving: 40_000 + session.random.below(120_000))
        try await eventually(within: .seconds(8), "the lists drain though memory is used up") {
          try await world.backlogOfJudge() == 0
        }
        try await world.ask("CONFIG", "SET", "maxmemory", "0")
        // Before anything newer of their source.
        try await world.pushRefused()
        done += 1
      }
      session.count(done)
      session.take(await world.finish(), at: "world \(seed)")
    }
  }
}

extension World {
  /// Bounds the memory a little above what is used, and pushes until Redis takes no more.
  func fillMemory(leaving room: Int) async throws {
    let used = try await ask("INFO", "memory").text?.split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix("used_memory:") }.flatMap { Int($0.dropFirst(12)) }
    guard let used else { throw NeverHappened(what: "used_memory", time: .zero) }
    await pauseWorkers()
    try await ask("CONFIG", "SET", "maxmemory", String(used + room))
    var round = 0
    while try await pushWhileThereIsRoom(round % 4), round < 2_000 { round += 1 }
    resumeWorkers()
    if round == 2_000 { throw NeverHappened(what: "an OOM for a gateway", time: .zero) }
  }

  /// Pushes some events; false when there is no memory for them. A gateway keeps those, here until there is room again.
  private func pushWhileThereIsRoom(_ partition: Int) async throws -> Bool {
    let events = nextEvents(partition)
    do {
      try await gateway.send(["RPUSH", shard.inbox(partition)] + events)
    } catch {
      guard case .server(let refusal) = error, refusal.kind == .outOfMemory else { throw error }
      refused.append((partition, events))
      return false
    }
    unique[partition, default: 0] += events.count
    attempted[partition, default: 0] += events.count
    recent.add(events, to: partition)
    recent.acknowledge(partition)
    evidence.push(events, to: partition)
    evidence.pushed(events.count, to: partition)
    return true
  }

  /// What was refused when memory was used up.
  func pushRefused() async throws {
    for (partition, events) in refused { try await push(partition, events) }
    refused = []
  }

  /// How many events lie in the lists, asked by somebody who needs no memory.
  func backlogOfJudge() async throws -> Int {
    var sum = 0
    for partition in 0..<4 { sum += Int(try await ask("LLEN", shard.inbox(partition)).integer ?? 0) }
    return sum
  }
}
