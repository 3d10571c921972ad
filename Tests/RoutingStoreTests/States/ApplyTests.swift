import HiredisClient
import Routing
import TestSupport
import Testing

@testable import RoutingStore

/// A configuration comes into force in pieces: whatever happens between them, the old one holds until the new one does.
@Suite(.redis) struct ApplyTests {
  private static let one = ShopConfiguration.plain(agents: ["a": 1])
  private static let two = ShopConfiguration.plain(groups: ["g", "h"], agents: [:]) {
    $0.set("a", 2, ["g"])
    $0.set("b", 1, ["h"])
  }

  private static func prepared(_ configuration: ShopConfiguration, _ document: String, _ shop: TestShop)
    -> PreparedConfiguration
  {
    PreparedConfiguration(configuration, document: document, shard: shop.store.shard)
  }

  /// Everything of the shop that is not the way of a configuration into force.
  private static func seen(_ shop: TestShop) throws -> [String] {
    try shop.look().lines.filter { !$0.hasPrefix("unknown key") && !$0.hasPrefix("group h") }
  }

  /// All keys with all that is in them; in order, since Redis has none for the fields of a hash.
  private static func everything(
    _ shop: TestShop, on connection: isolated RedisConnection
  ) throws -> [String] {
    try StoredKey.all(of: shop.store.shard, on: connection).map {
      "\($0.name) \($0.words.sorted().joined(separator: " "))"
    }
  }

  @Test func whoStopsBeforeTheLastStepLeavesTheOldOneInForce() async throws {
    try await TestShop.run(Self.one) { shop, connection in
      try shop.online("a")
      for number in 1...3 { try shop.open("c\(number)") }
      let before = try Self.seen(shop)
      let version = try Configurations.version(of: shop.store.shop, shard: shop.store.shard, on: connection)
      let torn = Self.prepared(Self.two, "torn", shop)
      try torn.write(on: connection)
      #expect(try Self.seen(shop) == before)
      #expect(try torn.prepare(under: "\(version ?? 0)", on: connection))
      #expect(try Self.seen(shop) == before)

      // Events go on under the old one, timers too, and nobody takes the group to come for one that is there.
      try shop.close("c1")
      try shop.open("c4")
      try shop.pass(120_000)
      #expect(try shop.places == ["c2 a", "c3 waiting g", "c4 waiting g"])
      try shop.open("d", group: "h")
      #expect(try shop.line("conv d") == nil)
      #expect(
        try Configurations.read(shop.store.shop, shard: shop.store.shard, on: connection)?.version == version)
      #expect(try shop.violations == [])
    }
  }

  @Test func whatATornOneLeftGoesByItselfOrWithTheNext() async throws {
    try await TestShop.run(Self.one) { shop, connection in
      let keys = shop.store.shard.shop(shop.store.shop)
      let torn = Self.prepared(Self.two, "torn", shop)
      try torn.write(on: connection)
      let left = try connection.send("PTTL", keys.configToCome(torn.token)).integer ?? 0
      #expect((1...Int64(PreparedConfiguration.timeToLive)).contains(left))
      #expect(try torn.prepare(under: "1", on: connection))
      #expect(try connection.send("EXISTS", keys.group(GroupID(unchecked: "h"))).integer == 1)

      // The keeper of the one in force does not take away what another may be about to need.
      try shop.store.settleAll(on: connection)
      #expect(try connection.send("EXISTS", keys.group(GroupID(unchecked: "h"))).integer == 1)
      try shop.apply(.plain(agents: ["a": 3]))
      #expect(try connection.send("EXISTS", keys.group(GroupID(unchecked: "h"))).integer == 0)
      #expect(try connection.send("ZRANGE", keys.groups, "0", "-1").array?.compactMap(\.text) == ["g"])
      #expect(try connection.send("HEXISTS", keys.group(GroupID(unchecked: "g")), "under").integer == 0)
      #expect(try connection.send("PTTL", keys.config).integer == -1)
    }
  }

  @Test func ofTwoAtOnceOneIsBeforeTheOther() async throws {
    try await TestShop.run(Self.one) { shop, connection in
      let first = Self.prepared(Self.two, "first", shop)
      let second = Self.prepared(.plain(agents: ["c": 1]), "second", shop)
      try first.write(on: connection)
      try second.write(on: connection)
      #expect(try first.prepare(under: "1", on: connection))
      #expect(try second.prepare(under: "1", on: connection))
      #expect(try first.enforce(over: "1", on: connection) == .applied(2))
      // What it was prepared for is past: it changes nothing, and begins again.
      let before = try Self.everything(shop, on: connection)
      #expect(try second.enforce(over: "1", on: connection) == .moved)
      #expect(try second.prepare(under: "1", on: connection) == false)
      #expect(try Self.everything(shop, on: connection) == before)
      #expect(try second.prepare(under: "2", on: connection))
      #expect(try second.enforce(over: "2", on: connection) == .applied(3))
      let stored = try Configurations.read(shop.store.shop, shard: shop.store.shard, on: connection)
      #expect(stored?.document == "second" && stored?.version == 3)
      // Neither's document is left anywhere else.
      let keys = shop.store.shard.shop(shop.store.shop)
      for token in [first.token, second.token] {
        #expect(try connection.send("EXISTS", keys.configToCome(token)).integer == 0)
      }
    }
  }

  @Test func aDocumentThatIsNotAllThereDoesNotComeIntoForce() async throws {
    try await TestShop.run(Self.one) { shop, connection in
      let late = Self.prepared(Self.two, String(repeating: "x", count: DocumentParts.size + 1), shop)
      try late.write(on: connection)
      #expect(try late.prepare(under: "1", on: connection))
      let key = shop.store.shard.shop(shop.store.shop).configToCome(late.token)
      try connection.send("HDEL", key, "document:2")
      let before = try Self.everything(shop, on: connection)
      #expect(try late.enforce(over: "1", on: connection) == .gone)
      try connection.send("DEL", key)
      #expect(try late.enforce(over: "1", on: connection) == .gone)
      #expect(try Self.everything(shop, on: connection).count == before.count - 1)
      try late.write(on: connection)
      #expect(try late.enforce(over: "1", on: connection) == .applied(2))
    }
  }

  @Test func theNextEventIsUnderTheNewOneAlsoInAGroupThatWasSetAsideTwice() async throws {
    try await TestShop.run(Self.one) { shop, connection in
      try shop.online("a")
      // Neither is settled: the records of the groups are marked twice.
      try shop.apply(Self.two, settled: false)
      try shop.apply(Self.two, settled: false)
      try shop.open("c", group: "h")
      #expect(try shop.value("conv c", "group") == "h")
      try shop.apply(Self.one, settled: false)
      try shop.open("d", group: "h")
      #expect(try shop.line("conv d") == nil)
      try shop.store.settleAll(on: connection)
      #expect(try shop.places.contains("c waiting g") || shop.places.contains("c a"))
      #expect(try shop.line("group h") == nil)
      #expect(try shop.violations == [])
    }
  }

  @Test func aGroupThatIsGoneAndComesBackKeepsWhoWaits() async throws {
    try await TestShop.run(Self.two) { shop, connection in
      try shop.open("c", group: "h")
      try shop.apply(.plain(agents: ["a": 1]), settled: false)
      // Prepared while the group is on its way out: its record must not go meanwhile.
      let back = Self.prepared(Self.two, "back", shop)
      try back.write(on: connection)
      #expect(try back.prepare(under: "\(shop.store.version)", on: connection))
      try shop.store.settleAll(on: connection)
      #expect(
        try back.enforce(over: "\(shop.store.version)", on: connection) == .applied(shop.store.version + 1))
      let group = shop.store.shard.shop(shop.store.shop).group(GroupID(unchecked: "h"))
      #expect(try connection.send("EXISTS", group).integer == 1)
    }
  }

  @Test func whatEventsWroteIntoTheShopsRecordStays() async throws {
    try await TestShop.run(Self.one) { shop, connection in
      try shop.emergency(true, notice: "storm")
      try shop.apply(Self.two, settled: false)
      let key = shop.store.shard.shop(shop.store.shop).config
      let fields = try connection.send("HMGET", key, "emergency", "emergency_notice", "settled").array
      #expect(fields?.map(\.text) == ["1", "storm", "1"])
    }
  }

  // MARK: Long ones

  @Test func aLongDocumentIsKeptInPartsAndReadWhole() async throws {
    try await TestShop.run(Self.one) { shop, connection in
      // Three bytes each, so that a cut in the middle of one would show.
      let long = String(repeating: "客", count: DocumentParts.size)
      let keys = shop.store.shard
      #expect(
        try Configurations.apply(Self.two, document: long, shard: keys, on: connection)
          == .applied(version: 2))
      #expect(
        try Configurations.apply(Self.two, document: long, shard: keys, on: connection)
          == .unchanged(version: 2))
      #expect(try Configurations.read(shop.store.shop, shard: keys, on: connection)?.document == long)
      let lengths = try connection.send("HVALS", keys.shop(shop.store.shop).config).array?.compactMap(
        \.bytes?.count)
      #expect((lengths?.max() ?? .max) <= DocumentParts.size)
      // A shorter one leaves nothing of it.
      let short = String(repeating: "x", count: long.utf8.count / 3)
      #expect(
        try Configurations.apply(Self.one, document: short, shard: keys, on: connection)
          == .applied(version: 3))
      #expect(try Configurations.read(shop.store.shop, shard: keys, on: connection)?.document == short)
      #expect(try connection.send("HEXISTS", keys.shop(shop.store.shop).config, "document:2").integer == 0)
    }
  }

  @Test(arguments: [
    0, 1, DocumentParts.size - 1, DocumentParts.size, DocumentParts.size + 1, 3 * DocumentParts.size,
  ])
  func partsHaveTheirSizeAndMakeUpTheWhole(_ bytes: Int) {
    let document = String(repeating: "x", count: bytes)
    let parts = DocumentParts.split(document)
    #expect(parts.count == max(1, (bytes + DocumentParts.size - 1) / DocumentParts.size))
    #expect(parts.allSatisfy { $0.count <= DocumentParts.size })
    #expect(String(decoding: parts.joined(), as: UTF8.self) == document)
  }

  @Test func agentsAndGroupsAreListedPageByPage() async throws {
    try await TestShop.run { shop, connection in
      let names = (0..<(2 * Listing.page)).map { "agent\($0)" }
      let key = shop.store.shard.shop(shop.store.shop).agents
      try connection.send(["ZADD", key] + names.flatMap { ["0", $0] })
      #expect(try Listing.all(key, on: connection) == names.sorted())
      try connection.send("ZADD", key, "0", "one more")
      #expect(try Listing.all(key, on: connection).count == names.count + 1)
      #expect(try Listing.all(key + "none", on: connection) == [])
    }
  }
}

/// What one call does has a bound that is the same for a shop of any size. One after the other: they count all that
/// their server does.
@Suite(.redis, .serialized) struct ApplyCallTests {
  @Test func noCallOfAnApplyGrowsWithTheGroups() async throws {
    let most = 2 * PreparedConfiguration.groupsAtOnce + 1
    let many = ShopConfiguration.plain(groups: (0..<most).map { "g\($0)" }, agents: [:])
    try await TestShop.run { shop, connection in
      let prepared = PreparedConfiguration(many, document: "many", shard: shop.store.shard)
      try prepared.write(on: connection)
      // Outside of functions: three of the calls below. Within: for each call one look, and four commands for a group.
      try connection.send("CONFIG", "RESETSTAT")
      #expect(try prepared.prepare(under: "1", on: connection))
      let prepares = try StoreHarness.calls(on: connection, withFunctions: true)
      #expect(prepares["fcall"] == 3)
      #expect(prepares["zadd"] == most + 1)
      #expect(prepares["hset"] == most + 1)
      #expect(prepares["hget", default: 0] <= 1 + 2 * 3)
      try connection.send("CONFIG", "RESETSTAT")
      #expect(try prepared.enforce(over: "1", on: connection) == .applied(2))
      let flip = try StoreHarness.calls(on: connection)
      #expect(flip.values.reduce(0, +) <= 10, "\(flip)")
    }
  }
}
