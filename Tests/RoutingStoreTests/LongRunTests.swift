import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// A shop that runs for long: nothing grows without bound.
@Suite(.redis) struct LongRunTests {
  private static let shop = """
    shop: s
    retention: {conversations: 1d, customers: 3d, statistics: 5d}
    return: {window: 2h}
    survey: {window: 1h}
    supervisor: {gateway: desk}
    heartbeat: 2h
    group_defaults:
      idle_timeout: 10m
      response_alert: 2m
      answer_within: 5m
      wrap_up: 30s
      queue:
        limit: 20
        notify: 20s
        promote_after: 5m
        silent_after: 8m
        parked_for: 5m
        handle_time: measured
        overflow: [{after: 2m, to: [second]}, {after: 4m, alert: true}, {after: 20m, mode: bot}]
    groups:
      first: {strategy: weighted}
      second: {strategy: round-robin, queue: {order: credit}}
    agents:
      a: {groups: [first], capacity: 2, weight: 2, ramp: 1}
      b: {groups: [first, second], capacity: 2}
    rules:
      - {name: refund, what: {keywords: [refund]}, route: {group: second, level: "+1"}}
      - {name: trial, sample: 50%, route: {group: first, mode: bot-first}}
    assistant: {answers: {parcels: [{keywords: [parcel], text: It is on its way.}]}}
    """
  private static let customersPerDay = 60
  private static let day: Int64 = 86_400_000

  /// What the server holds at the end of a day.
  private struct Holdings {
    var keys: Int
    var bytes: Int64
    var timers: Int
  }

  @Test func aShopThatRunsForThirtyDaysHoldsNoMoreThanAfterTheFirstTen() async throws {
    try await TestShop.run(yaml: Self.shop) { shop, _ in
      var random = SeededGenerator(seed: 30)
      var days: [Holdings] = []
      for day in 0..<30 {
        try Self.play(day, shop, &random)
        try Self.expire(shop)
        for gateway in ["w", "desk"] {
          _ = try shop.redis("LTRIM", shop.store.shard.tag + ":out:" + gateway, "1", "0")
        }
        days.append(try Self.look(shop))
      }
      let early = days[8..<12]
      let keys = early.map(\.keys).max() ?? 0
      let bytes = early.map(\.bytes).max() ?? 0
      let timers = early.map(\.timers).max() ?? 0
      print("day 10: \(days[9]); day 30: \(days[29])")
      for (number, held) in days.enumerated().dropFirst(12) {
        #expect(held.keys <= keys * 23 / 20, "keys on day \(number + 1)")
        #expect(held.bytes <= bytes * 23 / 20, "bytes on day \(number + 1)")
        #expect(held.timers <= max(20, timers * 3 / 2), "timers on day \(number + 1)")
      }
      #expect(days[29].keys > 50, "a day leaves something behind")
      #expect(try shop.violations == [])
    }
  }

  /// A day: customers come over ten hours, agents come and go, the night is quiet.
  private static func play(_ day: Int, _ shop: TestShop, _ random: inout SeededGenerator) throws {
    let morning = shop.store.now
    try shop.online("a", "b", gateway: "desk")
    for number in 0..<customersPerDay {
      let id = "d\(day)-\(number)"
      // Some come every day, most only once.
      let customer = random.percent(20) ? "regular\(random.below(5))" : "u-" + id
      try shop.arrive(
        id, customer: customer, text: random.pick(["hello", "refund please", "where is my parcel", "人工"]),
        attributes: ["visits": .number(Double(day))])
      try shop.pass(Int64(random.below(600_000)))
      try talk(id, shop, &random)
      if random.percent(10) { try shop.play(.agentHeartbeat(agent: AgentID(unchecked: "b"))) }
    }
    try shop.offline("a")
    try shop.offline("b")
    try shop.pass(until: morning + Self.day)
  }

  private static func talk(_ id: String, _ shop: TestShop, _ random: inout SeededGenerator) throws {
    switch random.below(6) {
    case 0: return
    case 1: try shop.say(id, text: "refund")
    case 2: try shop.handOff(id)
    case 3: try shop.say(id, .agent)
    default:
      try shop.say(id, .customer)
      try shop.close(id, by: random.pick([.agent, .customer]))
      if random.percent(50) { try shop.rate(id, 1 + random.below(5)) }
    }
    try shop.pass(Int64(random.below(60_000)))
  }

  /// Lets a day pass for keys that expire. Redis counts their time by the wall clock, and the day took a second.
  private static func expire(_ shop: TestShop) throws {
    let script = """
      local keys = redis.call('KEYS', ARGV[1] .. '*')
      for i = 1, #keys do
        local left = redis.call('PTTL', keys[i])
        if left >= 0 then redis.call('PEXPIRE', keys[i], string.format('%d', math.max(0, left - tonumber(ARGV[2])))) end
      end
      """
    try shop.redis("EVAL", script, "0", shop.store.keys.prefix, String(day))
  }

  private static func look(_ shop: TestShop) throws -> Holdings {
    let script = """
      local keys, bytes = redis.call('KEYS', ARGV[1] .. '*'), 0
      for i = 1, #keys do bytes = bytes + redis.call('MEMORY', 'USAGE', keys[i], 'SAMPLES', '0') end
      return {#keys, bytes}
      """
    let found = try shop.redis("EVAL", script, "0", shop.store.keys.prefix).array ?? []
    return Holdings(
      keys: Int(found.first?.integer ?? 0), bytes: found.last?.integer ?? 0,
      timers: Int(try shop.redis("ZCARD", shop.store.shard.due).integer ?? 0))
  }
}
