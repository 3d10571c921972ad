import HiredisClient
import Routing
import RoutingStore
import Synchronization
import TestSupport
import Testing

@testable import RouterWorker

/// What a worker remembers of its shops: enough to read each once, and not more than it has room for.
@Suite(.redis) struct ConfigurationCacheTests {
  private static func shop(_ number: Int) -> ShopID { ShopID(unchecked: "shop\(number)") }

  /// A connection to a shard of its own in which so many shops have a configuration.
  private static func store(_ shops: Int, _ name: String) async throws -> (RedisConnection, ShardKeys) {
    let connection = try await RedisServer.required().connected()
    let shard = Keys(prefix: "fl:\(name):").shard(0)
    try await Functions.load(on: connection)
    for number in 0..<shops { try await apply(number, more: "", shard, on: connection) }
    return (connection, shard)
  }

  private static func apply(
    _ number: Int, more: String, _ shard: ShardKeys, on connection: RedisConnection
  ) async throws {
    let document = "shop: shop\(number)\ngroups:\n  g: {}\n" + more
    let configuration = try ShopConfiguration.parse(document, file: "shop.yaml")
    _ = try await Configurations.apply(configuration, document: document, shard: shard, on: connection)
  }

  @Test func aShopThatIsKnownIsNotReadAgainUntilItHasChanged() async throws {
    let (connection, shard) = try await Self.store(1, "known")
    let cache = ConfigurationCache()
    let sent = Mutex<[String]>([])
    await connection.record { bytes in sent.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
    let first = try #require(try await cache.read(Self.shop(0), shard: shard, on: connection))
    let again = try #require(try await cache.read(Self.shop(0), shard: shard, on: connection))
    #expect(again.version == first.version && again.plan === first.plan)
    #expect(sent.withLock { $0.map { $0.contains("document") } } == [true, false])

    await connection.record(nil)
    try await Self.apply(0, more: "# changed\n", shard, on: connection)
    let changed = try #require(try await cache.read(Self.shop(0), shard: shard, on: connection))
    #expect(changed.version > first.version && changed.plan !== first.plan)
    #expect(cache.remembered(Self.shop(0))?.version == changed.version)
  }

  @Test func aShopThatIsGoneIsForgotten() async throws {
    let (connection, shard) = try await Self.store(1, "gone")
    let cache = ConfigurationCache()
    _ = try await cache.read(Self.shop(0), shard: shard, on: connection)
    try await connection.send("DEL", shard.shop(Self.shop(0)).config)
    #expect(try await cache.read(Self.shop(0), shard: shard, on: connection) == nil)
    #expect(cache.remembered(Self.shop(0)) == nil)
  }

  /// Each of the documents has 27 bytes.
  @Test(arguments: [(limit: 3, mostBytes: 1_000), (limit: 100, mostBytes: 100)])
  func neitherMoreShopsNorMoreBytesAreRememberedThanThereIsRoomFor(limit: Int, mostBytes: Int) async throws {
    let (connection, shard) = try await Self.store(8, "bound\(limit)")
    let cache = ConfigurationCache(limit: limit, mostBytes: mostBytes)
    for number in 0..<8 {
      #expect(try await cache.read(Self.shop(number), shard: shard, on: connection) != nil)
      #expect(cache.remembered(Self.shop(number)) != nil)
      #expect((0..<8).count { cache.remembered(Self.shop($0)) != nil } == min(number + 1, 3))
    }
  }

  @Test func aShopLargerThanAllRoomIsRememberedAlone() async throws {
    let (connection, shard) = try await Self.store(2, "large")
    let cache = ConfigurationCache(mostBytes: 10)
    for number in 0..<2 { _ = try await cache.read(Self.shop(number), shard: shard, on: connection) }
    #expect((0..<2).map { cache.remembered(Self.shop($0)) != nil } == [false, true])
  }
}
