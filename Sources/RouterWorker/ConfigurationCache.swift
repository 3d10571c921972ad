import HiredisClient
import Routing
import RoutingStore
import Synchronization

/// The parsed configurations of one shard's shops, shared by a worker's partitions.
///
/// An entry may be old: a commit under an old version is refused as `stale`, and the entry is read again.
final class ConfigurationCache: Sendable {
  /// A configuration and its version.
  struct Entry: Sendable {
    var version: Int64
    /// The configuration made ready for deciding; nil when the stored text is not one that this program can read.
    var plan: RoutingPlan?
  }

  /// How many shops are remembered; beyond it any one is forgotten, to be read again when needed.
  static let limit = 20_000

  private let entries: Mutex<[ShopID: Entry]> = Mutex([:])

  /// What is remembered of a shop.
  func remembered(_ shop: ShopID) -> Entry? { entries.withLock { $0[shop] } }

  /// Reads a shop's configuration from Redis and remembers it; nil if it has none.
  func read(
    _ shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Entry? {
    // The document may be long, and many partitions ask after each change.
    if let known = remembered(shop),
      try Configurations.version(of: shop, shard: shard, on: connection) == known.version
    {
      return known
    }
    guard let stored = try Configurations.read(shop, shard: shard, on: connection) else {
      entries.withLock { $0[shop] = nil }
      return nil
    }
    if let known = remembered(shop), known.version == stored.version { return known }
    let entry = Entry(
      version: stored.version,
      plan: (try? ShopConfiguration.parse(stored.document, file: shop.rawValue)).map(RoutingPlan.init))
    entries.withLock { entries in
      if entries.count >= Self.limit, let any = entries.keys.first { entries[any] = nil }
      entries[shop] = entry
    }
    return entry
  }
}
