import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// Nothing grows without a bound.
@Suite(.redis) struct BoundTests {
  @Test func aGatewayThatTakesNothingLosesItsOldestCommands() async throws {
    try await TestShop.run { shop, _ in
      let outbox = shop.store.shard.outbox(TestShop.gateway)
      try Self.fill(shop, outbox, 100_000)
      try shop.open("c")
      #expect(try shop.redis("LLEN", outbox).integer == 100_000)
      #expect(try shop.redis("LINDEX", outbox, "0").text == "3")
      #expect(try shop.redis("LINDEX", outbox, "-2").text?.contains("conversation.queued") == true)
      #expect(try shop.redis("LINDEX", outbox, "-1").text?.contains("conversation.reply") == true)
      // Nothing goes silently.
      #expect(try shop.redis("HGET", shop.store.shard.dropped, "w").integer == 2)
      try shop.open("d")
      #expect(try shop.redis("HGET", shop.store.shard.dropped, "w").integer == 4)
    }
  }

  @Test func theOldestDeadLettersBeyondTenThousandGo() async throws {
    try await TestShop.run { shop, _ in
      try Self.fill(shop, shop.store.shard.dead, 10_000)
      try shop.status("never")
      #expect(try shop.redis("LLEN", shop.store.shard.dead).integer == 10_000)
      #expect(try shop.redis("LINDEX", shop.store.shard.dead, "0").text == "2")
      #expect(
        try shop.redis("LINDEX", shop.store.shard.dead, "-1").text?.contains("never is not known") == true)
    }
  }

  @Test func aPartitionRemembersAboutAThousandSources() async throws {
    try await TestShop.run { shop, _ in
      try shop.open("c")
      func speak(_ source: Int) throws -> CommitReply {
        shop.store.now += 1
        var event = Event(
          shop: shop.store.shop,
          kind: .message(conversation: ConversationID(unchecked: "c"), from: .customer, text: nil, agent: nil)
        )
        event.source = SourceID(unchecked: "source\(source)")
        event.n = 1
        return try shop.send(event)
      }
      for source in 1...1_100 { _ = try speak(source) }
      let fields = try shop.redis("HKEYS", shop.store.shard.lease(0)).array?.compactMap(\.text) ?? []
      let sources = Set(fields.filter { $0.hasPrefix("s:") })
      #expect((768...1_026).contains(sources.count), "\(sources.count)")
      // Those who spoke last are remembered.
      #expect((501...1_100).allSatisfy { sources.contains("s:source\($0)") })
      #expect(try speak(1_100) == .duplicate)
      #expect(try speak(1) == .committed)
    }
  }

  @Test func factsThatNobodyFoldsAreFoldedByACommitThatFindsTenThousand() async throws {
    try await TestShop.run { shop, _ in
      try shop.open("c")
      let facts = shop.store.shard.facts
      #expect(try shop.redis("LLEN", facts).integer == 1)
      let script =
        "local e = redis.call('LINDEX', KEYS[1], 0) for i = 2, 10000 do redis.call('RPUSH', KEYS[1], e) end"
      try shop.redis("EVAL", script, "1", facts)
      try shop.open("d")
      #expect(try shop.redis("LLEN", facts).integer == 10_001 - 200)
      // Folded, not dropped.
      #expect(try shop.redis("KEYS", shop.store.shard.tag + ":s:stats:*").array?.isEmpty == false)
    }
  }

  @Test func ofTheAgentsACustomerDoesNotWantTheLastSixteenAreRemembered() async throws {
    let agents = (10...29).map { "a\($0)" }
    let configuration = ShopConfiguration.plain(agents: [:]) { shop in
      for agent in agents { shop.set(agent, 1, ["g"]) }
    }
    try await TestShop.run(configuration) { shop, _ in
      for agent in agents {
        try shop.online(agent)
        try shop.open("c-" + agent, level: 1, customer: "u")
        try shop.play(.rate(conversation: ConversationID(unchecked: "c-" + agent), score: 1, comment: nil))
        try shop.close("c-" + agent)
        try shop.pause(agent)
      }
      let avoided = try shop.value("customer u", "avoid")?.split(separator: ",").map(String.init)
      #expect(avoided == agents.suffix(16))
    }
  }

  @Test func noTimerOutlivesWhatItWasFor() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      for number in 0..<30 {
        try shop.open("c\(number)")
        try shop.say("c\(number)", .agent)
        try shop.close("c\(number)")
      }
      try shop.pass(3_600_000)
      let due = (try shop.redis("ZRANGE", shop.store.shard.due, "0", "-1").array ?? []).compactMap(\.text)
      #expect(due.filter { $0.contains(":c") } == [])
    }
  }

  @Test func aBoundedPushIsRefusedWhenThePartitionIsFull() async throws {
    try await TestShop.run { shop, connection in
      let tag = shop.store.shard.tag
      try Self.fill(shop, shop.store.shard.inbox(0), 99_999)
      #expect(try connection.call("fl_push", keys: [tag], arguments: ["0", "{}"]).text == "OK")
      #expect(try connection.call("fl_push", keys: [tag], arguments: ["0", "{}"]).text == "FULL")
      #expect(try shop.redis("LLEN", shop.store.shard.inbox(0)).integer == 100_000)
      try shop.redis("HSET", shop.store.shard.settings, "inbox_limit", "100001")
      #expect(try connection.call("fl_push", keys: [tag], arguments: ["0", "{}"]).text == "OK")
      #expect(throws: RedisError.self) {
        try connection.call("fl_push", keys: [tag], arguments: ["1", "{}"])
      }
      #expect(throws: RedisError.self) {
        try connection.call("fl_push", keys: [tag], arguments: ["00", "{}"])
      }
    }
  }

  @Test func retentionSetsATimeToLive() async throws {
    let configuration = ShopConfiguration.plain {
      $0.retention.conversations = .hours(1)
      $0.retention.customers = .hours(2)
    }
    try await TestShop.run(configuration) { shop, _ in
      let tag = shop.store.shard.tag
      try shop.online("a")
      try shop.open("c", level: 1)
      #expect(try shop.redis("PTTL", tag + ":s:conv:c").integer == -1)
      try shop.close("c")
      let conversation = try shop.redis("PTTL", tag + ":s:conv:c").integer ?? 0
      #expect((3_500_000...3_600_000).contains(conversation))
      let customer = try shop.redis("PTTL", tag + ":s:customer:u-c").integer ?? 0
      #expect((7_100_000...7_200_000).contains(customer))
      // A rating after the end does not keep the record for ever.
      try shop.play(.rate(conversation: ConversationID(unchecked: "c"), score: 2, comment: nil))
      #expect(try shop.redis("PTTL", tag + ":s:conv:c").integer ?? -1 > 0)
    }
  }

  @Test func aCustomerSeenAgainIsKeptOnThoughNothingIsNew() async throws {
    try await TestShop.run { shop, _ in
      let key = shop.store.shard.tag + ":s:customer:u"
      try shop.open("c", level: 1, customer: "u")
      try shop.redis("PEXPIRE", key, "1000")
      try shop.open("d", level: 1, customer: "u")
      #expect(try shop.redis("PTTL", key).integer ?? 0 > 1_000)
      #expect(try shop.value("customer u", "revision") == "1")
    }
  }

  /// Fills a list with 1, 2, 3 …
  private static func fill(_ shop: TestShop, _ key: String, _ count: Int) throws {
    let script = "for i = 1, tonumber(ARGV[1]) do redis.call('RPUSH', KEYS[1], i) end"
    try shop.redis("EVAL", script, "1", key, String(count))
  }
}
