import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// The store works on a cluster: a function that strayed from the slot of its shard would be refused there.
/// `FENLIU_TEST_CLUSTER=1 swift test --filter RoutingStoreTests` runs everything else on one, too.
@Suite(.redis(RedisServer.Options(isWholeCluster: true))) struct OneSlotTests {
  @Test(arguments: 1...4) func allKeysOfAShardLieInItsSlot(_ seed: UInt64) async throws {
    try await StoreHarness.playAnyShop(seed, on: RedisServer.required().connected())
  }

  /// The server does what this suite relies on.
  @Test func aFunctionThatStraysIsRefused() async throws {
    let connection = try await RedisServer.required().connected()
    let library = RedisLibrary(
      name: "stray",
      code: """
        #!lua name=stray
        redis.register_function('stray', function(keys)
          redis.call('SET', keys[1] .. ':a', '1')
          return redis.call('GET', 'fl:{1}:a')
        end)
        """)
    try await connection.load(library)
    let error = await #expect(throws: RedisError.self) {
      try await connection.call("stray", keys: ["fl:{0}"])
    }
    #expect("\(String(describing: error))".contains("do not hash to the same slot"))
  }

  /// In a cluster a move is safe only as long as the functions' declared key is missing.
  @Test func aKeyUnderTheTagItselfIsComplainedOf() async throws {
    let connection = try await RedisServer.required().connected()
    try await Functions.load(on: connection)
    try await connection.send("SET", "own:{0}", "x")
    let found = try await connection.send("FCALL_RO", "fl_check", "1", "own:{0}").array ?? []
    #expect(found.first?.text?.hasPrefix("the key own:{0} exists") == true)
  }
}
