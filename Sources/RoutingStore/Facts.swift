public import HiredisClient
import Routing

/// Folds what commits have left to be counted into the hourly counters; see `fold.lua`.
public enum Facts {
  /// So many entries are counted in one step as long as there are fewer than ``many``. The more are taken together, the more
  /// of them add to the same counters, which then are written once; but the longer does everybody else wait.
  public static let few = 50
  /// Where so many wait they would soon become too many, and nobody finds Redis idle anyway: steps are long ones.
  public static let many = 2_000

  /// How much one step takes on: entries in all, entries of one call, and what these may have to write (see
  /// ``FactSums/work``): two or four tenths of a millisecond.
  private struct Bounds {
    var entries: Int
    var taken: Int
    var work: Int

    init(waiting: Int) {
      (entries, taken, work) = waiting < many ? (few, few, 400) : (2 * many, many / 2, 800)
    }
  }

  /// So many entries are read with one command.
  private static let mostRead = 1_000

  /// What came of one step.
  public enum Outcome: Sendable, Equatable {
    /// So many of the oldest entries are counted and gone.
    case counted(Int)
    /// Somebody else has folded meanwhile: look again.
    case moved
    /// The lease of partition 0 has passed to another.
    case fenced
  }

  /// Counts some of the oldest entries, in three round trips: reads them, and the counters that they add to; then has the new
  /// totals written and the entries taken off, in calls that each are one piece and do nothing if somebody else has counted
  /// any since. Nobody else changes a counter without that.
  ///
  /// - Parameters:
  ///   - waiting: how many there are.
  ///   - folded: how many were folded ever before.
  public static func fold(
    _ fence: Fence, waiting: Int, folded: Int64, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Outcome {
    let bounds = Bounds(waiting: waiting)
    let entries = try entries(min(waiting, bounds.entries), shard, on: connection)
    let pieces = pieces(of: entries, within: bounds)
    guard !pieces.isEmpty else { return .moved }
    var totals = try totals(before: pieces, shard, on: connection)
    var calls = RedisPipeline()
    var count: Int64 = 0
    for piece in pieces {
      append(piece, to: &totals, after: folded + count, fence, shard, &calls)
      count += Int64(piece.count)
    }
    var counted = 0
    for (piece, reply) in zip(pieces, try connection.pipeline(calls)) {
      if case .error(let error) = reply { throw .server(error) }
      switch reply.text {
      case "counted": counted += piece.count
      case "moved": return counted > 0 ? .counted(counted) : .moved
      case "fenced": return .fenced
      default: throw .unexpectedReply("facts_count")
      }
    }
    return .counted(counted)
  }

  /// Some of the oldest entries, for one call.
  private struct Piece {
    var sums = FactSums()
    var count = 0
  }

  /// Counters by their key, their fields by name.
  private typealias Totals = [String: [String: Int64]]

  private static func entries(
    _ count: Int, _ shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> [[UInt8]] {
    var reads = RedisPipeline()
    for start in stride(from: 0, to: count, by: mostRead) {
      reads.append("LRANGE", shard.facts, String(start), String(min(start + mostRead, count) - 1))
    }
    var entries: [[UInt8]] = []
    for reply in try connection.pipeline(reads) {
      if case .error(let error) = reply { throw .server(error) }
      // One that is no text counts nothing, and is taken off like all others.
      entries += (reply.array ?? []).map { $0.bytes ?? [] }
    }
    return entries
  }

  private static func pieces(of entries: [[UInt8]], within bounds: Bounds) -> [Piece] {
    var pieces: [Piece] = []
    for entry in entries {
      if pieces.isEmpty || pieces[pieces.count - 1].sums.work >= bounds.work
        || pieces[pieces.count - 1].count == bounds.taken
      {
        pieces.append(Piece())
      }
      pieces[pieces.count - 1].sums.add(entry)
      pieces[pieces.count - 1].count += 1
    }
    return pieces
  }

  /// What the counters have that the pieces add to.
  private static func totals(
    before pieces: [Piece], _ shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Totals {
    var totals: Totals = [:]
    for piece in pieces {
      for counters in piece.sums.counters {
        let key = shard.shop(counters.shop).statistics(counters.name)
        for field in counters.sums.keys { totals[key, default: [:]][piece.sums.names[field]] = 0 }
      }
    }
    let all = totals.map { (key: $0, fields: Array($1.keys)) }
    var reads = RedisPipeline()
    for (key, fields) in all {
      reads.begin(2 + fields.count)
      reads.word("HMGET")
      reads.word(key)
      for field in fields { reads.word(field) }
    }
    for (counters, reply) in zip(all, try connection.pipeline(reads)) {
      if case .error(let error) = reply { throw .server(error) }
      for (field, known) in zip(counters.fields, reply.array ?? []) {
        totals[counters.key]?[field] = known.integer ?? 0
      }
    }
    return totals
  }

  /// Adds a piece to the totals, and the call that writes those which it changes.
  private static func append(
    _ piece: Piece, to totals: inout Totals, after folded: Int64, _ fence: Fence, _ shard: ShardKeys,
    _ calls: inout RedisPipeline
  ) {
    let counters = piece.sums.counters.filter { !$0.sums.isEmpty }
    calls.begin(8 + counters.reduce(0) { $0 + 3 + 2 * $1.sums.count })
    for word in ["FCALL", Functions.factsCount, "1", shard.tag, fence.owner] { calls.word(word) }
    for word in [fence.epoch, folded, Int64(piece.count)] { calls.word(word) }
    for counters in counters {
      let key = shard.shop(counters.shop).statistics(counters.name)
      calls.word(counters.shop.rawValue)
      calls.word(counters.name)
      calls.word(Int64(2 * counters.sums.count))
      for (field, amount) in counters.sums {
        let name = piece.sums.names[field]
        let total = (totals[key]?[name] ?? 0) &+ amount
        totals[key]?[name] = total
        calls.word(name)
        calls.word(total)
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
