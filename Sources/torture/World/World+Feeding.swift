import HiredisClient
import Proving
import RoutingStore

/// Events flow, so that faults meet workers at work.
extension World {
  /// How many events lie in the lists before feeding pauses: enough that faults meet workers at work.
  private static let backlogWanted = 100

  /// Feeds events and takes commands from now on.
  func beginFeeding() {
    feedsOn = true
    feeding = Task { try await feedOn() }
  }

  /// Feeds no more. What went wrong while feeding is blamed.
  func endFeeding() async {
    feedsOn = false
    do {
      try await feeding?.value
    } catch {
      found.append("a gateway could not go on: \(error)")
    }
    feeding = nil
  }

  private func feedOn() async throws {
    while feedsOn {
      if try await backlog() < Self.backlogWanted {
        for partition in 0..<4 {
          try await push(partition, nextEvents(partition))
        }
      }
      try await Task.sleep(for: plan.feedingPause)
      try await take()
    }
  }

  /// Pushes a short history: so many rounds to each partition.
  func pushHistory(rounds: Int) async throws {
    for _ in 0..<rounds {
      for partition in 0..<4 { try await push(partition, load.next(partition) + lively.next(partition)) }
    }
  }

  /// Pushes one event to each partition that is rejected.
  func pushRejected() async throws {
    for partition in 0..<4 { try await push(partition, [load.rejected(partition)]) }
  }

  /// The next events of a partition.
  func nextEvents(_ partition: Int) -> [String] { load.next(partition) + lively.next(partition) }

  /// One conversation whose two commands are known.
  func nextSingle(_ partition: Int) -> (open: String, close: String) { load.single(partition) }

  /// How many events lie in the lists.
  func backlog() async throws -> Int {
    var lengths = RedisPipeline()
    for partition in 0..<4 { lengths.append("LLEN", shard.inbox(partition)) }
    for partition in 0..<4 { lengths.append("HMGET", shard.lease(partition), "owner", "epoch", "position") }
    let commands = lengths
    let replies = try await insist { connection in
      let replies = try await connection.pipeline(commands)
      // Redis that loads its file, or is busy: asked again.
      if let refusal = replies.lazy.compactMap(\.error).first { throw RedisError.server(refusal) }
      return replies
    }
    // Where Redis loses its end, what was seen may go back; the audit of what is left is judged in any case.
    for (partition, row) in replies.dropFirst(4).enumerated() where !plan.isLossy && plan.durability == nil {
      found += leases.look(row.array ?? [], at: partition)
    }
    return replies.prefix(4).reduce(0) { $0 + Int($1.integer ?? 0) }
  }
}
