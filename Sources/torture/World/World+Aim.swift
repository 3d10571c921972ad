import HiredisClient
import Proving
import RoutingStore

/// Faults are aimed at work: a worker that holds nothing, or has nothing to do, can be killed a thousand times and shows
/// nothing.
extension World {
  /// Waits for a moment at which a worker that runs holds a partition with events, and chooses one of these. Nil when
  /// there is none for long, as while all leases wait for their new owners.
  ///
  /// An event at which three workers end one after the other is set aside as poison. So nobody is chosen while an event
  /// stands anywhere at which two have ended already: whoever is chosen may take its partition before it ends. Both
  /// what the battery did is counted and what the leases say, since on a slow machine a worker may also lose its lease
  /// without having been harmed.
  func aim(_ random: inout SeededGenerator) async throws -> Aim? {
    let deadline = ContinuousClock.now + plan.lease * 6 + .seconds(1)
    while ContinuousClock.now < deadline {
      let sight = try await sight()
      let running = Set(workers.map(\.pid)).subtracting(frozen)
      let isSafe = sight.indices.allSatisfy { partition in
        let found = sight[partition]
        return max(struck[partition, default: Struck()].times(at: found.position), found.strikes(running)) < 2
      }
      let holders = workers.map(\.pid).filter { pid in
        running.contains(pid) && sight.contains { $0.isHeld(by: pid) && $0.isBusy }
      }
      if isSafe, !holders.isEmpty { return Aim(pid: random.pick(holders), sight: sight) }
      try await Task.sleep(for: .milliseconds(2))
    }
    return nil
  }

  /// Waits for a moment at which events lie in the lists and some worker holds them.
  func aimAtAll() async throws -> Aim? {
    let deadline = ContinuousClock.now + plan.lease * 6 + .seconds(1)
    while ContinuousClock.now < deadline {
      let sight = try await sight()
      if sight.contains(where: { !$0.owner.isEmpty && $0.isBusy }) { return Aim(pid: nil, sight: sight) }
      try await Task.sleep(for: .milliseconds(2))
    }
    return nil
  }

  /// Notes whether the fault met work. Asked right after it: of the events that had arrived before, in partitions of the
  /// one that was aimed at, some are not committed. Who asks late says no rather than yes.
  func noteWhether(_ aim: Aim?) async throws {
    guard let aim else {
      misses += 1
      return
    }
    let now = try await sight()
    if let pid = aim.pid {
      for partition in now.indices
      where aim.sight[partition].isHeld(by: pid) || now[partition].isHeld(by: pid) {
        struck[partition, default: Struck()].strike(at: now[partition].position)
      }
    }
    let isMet = zip(aim.sight, now).contains { before, after in
      guard after.position < before.arrived else { return false }
      return aim.pid.map { before.isHeld(by: $0) && after.isHeld(by: $0) } ?? true
    }
    if !isMet { misses += 1 }
  }

  private func sight() async throws -> [Sight] {
    var looks = RedisPipeline()
    // The position first: what is committed between the two answers then makes the sum smaller, never larger.
    for partition in 0..<4 {
      looks.append("HMGET", shard.lease(partition), "owner", "position", "strikes", "struck")
      looks.append("LLEN", shard.inbox(partition))
    }
    let commands = looks
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      do {
        let replies = try await judge.pipeline(commands)
        if let refusal = replies.lazy.compactMap(\.error).first { throw RedisError.server(refusal) }
        return (0..<4).map { Sight(replies[2 * $0].array ?? [], replies[2 * $0 + 1].integer ?? 0) }
      } catch let error as RedisError {
        guard error.isRetriable, ContinuousClock.now < deadline else { throw error }
        if await !judge.isConnected { try? await judge.connect() }
        try await Task.sleep(for: .milliseconds(2))
      }
    }
  }
}

/// How often workers ended at one event, as far as the battery ended them.
struct Struck: Sendable {
  private var position: Int64 = -1
  private var number = 0

  /// How often it was at this one.
  func times(at position: Int64) -> Int { position == self.position ? number : 0 }

  /// Once more.
  mutating func strike(at position: Int64) {
    number = times(at: position) + 1
    self.position = position
  }
}

/// At what a fault is aimed, and what was seen of it just before.
struct Aim: Sendable {
  /// The worker; nil when it is all of them.
  let pid: Int32?
  fileprivate let sight: [Sight]
}

/// One partition at one moment.
private struct Sight: Sendable {
  let owner: String
  let position: Int64
  /// How many events had come to it at least.
  let arrived: Int64
  /// How many strikes the lease counts against the event at its head.
  private let recorded: Int64

  init(_ lease: [RedisValue], _ length: Int64) {
    let numbers = lease.dropFirst().map { $0.integer ?? 0 }
    owner = lease.first?.text ?? ""
    position = numbers.first ?? 0
    arrived = position + length
    recorded = numbers.count == 3 && numbers[2] == position ? numbers[1] : 0
  }

  /// The strikes against the event at the head, with the one that may come of an owner that does not run any more.
  func strikes(_ running: Set<Int32>) -> Int {
    Int(recorded) + (owner.isEmpty || running.contains { isHeld(by: $0) } ? 0 : 1)
  }

  var isBusy: Bool { arrived > position }

  /// A worker's name has its process id in it, between host and random digits.
  func isHeld(by pid: Int32) -> Bool { owner.contains(".\(pid).") }
}
