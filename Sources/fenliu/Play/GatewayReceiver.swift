import HiredisClient
import Routing
import RoutingStore

/// The taking side of a gateway: commands from the head of its outbox, each at least once from Redis and
/// exactly once to the player, by their `seq`.
struct GatewayReceiver: Sendable {
  /// What came of a visit to the outbox.
  struct Delivery: Sendable {
    var commands: [Command] = []
    /// How many numbers were left out before one of them: lost commands.
    var gaps: Int64 = 0
    /// How many came a second time, and were dropped.
    var repeats = 0
    /// Texts that are not commands.
    var malformed: [String] = []
  }

  let connection: RedisConnection
  let outbox: String
  let complain: @Sendable (String) -> Void

  private static let most = 500

  /// The number of the last command that the outbox was given so far; what is in it up to then is of an
  /// earlier play.
  static func lastSequence(
    of gateway: GatewayID, in shard: ShardKeys, on connection: RedisConnection
  ) async throws -> Int64 {
    try await connection.send("HGET", shard.gateways, gateway.rawValue).integer ?? 0
  }

  /// Takes commands until the task is cancelled.
  func run(after first: Int64, deliver: @Sendable (Delivery) async -> Void) async {
    var last = first
    var handled = 0
    var complained = false
    while !Task.isCancelled {
      do throws(RedisError) {
        if await !connection.isConnected {
          try await connection.connect()
          // Whether the last trim took effect is not known; `seq` tells the repeats.
          handled = 0
        }
        let texts = try await next(droppingFirst: handled)
        handled = 0
        complained = false
        guard !texts.isEmpty else { continue }
        await deliver(read(texts, after: &last, since: first))
        // Only now, so that nothing is lost when this ends in between.
        handled = texts.count
      } catch {
        if !complained { complain("cannot take commands: \(error)") }
        complained = true
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  /// Removes what was handled and looks at what is there; waits for something if there is nothing.
  private func next(droppingFirst count: Int) async throws(RedisError) -> [[UInt8]] {
    var pipeline = RedisPipeline()
    if count > 0 { pipeline.append("LTRIM", outbox, "\(count)", "-1") }
    pipeline.append("LRANGE", outbox, "0", "\(Self.most - 1)")
    let replies = try await connection.pipeline(pipeline)
    if let error = replies.lazy.compactMap(\.error).first { throw .server(error) }
    let texts = (replies.last?.array ?? []).compactMap(\.bytes)
    guard texts.isEmpty else { return texts }
    // From the head to the head of the same list: it waits and changes nothing.
    let first = try await connection.send(
      "BLMOVE", outbox, outbox, "LEFT", "LEFT", "0.25", deadline: .seconds(5))
    return first.bytes.map { [$0] } ?? []
  }

  private func read(_ texts: [[UInt8]], after last: inout Int64, since first: Int64) -> Delivery {
    var delivery = Delivery()
    for text in texts {
      switch CommandDecoder.decode(text) {
      case .failure(let malformed): delivery.malformed.append(malformed.reason)
      case .success(let command):
        guard command.seq > last else {
          if command.seq > first { delivery.repeats += 1 }
          continue
        }
        delivery.gaps += command.seq - last - 1
        last = command.seq
        delivery.commands.append(command)
      }
    }
    return delivery
  }
}
