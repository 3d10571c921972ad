public import HiredisClient
import Routing

/// Folds what commits have left to be counted into the hourly counters; see `fold.lua`.
public enum Facts {
  /// How many entries one call takes and how many fields it adds to, at most.
  private typealias Bounds = (entries: Int, fields: Int)
  /// The longer a call, the more of its entries share a field, and the longer everybody else waits for it: a tenth of a
  /// millisecond where few entries wait, and Redis has time for it; one or two where they become many.
  private static func bounds(waiting: Int) -> Bounds {
    switch waiting {
    case ..<250: (20, 40)
    case ..<1_000: (40, 100)
    default: (200, 400)
    }
  }

  /// What came of one step.
  public enum Outcome: Sendable, Equatable {
    /// So many of the oldest entries are counted and gone.
    case counted(Int)
    /// Somebody else has folded meanwhile: look again.
    case moved
    /// The lease of partition 0 has passed to another.
    case fenced
  }

  /// Counts some of the oldest entries, in one call: reads them, sums them up, and has the sums added and the entries taken
  /// off in one piece, if nobody else has taken any since.
  ///
  /// - Parameters:
  ///   - waiting: how many there are.
  ///   - folded: how many were folded ever before.
  public static func fold(
    _ fence: Fence, waiting: Int, folded: Int64, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Outcome {
    let most = bounds(waiting: waiting)
    let last = String(min(waiting, most.entries) - 1)
    let entries = try connection.send("LRANGE", shard.facts, "0", last).array ?? []
    var (sums, count) = (FactSums(), 0)
    while count < entries.count, sums.size < most.fields {
      sums.add(entries[count].bytes ?? [])
      count += 1
    }
    guard count > 0 else { return .moved }
    var call = RedisPipeline()
    append(sums, of: count, folded, fence, shard, to: &call)
    let reply = try connection.pipeline(call).first ?? .null
    if case .error(let error) = reply { throw .server(error) }
    switch reply.text {
    case "counted": return .counted(count)
    case "moved": return .moved
    case "fenced": return .fenced
    default: throw .unexpectedReply("facts_count")
    }
  }

  private static func append(
    _ sums: FactSums, of count: Int, _ folded: Int64, _ fence: Fence, _ shard: ShardKeys,
    to call: inout RedisPipeline
  ) {
    let counters = sums.counters.filter { !$0.sums.isEmpty }
    call.begin(8 + 3 * counters.count + 2 * sums.size)
    for word in ["FCALL", Functions.factsCount, "1", shard.tag, fence.owner] { call.word(word) }
    for word in [fence.epoch, folded, Int64(count)] { call.word(word) }
    for counters in counters {
      call.word(counters.shop.rawValue)
      call.word(counters.name)
      call.word(Int64(2 * counters.sums.count))
      for (field, amount) in counters.sums {
        call.word(sums.names[field])
        call.word(amount)
      }
    }
  }

  /// Folds until nothing is left, whoever holds the lease, for who wants to see the counters now. Each step is a short call of
  /// its own, so that nobody waits long for it.
  public static func foldAll(
    shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) {
    while try connection.call(Functions.factsFold, keys: [shard.tag], arguments: []).integer ?? 0 > 0 {}
  }
}
