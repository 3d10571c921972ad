import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// What people see at `redis-cli`, and that shops of one shard do not see each other.
@Suite(.redis) struct PeopleTests {
  @Test func theQueueIsListedInItsOrder() async throws {
    try await TestShop.run { shop, redis in
      try shop.open("ordinary")
      try shop.open("vip", level: 5)
      let reply = try redis.call(
        "fl_queue", keys: [shop.store.shard.tag], arguments: ["s", "g"], readOnly: true)
      let rows = reply.array?.compactMap(\.array) ?? []
      #expect(rows.map { $0[0].integer } == [1, 2])
      #expect(rows.map { $0[1].text } == ["vip", "ordinary"])
      #expect(rows.map { $0[2].integer } == [5, 0])
    }
  }

  @Test func agentsAndGroupsAreListedWithTheirNumbers() async throws {
    try await TestShop.run(.plain(groups: ["g", "h"], agents: ["a": 2])) { shop, redis in
      try shop.online("a")
      try shop.open("c")
      let tag = shop.store.shard.tag
      let agents = try redis.call("fl_agents", keys: [tag], arguments: ["s", "h"], readOnly: true)
      #expect(
        agents
          == .array([
            .array([
              .bulk(Array("a".utf8)), .bulk(Array("online".utf8)), .integer(1), .integer(2),
              .bulk(Array("g h".utf8)), .integer(0),
            ])
          ]))
      let groups = try redis.call("fl_groups", keys: [tag], arguments: ["s"], readOnly: true).array ?? []
      #expect(groups.compactMap(\.array).map { $0[0].text } == ["g", "h"])
      #expect(groups.compactMap(\.array).map { $0[3].integer } == [2, 2])
      let record = try redis.call("fl_conversation", keys: [tag], arguments: ["s", "c"], readOnly: true)
      #expect(record.array?.compactMap(\.text).contains("active") == true)
      #expect(throws: RedisError.self) {
        try redis.call("fl_agents", keys: [tag], arguments: ["unknown"], readOnly: true)
      }
    }
  }

  @Test func outboxesAreListedWithWhatNobodyTookTheLongestFirst() async throws {
    try await TestShop.run { shop, redis in
      try shop.online("a", gateway: "desk")
      try shop.open("c")
      try shop.status("c")
      try shop.redis("HSET", shop.store.shard.dropped, "desk", "7")
      let reply = try redis.call("fl_outboxes", keys: [shop.store.shard.tag], arguments: [], readOnly: true)
      let rows = reply.array?.compactMap(\.array) ?? []
      #expect(rows.map { $0[0].text } == ["w", "desk"])
      #expect(rows.map { $0[1].integer } == [2, 1])
      #expect(rows.map { $0[2].integer } == [2, 1])
      #expect(rows.map { $0[3].integer } == [0, 7])
      let first = try redis.call(
        "fl_outboxes", keys: [shop.store.shard.tag], arguments: ["1"], readOnly: true)
      #expect(first.array?.count == 1)
    }
  }

  @Test func whatIsToldOfACustomerIsRememberedAndNotStoredTwice() async throws {
    try await TestShop.run { shop, redis in
      let customer = Event.Customer(
        id: CustomerID(unchecked: "u"), name: "李", vip: true, level: 3, tags: ["老客"],
        attributes: ["city": .text("杭州"), "orders": .number(20)])
      for conversation in ["c", "d"] {
        let opening = Event.Open(
          conversation: ConversationID(unchecked: conversation), customer: customer,
          gateway: GatewayID(unchecked: "w"))
        try shop.play(.open(opening), gateway: "w")
      }
      var read = RedisPipeline()
      read.appendRead(of: customer.id, shop: ShopID(unchecked: "s"), shard: shop.store.shard)
      let reply = try redis.pipeline(read).first ?? .null
      #expect(
        StoredCustomer(reply: reply)
          == StoredCustomer(
            name: "李", vip: true, level: 3, tags: ["老客"],
            attributes: ["city": .text("杭州"), "orders": .number(20)], revision: 1))
    }
  }

  @Test func anotherShopOfTheShardIsLeftAlone() async throws {
    try await TestShop.run { shop, redis in
      var other = ShopConfiguration.plain(agents: ["a": 5])
      other.shop = ShopID(unchecked: "t")
      let outcome = try Configurations.apply(other, document: "t", shard: shop.store.shard, on: redis)
      #expect(outcome == .applied(version: 2))
      let before = try Keyspace.read(shop.store.shard.shop(other.shop).base, on: redis)
      try shop.online("a")
      try shop.open("c")
      try shop.offline("a")
      try shop.pass(60_000)
      #expect(try shop.places == ["c waiting g"])
      #expect(try Keyspace.read(shop.store.shard.shop(other.shop).base, on: redis) == before)
    }
  }
}
