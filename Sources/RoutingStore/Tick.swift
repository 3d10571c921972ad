public import HiredisClient
public import Routing

/// What a tick did.
public enum TickReply: Sendable, Equatable {
  /// So many timers fired; when the next tick has something to do (now, if this one left something), the shops whose configuration changed since, and the timers
  /// that failed, with the reason: they are tried again a minute later; what there is to fold.
  case ticked(fired: Int, nextDue: Moment?, changed: [ShopVersion], failures: [String], facts: FactsState)
  /// The lease of partition 0 has passed to another.
  case fenced
  /// A record must be brought to the configuration in force first.
  case behind(ShopID, CommitReply.Record)

  /// How it stands with what commits have left to be counted.
  public struct FactsState: Sendable, Equatable {
    /// Entries that wait.
    public var waiting: Int
    /// Entries that were folded ever.
    public var folded: Int64

    /// None, as far as is known.
    public init(waiting: Int = 0, folded: Int64 = 0) {
      (self.waiting, self.folded) = (waiting, folded)
    }
  }

  /// A shop and the version of its configuration.
  public struct ShopVersion: Sendable, Equatable {
    /// The shop.
    public var shop: ShopID
    /// The version in force.
    public var version: Int64
  }
}

/// Timers; see `tick.lua`.
public enum Tick {
  /// Fires at most `limit` due timers, fewer when they have much to do, and tells of configurations
  /// newer than `version` (at most 100).
  public static func fire(
    _ fence: Fence, now: Moment, limit: Int, newerThan version: Int64, shard: ShardKeys,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> TickReply {
    let reply = try connection.call(
      Functions.tick, keys: [shard.tag],
      arguments: [
        fence.owner, String(fence.epoch), String(now.rawValue), String(limit), String(version),
      ])
    let parts = reply.array ?? []
    switch parts.first?.text {
    case "fenced": return .fenced
    case "behind":
      guard parts.count == 3, let shop = parts[1].text, let text = parts[2].text,
        let record = CommitReply.Record(text)
      else { break }
      return .behind(ShopID(unchecked: shop), record)
    case "ticked":
      guard parts.count == 7, let fired = parts[1].integer, let rows = parts[3].array,
        let waiting = parts[5].integer, let folded = parts[6].integer
      else { break }
      var changed: [TickReply.ShopVersion] = []
      for index in stride(from: 0, to: rows.count - 1, by: 2) {
        if let shop = rows[index].text, let version = rows[index + 1].integer {
          changed.append(.init(shop: ShopID(unchecked: shop), version: version))
        }
      }
      return .ticked(
        fired: Int(fired), nextDue: parts[2].integer.map(Moment.init), changed: changed,
        failures: (parts[4].array ?? []).compactMap(\.text),
        facts: .init(waiting: Int(waiting), folded: folded))
    default: break
    }
    throw .unexpectedReply("tick")
  }
}
