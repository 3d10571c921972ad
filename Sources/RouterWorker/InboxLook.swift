import HiredisClient
import RoutingStore

/// A look at the events at the head of a partition's list, which takes none of them off it.
///
///     BLMOVE in in LEFT LEFT t     blocks until there is an event, and changes nothing
///     LRANGE in 0 n-1              all that have come by then
///
/// Source and destination of the wait are one list: a worker that is frozen in it swallows nothing. Both are sent in one
/// write, mostly behind the commits of the events before: so an event that comes alone costs no round trip for being seen,
/// and what comes in a flood is seen together.
struct InboxLook {
  /// The partition's list.
  var inbox: String
  /// The most events that are looked at.
  var most: Int
  /// For how long one is waited for, in milliseconds; 0 for not at all.
  var wait: Int64

  /// How many replies it has.
  var replies: Int { wait > 0 ? 2 : 1 }
  /// How long these may take.
  var patience: Duration { .milliseconds(wait) + .seconds(5) }

  /// Adds it to a pipeline.
  func append(to pipeline: inout RedisPipeline) {
    if wait > 0 { pipeline.append("BLMOVE", inbox, inbox, "LEFT", "LEFT", "\(Double(wait) / 1_000)") }
    pipeline.append("LRANGE", inbox, "0", String(most - 1))
  }

  /// The events in its replies; none if none came in time.
  ///
  /// Where memory is used up Redis refuses to wait, since `BLMOVE` might write; what lies in the list has to be worked off all
  /// the same, or there would never be room again.
  static func events(in replies: [RedisValue]) throws(RedisError) -> [[UInt8]] {
    let events = (replies.last?.array ?? []).compactMap(\.bytes)
    for case .error(let error) in replies where error.kind != .outOfMemory || events.isEmpty {
      throw .server(error)
    }
    return events
  }
}

/// How many events are looked at at once: many when they are small, few when they are huge, so that a flood of
/// 10 MB events does not fill the worker's memory.
struct PeekSize {
  private(set) var count = 32
  /// Whether the last look saw as many as it could, and so probably not all that there are.
  private(set) var wasFull = false

  mutating func adapt(to events: [[UInt8]]) {
    let bytes = events.reduce(0) { $0 + $1.count }
    wasFull = events.count == count
    if bytes > 4 << 20 {
      count = max(1, count / 8)
    } else if wasFull, bytes < 1 << 20 {
      count = min(512, count * 2)
    }
  }
}
