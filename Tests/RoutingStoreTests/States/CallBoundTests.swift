import HiredisClient
import Proving
import Routing
import TestSupport
import Testing

@testable import RoutingStore

/// Nobody waits long for Redis: what one call does has a bound, however much there is to do. One after the other, since
/// they count all that their server does.
@Suite(.redis, .serialized) struct CallBoundTests {
  @Test func aTickEndsBeforeItKeepsOthersWaitingAndTheNextGoesOn() async throws {
    let all = 60
    try await TestShop.run(.plain(agents: ["a": all])) { shop, connection in
      try shop.online("a")
      for number in 0..<all {
        try shop.open("c\(number)")
        try shop.say("c\(number)", .agent)
      }
      try shop.store.foldFacts(on: connection)
      shop.store.now += 700_000
      var fired: [Int] = []
      var next: Moment? = Moment(0)
      while let due = next, due.rawValue <= shop.store.now {
        try connection.send("CONFIG", "RESETSTAT")
        let reply = try Tick.fire(
          shop.store.fence, now: Moment(shop.store.now), limit: 64, newerThan: 0, shard: shop.store.shard,
          on: connection)
        let calls = try StoreHarness.calls(on: connection).values.reduce(0, +)
        guard case .ticked(let count, let due, _, let failures, _) = reply, failures.isEmpty else {
          throw StoreHarness.Stuck(event: "tick", reply: "\(reply)")
        }
        #expect(calls <= 700, "\(count) timers")
        fired.append(count)
        next = due
      }
      // All of them, the group's own besides, and never all at once.
      #expect(fired.reduce(0, +) >= all)
      #expect((fired.max() ?? 0) < all)
      #expect(try shop.places.isEmpty)
      #expect(try shop.violations == [])
    }
  }

  /// As many agents come at once as nobody would put into one call: it stops, and what it left goes on from there.
  @Test func aCallOfManyEventsStopsWhenItHasDoneEnough() async throws {
    let names = (100..<160).map { "a\($0)" }
    let configuration = ShopConfiguration.plain(agents: [:]) { shop in
      for name in names { shop.set(name, 2, ["g"]) }
    }
    try await TestShop.run(configuration) { shop, connection in
      let shard = shop.store.shard
      var rest = names[...]
      var rounds = 0
      for name in names {
        let event = Self.online(name, shop)
        try connection.send("RPUSH", shard.inbox(0), event.json)
      }
      while !rest.isEmpty {
        var call = CommitCall(shard: shard, header: shop.store.header())
        for name in rest {
          let event = Self.online(name, shop)
          let decision = decide(event, Snapshot(), under: shop.store.plan, at: Moment(shop.store.now))
          call.append(decision, of: event, version: shop.store.version)
        }
        try connection.send("CONFIG", "RESETSTAT")
        let replies = try call.replies(on: connection)
        let calls = try StoreHarness.calls(on: connection).values.reduce(0, +)
        #expect(!replies.isEmpty && replies.allSatisfy { $0 == .committed })
        // The event that passes the bound is done whole, and all are acknowledged.
        #expect(calls <= 350)
        shop.store.catchUp(by: replies.count)
        rest = rest.dropFirst(replies.count)
        rounds += 1
      }
      #expect(rounds > 1)
      #expect(try connection.send("LLEN", shard.inbox(0)).integer == 0)
      #expect(
        try connection.send("ZCARD", shard.shop(shop.store.shop).ready(GroupID(unchecked: "g"))).integer == 60
      )
      #expect(try shop.violations == [])
    }
  }

  private static func online(_ name: String, _ shop: TestShop) -> Event {
    Event(
      shop: shop.store.shop,
      kind: .agentOnline(agent: AgentID(unchecked: name), gateway: GatewayID(unchecked: "w")))
  }

  @Test func aFoldAddsToAFewHundredCountersAndTheNextGoesOn() async throws {
    try await TestShop.run { shop, connection in
      let facts = shop.store.shard.facts
      try shop.store.foldFacts(on: connection)
      let entries = (0..<180).map { "s \(shop.store.now)\nassigned g agent\($0) 12\nclosed g agent\($0) -" }
      try connection.send(["RPUSH", facts] + entries)
      var most = 0
      var folds = 0
      while try connection.send("LLEN", facts).integer ?? 0 > 0 {
        try connection.send("CONFIG", "RESETSTAT")
        _ = try connection.call(Functions.factsFold, keys: [shop.store.shard.tag], arguments: [])
        most = max(most, try StoreHarness.calls(on: connection)["hincrby"] ?? 0)
        folds += 1
      }
      #expect(most <= 210 && folds > 1)
      // Each is counted, and once.
      let hour = shop.store.now / 3_600_000 * 3_600_000
      let keys = shop.store.shard.shop(shop.store.shop)
      #expect(try connection.send("HGET", keys.statistics("group:\(hour):g"), "assigned").integer == 180)
      #expect(
        try connection.send("HGET", keys.statistics("shop:\(hour)"), "assigned:sum").integer == 180 * 12)
      for agent in [0, 90, 179] {
        let counted = try connection.send("HGET", keys.statistics("agent:\(hour):agent\(agent)"), "closed")
        #expect(counted.integer == 1)
      }
    }
  }

  @Test func aGroupThatGoesGivesItsQueueAwayStepByStep() async throws {
    let both = ShopConfiguration.plain(groups: ["g", "h"])
    try await TestShop.run(both) { shop, connection in
      for number in 10..<80 { try shop.open("c\(number)", group: "h") }
      try shop.apply(.plain(), settled: false)
      try shop.store.settleAll(on: connection)
      #expect(try shop.places == (10..<80).map { "c\($0) waiting g" })
      #expect(try shop.line("group h") == nil)
      #expect(try shop.violations == [])
    }
  }

  /// Adds names to a sorted set.
  private static let adding =
    "for name in string.gmatch(ARGV[1], '%S+') do redis.call('ZADD', KEYS[1], 0, name) end"

  @Test func anOverviewReadsLongListsInPages() async throws {
    try await TestShop.run { shop, connection in
      let keys = shop.store.shard.shop(shop.store.shop)
      func list(_ count: Int, _ key: String) throws {
        try shop.redis("DEL", key)
        let names = (0..<count).map { "name\(10_000 + $0)" }
        for start in stride(from: 0, to: count, by: 1_000) {
          try shop.redis(
            "EVAL", Self.adding, "1", key, names[start..<min(start + 1_000, count)].joined(separator: " "))
        }
      }
      var reader = OverviewReader(shop.store.keys)
      for (groups, agents) in [(1, 3), (450, 2_000), (400, 2_001), (2, 200)] {
        try list(groups, keys.groups)
        try list(agents, keys.agents)
        try connection.send("CONFIG", "RESETSTAT")
        let found = try #require(try reader.read(on: connection).shops.first)
        #expect(found.groups.count == groups && found.agents.count == min(agents, 2_000))
        #expect(found.hasMoreAgents == (agents > 2_000))
        #expect(found.groups.map(\.group.rawValue) == (0..<groups).map { "name\(10_000 + $0)" })
      }
      #expect((0...11).allSatisfy { OverviewList.agents(0, shop.store.shop).rows(of: $0) <= 200 })
    }
  }
}
