import HiredisClient
import Proving
import RoutingStore

/// The longest time in which a partition had events and none of them was applied, as seen by one who looks all the time.
struct Standstill: Sendable {
  private var since: [Int: (position: Int64, at: ContinuousClock.Instant)] = [:]
  private(set) var worst = Duration.zero

  /// What it was while `body` was at work.
  static func worst(in world: World, while body: () async throws -> Void) async throws -> Duration {
    let connection = try await world.server.connected(name: "standstill")
    let shard = world.shard
    let watch = Task {
      var standstill = Standstill()
      while !Task.isCancelled {
        standstill.look(try await look(shard, on: connection))
        try? await Task.sleep(for: .milliseconds(5))
      }
      return standstill.worst
    }
    defer { watch.cancel() }
    try await body()
    watch.cancel()
    return try await watch.value
  }

  /// How many events each partition has, and how many were applied.
  private static func look(_ shard: ShardKeys, on connection: RedisConnection) async throws -> [RedisValue] {
    var questions = RedisPipeline()
    for partition in 0..<4 {
      questions.append("LLEN", shard.inbox(partition))
      questions.append("HGET", shard.lease(partition), "position")
    }
    return try await connection.pipeline(questions)
  }

  private mutating func look(_ replies: [RedisValue]) {
    let now = ContinuousClock.now
    for partition in 0..<replies.count / 2 {
      let (left, position) = (replies[partition * 2].integer ?? 0, replies[partition * 2 + 1].integer ?? 0)
      guard left > 0 else {
        since[partition] = nil
        continue
      }
      if let known = since[partition], known.position == position {
        worst = max(worst, known.at.duration(to: now))
      } else {
        since[partition] = (position, now)
      }
    }
  }
}
