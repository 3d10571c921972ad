import HiredisClient
import Routing
import RoutingStore

/// The pushing side of a gateway: every event to its partition, numbered, and again after any doubt.
struct GatewaySender: Sendable {
  let connection: RedisConnection
  let shard: ShardKeys
  let partitions: Int
  let source: String
  /// Is told when there is trouble, once each time.
  let complain: @Sendable (String) -> Void

  /// Pushes what the stream brings, in order, until it ends.
  func run(_ batches: AsyncStream<[PlayEvent]>) async {
    var n: Int64 = 0
    for await batch in batches {
      var pushes: [Push] = []
      for event in batch {
        n += 1
        var event = event
        (event.source, event.n) = (source, n)
        guard let line = try? event.line() else { continue }
        let partition = Int(CRC32.checksum(event.routedBy)) % max(1, partitions)
        pushes.append(Push(partition: partition, line: line))
      }
      await push(pushes)
    }
  }

  private struct Push {
    var partition: Int
    var line: String
  }

  /// Pushes until all are taken. Those that may have arrived already carry the same `n` and are ignored.
  private func push(_ pushes: [Push]) async {
    var left = pushes[...]
    var complained = false
    while !left.isEmpty, !Task.isCancelled {
      do throws(RedisError) {
        if await !connection.isConnected { try await connection.connect() }
        var pipeline = RedisPipeline()
        for push in left {
          pipeline.append("FCALL", "fl_push", "1", shard.tag, "\(push.partition)", push.line)
        }
        let replies = try await connection.pipeline(pipeline)
        let refusal = replies.firstIndex { $0.text != "OK" }
        guard let refusal else { return }
        // From the first one on that was not taken, so that the order stays.
        left = left.dropFirst(refusal)
        if let error = replies[refusal].error { throw .server(error) }
        if !complained { complain("the router's list is full; waiting") }
      } catch {
        if !complained { complain("cannot push events: \(error)") }
      }
      complained = true
      try? await Task.sleep(for: .milliseconds(100))
    }
  }
}
