import Foundation
import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// What a function leaves in the audit.
@Suite(.redis) struct AuditTests {
  /// Entries as objects, oldest first.
  private static func entries(_ shop: TestShop) throws -> [[String: Any]] {
    let rows = try shop.redis("LRANGE", shop.store.shard.audit, "0", "-1").array ?? []
    return try rows.map { row in
      let text = String(decoding: row.bytes ?? [], as: UTF8.self)
      return try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }
  }

  private static func keep(_ shop: TestShop, _ count: Int) throws {
    try shop.redis("HSET", shop.store.shard.lease(0), "audit", String(count))
  }

  @Test func withoutAnAuditNothingIsKept() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try shop.open("c")
      try shop.pass(120_000)
      #expect(try shop.redis("EXISTS", shop.store.shard.audit).integer == 0)
      #expect(try shop.redis("EXISTS", shop.store.shard.audited).integer == 0)
      try shop.redis("HSET", shop.store.shard.lease(0), "audit", "no number")
      try shop.close("c")
      #expect(try shop.redis("EXISTS", shop.store.shard.audit).integer == 0)
    }
  }

  @Test func anOpeningTellsWhoForWhichEventAndEveryWrite() async throws {
    try await TestShop.run { shop, _ in
      try shop.online("a")
      try Self.keep(shop, 100)
      let position = shop.store.position
      try shop.open("c")
      let entry = try #require(try Self.entries(shop).last)
      #expect(entry["i"] as? Int == 1)
      #expect(entry["k"] as? String == "conversation_open")
      #expect(entry["r"] as? String == "committed")
      #expect(entry["p"] as? Int == 0 && entry["o"] as? String == "harness" && entry["e"] as? Int == 1)
      #expect(entry["pos"] as? Int64 == position)
      #expect(entry["at"] as? Int64 == shop.store.now)
      let event = try #require(entry["event"] as? String)
      #expect(event.contains(#""conversation.open""#))
      #expect(entry["bytes"] as? Int == event.utf8.count)
      let writes = try #require(entry["w"] as? [[String]])
      let tag = shop.store.shard.tag
      #expect(writes.contains(["LPOP", tag + ":in:0"]))
      #expect(writes.contains { $0.prefix(2) == ["HSET", tag + ":s:conv:c"] && $0.contains("active") })
      #expect(writes.contains { $0[0] == "RPUSH" && $0[1] == tag + ":out:w" && $0[2].hasPrefix(#"{"seq":"#) })
      #expect(writes.last?.prefix(2) == ["RPUSH", tag + ":facts"])
      // Nothing that the audit itself does, and nothing that only looks.
      #expect(writes.allSatisfy { !$0[1].hasSuffix(":audit") && !$0[1].hasSuffix(":audited") })
      #expect(Set(writes.map { $0[0] }).isDisjoint(with: ["HGETALL", "HMGET", "ZRANGE", "ZCARD", "HGET"]))
    }
  }

  @Test func aRepeatLeavesAnEntryAndARefusalNone() async throws {
    try await TestShop.run { shop, connection in
      try Self.keep(shop, 100)
      var event = Event(
        shop: shop.store.shop, kind: .customerForget(customer: CustomerID(unchecked: "u")))
      event.source = SourceID(unchecked: "s")
      event.n = 7
      try shop.send(event)
      try shop.send(event)
      let found = try Self.entries(shop)
      #expect(found.map { $0["r"] as? String } == ["committed", "duplicate"])
      #expect(found.allSatisfy { $0["s"] as? String == "s" && $0["n"] as? Int == 7 && $0["event"] != nil })
      #expect((found[1]["w"] as? [[String]])?.map { $0[0] } == ["LPOP", "HSET"])
      // The lease has passed on; the position is another one: nothing was written, nothing is told.
      let fence = Fence(owner: "other", epoch: 1, partition: 0)
      #expect(try Leases.release(fence, shard: shop.store.shard, on: connection) == false)
      #expect(
        try Leases.attempt(
          shop.store.fence, position: 99, count: 1, shard: shop.store.shard, on: connection) == false)
      #expect(try Self.entries(shop).count == 2)
    }
  }

  @Test func leasesTimersAndConfigurationsLeaveEntriesOfTheirOwn() async throws {
    try await TestShop.run { shop, connection in
      try Self.keep(shop, 100)
      #expect(
        try Leases.attempt(
          shop.store.fence, position: shop.store.position, count: 1, shard: shop.store.shard, on: connection))
      try shop.store.apply(.plain(agents: ["a": 1, "b": 1]), on: connection)
      try shop.store.settleAll(on: connection)
      shop.store.now += 120_000
      try shop.store.tick(on: connection)
      let found = try Self.entries(shop)
      let kinds = found.map { $0["k"] as? String ?? "?" }
      #expect(kinds.first == "lease_attempt")
      #expect(kinds.contains("config_apply") && kinds.contains("group_configure"))
      #expect(kinds.contains("config_settled"))
      let timers = found.filter { $0["k"] as? String == "timer" }
      #expect(timers.map { $0["timer"] as? String } == ["mend:s:g"])
      #expect(timers.allSatisfy { $0["r"] as? String == "fired" })
      #expect(found.map { $0["i"] as? Int ?? 0 } == Array(1...found.count))
    }
  }

  @Test func aTimerThatFailsTellsSoAndWhenItIsTriedAgain() async throws {
    try await TestShop.run { shop, connection in
      try shop.online("a")
      try shop.offline("a")
      try Self.keep(shop, 100)
      // It holds a conversation that there is not.
      let agent = shop.store.shard.tag + ":s:agent:a"
      try shop.redis("ZADD", agent + ":open", "1", "ghost")
      try shop.redis("HSET", agent, "offline_at", "1")
      try shop.redis("ZADD", shop.store.shard.due, "1", "grace:s:a")
      let reply = try Tick.fire(
        shop.store.fence, now: Moment(shop.store.now), limit: 1, newerThan: 0, shard: shop.store.shard,
        on: connection)
      guard case .ticked(_, _, _, let failures, _) = reply else {
        throw StoreHarness.Stuck(event: "tick", reply: "\(reply)")
      }
      #expect(failures.count == 1)
      let entry = try #require(try Self.entries(shop).first)
      #expect(entry["timer"] as? String == "grace:s:a")
      #expect((entry["r"] as? String)?.hasPrefix("failed ") == true)
      let again = String(shop.store.now + 60_000)
      #expect(entry["w"] as? [[String]] == [["ZADD", shop.store.shard.due, again, "grace:s:a"]])
    }
  }

  @Test func noMoreThanTheBoundIsKeptAndTheNumbersShowWhatWent() async throws {
    try await TestShop.run { shop, _ in
      try Self.keep(shop, 5)
      try shop.open("c")
      for _ in 1...10 { try shop.say("c", .customer) }
      #expect(try Self.entries(shop).map { $0["i"] as? Int } == [7, 8, 9, 10, 11])
      // A smaller bound comes into force with the next entry.
      try Self.keep(shop, 2)
      try shop.say("c", .customer)
      #expect(try Self.entries(shop).map { $0["i"] as? Int } == [11, 12])
    }
  }

  @Test func ofALongEventTheBeginningIsKeptAndItsLengthTold() async throws {
    try await TestShop.run { shop, _ in
      try Self.keep(shop, 5)
      let text = String(repeating: "x", count: 3_000)
      let event = Event(
        shop: shop.store.shop,
        kind: .message(
          conversation: ConversationID(unchecked: "never"), from: .customer, text: text, agent: nil))
      try shop.send(event)
      let entry = try #require(try Self.entries(shop).last)
      #expect((entry["event"] as? String)?.utf8.count == 1_024)
      #expect(entry["bytes"] as? Int == event.json.utf8.count)
    }
  }

  @Test func aFunctionAfterOneThatFailedStartsClean() async throws {
    try await TestShop.run { shop, connection in
      try shop.online("a")
      try Self.keep(shop, 100)
      // The record is not what it should be: the function fails while its writes are noted.
      try shop.redis("HDEL", shop.store.shard.tag + ":s:agent:a", "groups")
      #expect(throws: (any Error).self) { try shop.pause("a") }
      #expect(try Self.entries(shop).isEmpty)
      try shop.redis("HDEL", shop.store.shard.lease(0), "audit")
      #expect(try Leases.release(shop.store.fence, shard: shop.store.shard, on: connection))
      #expect(try Self.entries(shop).isEmpty)
    }
  }
}
