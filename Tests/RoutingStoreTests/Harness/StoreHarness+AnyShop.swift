import HiredisClient
import RoutingStore
import TestSupport
import Testing

extension StoreHarness {
  /// Plays 250 events of a random shop, under the prefix `fl:SEED:`, with changes of its configuration: nearly every
  /// function is called. In the end all guarantees hold and the lease is free.
  static func playAnyShop(_ seed: UInt64, on connection: isolated RedisConnection) throws {
    var random = SeededGenerator(seed: seed)
    let shop = RandomShop(&random)
    var events = RandomEvents(shop)
    var configuration = shop.configuration(&random)
    let store = try StoreHarness(configuration.parsed(), prefix: "fl:\(seed):", on: connection)
    for index in 1...250 {
      if index % 40 == 0 {
        configuration = shop.changed(configuration, &random)
        try store.apply(configuration.parsed(), on: connection)
        try store.settleAll(on: connection)
      }
      store.now += Int64(random.below(20_000))
      try store.tick(on: connection)
      try store.play(events.next(&random), on: connection)
    }
    #expect(try store.violations(on: connection) == [])
    try Leases.release(store.fence, shard: store.shard, on: connection)
  }
}
