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
  /// The same for the bytes of their documents, by which what is made of them is bounded too.
  static let mostBytes = 64 << 20

  private let limit: Int
  private let mostBytes: Int
  private let entries = Mutex(Store())

  /// An empty one.
  init(limit: Int = ConfigurationCache.limit, mostBytes: Int = ConfigurationCache.mostBytes) {
    (self.limit, self.mostBytes) = (limit, mostBytes)
  }

  /// What is remembered of a shop.
  func remembered(_ shop: ShopID) -> Entry? { entries.withLock { $0.entries[shop]?.entry } }

  /// Looks at a shop's configuration in Redis, and remembers it; nil if it has none.
  ///
  /// Of one that is remembered only the version is asked for: a configuration of 100,000 agents has megabytes, and
  /// whoever comes after `fenliu apply` may be asked to look for every event.
  func read(
    _ shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Entry? {
    if let known = remembered(shop),
      try Configurations.version(of: shop, shard: shard, on: connection) == known.version
    {
      return known
    }
    guard let stored = try Configurations.read(shop, shard: shard, on: connection) else {
      entries.withLock { $0.remove(shop) }
      return nil
    }
    if let known = remembered(shop), known.version == stored.version { return known }
    let entry = Entry(
      version: stored.version,
      plan: (try? ShopConfiguration.parse(stored.document, file: shop.rawValue)).map(RoutingPlan.init))
    entries.withLock {
      $0.put(entry, of: shop, size: stored.document.utf8.count, limit: limit, mostBytes: mostBytes)
    }
    return entry
  }

  /// What is remembered, and how large the documents were that it was made from.
  private struct Store {
    var entries: [ShopID: (entry: Entry, size: Int)] = [:]
    var size = 0

    mutating func remove(_ shop: ShopID) { size -= entries.removeValue(forKey: shop)?.size ?? 0 }

    mutating func put(_ entry: Entry, of shop: ShopID, size: Int, limit: Int, mostBytes: Int) {
      remove(shop)
      // The newest is kept however large it is: it is wanted now.
      while entries.count >= limit || self.size + size > mostBytes, let any = entries.keys.first {
        remove(any)
      }
      entries[shop] = (entry, size)
      self.size += size
    }
  }
}
