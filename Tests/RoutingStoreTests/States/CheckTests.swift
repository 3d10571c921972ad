import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// `fl_check` finds what should never be: each kind of damage is planted by hand.
@Suite(.redis) struct CheckTests {
  /// Damage: commands with `@` for the shop's keys, and a part of what the check must say.
  struct Damage: Sendable {
    var name: String
    var commands: [[String]]
    var found: String
  }

  private static let damages = [
    Damage(
      name: "load", commands: [["HINCRBY", "@agent:a", "load", "1"]], found: "agent a has load 2 but holds 1"),
    Damage(
      name: "held-elsewhere", commands: [["HSET", "@conv:c", "agent", "b"]],
      found: "agent a holds c, which is active with b"),
    Damage(
      name: "orphan", commands: [["ZREM", "@agent:a:open", "c"], ["HSET", "@agent:a", "load", "0"]],
      found: "conversation c is active but its agent a does not hold it"),
    Damage(
      name: "ghost-in-ready", commands: [["ZADD", "@ready:g", "1", "ghost"]],
      found: "ready:g lists ghost, who does not serve it"),
    Damage(
      name: "full-in-ready", commands: [["ZADD", "@ready:g", "1", "a"]],
      found: "agent a has no room but is in ready:g"),
    Damage(
      name: "missing-in-ready", commands: [["HSET", "@agent:a", "capacity", "7"]],
      found: "agent a has room but is not in ready:g"),
    Damage(
      name: "ghost-in-wait", commands: [["ZADD", "@wait:g", "1", "ghost"]],
      found: "wait:g lists ghost, which is unknown in no group"),
    Damage(
      name: "waiting-nowhere", commands: [["ZREM", "@wait:g", "w"]],
      found: "conversation w is waiting but in no queue"),
    Damage(
      name: "other-place", commands: [["HSET", "@conv:w", "level", "3"]],
      found: "conversation w has another place in wait:g than its level and time give"),
    Damage(
      name: "sums", commands: [["HINCRBY", "@group:g", "slots", "5"]],
      found: "group g counts 1 online with 6 slots and 0 paused, its agents are 1 with 1 and 0"),
    Damage(
      name: "state", commands: [["HSET", "@conv:c", "state", "lost"]],
      found: "conversation c has the state lost"),
    Damage(
      name: "no-record", commands: [["DEL", "@agent:a"]], found: "agent a is listed but has no record"),
    Damage(
      name: "waits-beside-room",
      commands: [
        ["HSET", "@agent:a", "capacity", "2"], ["ZADD", "@ready:g", "1", "a"],
        ["HSET", "@group:g", "slots", "2"],
      ], found: "conversation w waits in g beside agent a, who has room"),
  ]

  @Test(arguments: damages)
  func damageIsFound(damage: Damage) async throws {
    try await TestShop.run(.plain(agents: ["a": 1]), "check-\(damage.name)") { shop, connection in
      try shop.online("a")
      try shop.open("c")
      try shop.open("w")
      #expect(try shop.violations == [])
      for command in damage.commands {
        let words = command.map { $0.hasPrefix("@") ? "\(shop.store.shard.tag):s:\($0.dropFirst())" : $0 }
        try connection.send(words)
      }
      let found = try shop.violations
      #expect(found.contains("shop s: " + damage.found), "\(found)")
    }
  }
}
