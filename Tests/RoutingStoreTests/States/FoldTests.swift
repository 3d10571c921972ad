import HiredisClient
import Proving
import Routing
import RoutingStore
import TestSupport
import Testing

/// What commits leave to be counted is counted once, by whoever folds it. One after the other, since one counts all that its
/// server does.
@Suite(.redis, .serialized) struct FoldTests {
  /// Entries as commits leave them, of two shops and two hours, with rules, trials, ratings and all sizes of values.
  private static func entries(_ seed: UInt64) -> [String] {
    var random = SeededGenerator(seed: seed)
    return (0..<1_500).map { _ in
      let shop = random.pick(["s", "other"])
      let at = 1_790_000_000_000 + Int64(random.below(7_200_000))
      var lines = ["\(shop) \(at)"]
      for _ in 0...random.below(4) {
        let value = Int64(random.below(1 << random.below(24)))
        let whose = "\(random.pick(["g", "h", "-"])) \(random.pick(["a", "b", "李", "-"]))"
        switch random.below(6) {
        case 0: lines.append("!" + random.pick(["退款 投诉", "r:1", "!"]))
        case 1: lines.append("@" + random.pick(["+half", "-half\t+other one", ""]))
        case 2: lines.append("rated \(whose) \(1 + random.below(5))")
        case 3: lines.append("opened \(whose) -")
        default: lines.append("\(random.pick(["assigned", "handled"])) \(whose) \(value)")
        }
      }
      return lines.joined(separator: "\n")
    }
  }

  /// All counters of a shard, and whether each has a term.
  private static func counters(
    _ shard: ShardKeys, on connection: isolated RedisConnection
  ) throws -> [String: [String: String]] {
    var all: [String: [String: String]] = [:]
    for key in try connection.send("KEYS", shard.tag + ":*:stats:*").array?.compactMap(\.text) ?? [] {
      let flat = try connection.send("HGETALL", key).array?.compactMap(\.text) ?? []
      var fields: [String: String] = [:]
      for index in stride(from: 0, to: flat.count - 1, by: 2) { fields[flat[index]] = flat[index + 1] }
      fields["term"] = try connection.send("PTTL", key).integer ?? 0 > 0 ? "given" : "none"
      all[String(key.dropFirst(shard.tag.count))] = fields
    }
    return all
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func workersCountAsTheFunctionsDo(_ seed: UInt64) async throws {
    try await TestShop.run(.plain(), "fold\(seed)") { shop, connection in
      let fence = shop.store.fence
      let (own, twin) = (shop.store.shard, Keys(prefix: "fl:twin\(seed):").shard(0))
      try connection.send("HSET", twin.lease(0), "owner", fence.owner, "epoch", String(fence.epoch))
      for shard in [own, twin] {
        try connection.send("DEL", shard.facts)
        try connection.send(["RPUSH", shard.facts] + Self.entries(seed))
      }
      try Facts.foldAll(shard: own, on: connection)
      // Short steps, that find counters which have something, and a long one.
      for (waiting, folded, counted) in [(100, Int64(0), 50), (1_450, 50, 50), (2_000, 100, 1_400)] {
        #expect(
          try Facts.fold(fence, waiting: waiting, folded: folded, shard: twin, on: connection)
            == .counted(counted))
      }
      #expect(try connection.send("LLEN", twin.facts).integer == 0)
      let functions = try Self.counters(own, on: connection)
      let workers = try Self.counters(twin, on: connection)
      #expect(functions.count > 20)
      #expect(functions == workers)
    }
  }

  @Test func whatSomebodyElseHasFoldedIsNotCountedAgain() async throws {
    try await TestShop.run { shop, connection in
      let (fence, shard) = (shop.store.fence, shop.store.shard)
      try shop.online("a")
      for number in 0..<30 { try shop.open("c\(number)") }
      guard case .ticked(_, _, _, _, let before) = try shop.state(on: connection) else { return }
      #expect(before.waiting >= 30)
      #expect(
        try Facts.fold(
          fence, waiting: 10, folded: before.folded, shard: shard, on: connection) == .counted(10))
      // With what was known before, the same ones would be counted again.
      #expect(
        try Facts.fold(fence, waiting: 10, folded: before.folded, shard: shard, on: connection) == .moved)
      // A commit that finds too many, or a person, folds without asking.
      try Facts.foldAll(shard: shard, on: connection)
      guard case .ticked(_, _, _, _, let after) = try shop.state(on: connection) else { return }
      #expect(after.waiting == 0)
      #expect(after.folded == before.folded + Int64(before.waiting))
      #expect(try shop.counted("shop", "", "opened") == 30)
    }
  }

  /// However much is counted in one step, each of its calls is short: it ends where it has enough to write, or to take off.
  @Test(arguments: [
    (4_100, 3_600_000, 4_000, 100), (2_500, 0, 2_500, 3), (1_999, 3_600_000, 50, 3), (1_999, 0, 50, 1),
  ])
  func aStepIsDividedIntoShortCalls(_ waiting: Int, _ apart: Int, _ counted: Int, _ calls: Int) async throws {
    try await TestShop.run(.plain(), "much\(waiting + apart)") { shop, connection in
      let shard = shop.store.shard
      // Of hours of their own nothing is shared: each adds to two fields of its shop and two of its group.
      let entries = (0..<waiting).map {
        "s \(1_790_000_000_000 + $0 * apart)\nopened g - -\nqueued g - -"
      }
      try connection.send(["RPUSH", shard.facts] + entries)
      try connection.send("CONFIG", "RESETSTAT")
      let outcome = try Facts.fold(
        shop.store.fence, waiting: waiting, folded: 0, shard: shard, on: connection)
      #expect(outcome == .counted(counted))
      #expect(try StoreHarness.calls(on: connection, withFunctions: true)["fcall"] == calls)
      #expect(try connection.send("LLEN", shard.facts).integer == Int64(waiting - counted))
      let hour = 1_790_000_000_000 / 3_600_000 * 3_600_000
      let sum = try connection.send(
        "HGET", shard.shop(ShopID(unchecked: "s")).statistics("group:\(hour):g"), "queued")
      #expect(sum.integer == Int64(apart == 0 ? counted : 1))
    }
  }

  /// A counter that somebody has made something else of counts from nothing, rather than never again.
  @Test func whatIsNoNumberCountsFromNothing() async throws {
    try await TestShop.run { shop, connection in
      let shard = shop.store.shard
      let key = shard.shop(ShopID(unchecked: "s")).statistics("shop:1789999200000")
      try connection.send("HSET", key, "opened", "many", "queued", "9223372036854775807")
      try connection.send("RPUSH", shard.facts, "s 1790000000000\nopened - - -\nqueued - - -")
      #expect(
        try Facts.fold(shop.store.fence, waiting: 1, folded: 0, shard: shard, on: connection) == .counted(1))
      #expect(try connection.send("HGET", key, "opened").integer == 1)
    }
  }

  @Test func whoHasLostTheLeaseCountsNothing() async throws {
    try await TestShop.run { shop, connection in
      try shop.open("c")
      var other = shop.store.fence
      other.epoch += 1
      let outcome = try Facts.fold(other, waiting: 1, folded: 0, shard: shop.store.shard, on: connection)
      #expect(outcome == .fenced)
      #expect(try connection.send("LLEN", shop.store.shard.facts).integer == 1)
    }
  }
}

extension TestShop {
  /// What a tick tells.
  fileprivate func state(on connection: isolated RedisConnection) throws -> TickReply {
    try Tick.fire(
      store.fence, now: Moment(store.now), limit: 0, newerThan: 0, shard: store.shard, on: connection)
  }
}
