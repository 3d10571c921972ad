import HiredisClient
import Proving
import Routing
import RoutingStore

/// What is in Redis in the end, beside what must be.
extension World {
  /// As many events were acknowledged as were pushed; where a gateway pushed again in doubt, between the two counts.
  func positions() async throws -> [String] {
    var wrong: [String] = []
    var acknowledged: [Int: Int] = [:]
    for partition in 0..<4 {
      let position = try await ask("HGET", shard.lease(partition), "position").integer ?? 0
      acknowledged[plan.pushesByCustomer ? 0 : partition, default: 0] += Int(position)
    }
    for (partition, position) in acknowledged.sorted(by: { $0.key < $1.key }) {
      let sum: ([Int: Int]) -> Int = { [plan] in
        plan.pushesByCustomer ? $0.values.reduce(0, +) : $0[partition] ?? 0
      }
      let (least, most) = (sum(unique), sum(attempted))
      if position < least || position > most {
        wrong.append(
          "partition \(partition): \(position) acknowledged, pushed \(least) and with repeats \(most)")
      }
    }
    return wrong
  }

  func deadLetters() async throws -> [String] {
    let letters = (try await ask("LRANGE", shard.dead, "0", "-1").array ?? []).compactMap(\.text)
    let expected = letters.filter { $0.contains("conversation never is not known") }.count
    let poison =
      plan.poison.map { poison in letters.filter { $0.contains(poison) && $0.contains("set aside") } } ?? []
    var wrong = letters.filter { !$0.contains("conversation never is not known") && !poison.contains($0) }
      .prefix(3).map { "dead letter: \($0.prefix(300))" }
    if plan.hasHostileInput { wrong = [] }
    if plan.clockJumps { wrong.removeAll { $0.contains("is not known") } }
    let rejections =
      rejectedElsewhere
      + (0..<4).reduce(0) { $0 + (load.expected[$1] ?? []).count { $0 == "event.rejected" } }
    if plan.poison != nil, poison.count != 1 {
      wrong.append("\(poison.count) poisonous events set aside, not one")
    }
    // Only the newest 10,000 are kept.
    if !plan.hasHostileInput, !plan.clockJumps, expected != min(rejections, 10_000) {
      wrong.append("\(expected) dead letters, not \(rejections)")
    }
    return wrong
  }

  /// All agents hold nothing, and nobody waits.
  func rooms() async throws -> [String] {
    var wrong: [String] = []
    let shops = [
      ("plenty", ["p1", "p2"], ["g"]), ("tight", ["t1", "t2", "t3"], ["g", "h"]),
      ("lively", LivelyLoad.agents, ["g", "h"]),
    ]
    let hours = plan.clockJumps ? [("hours", LivelyLoad.agentsWithHours, ["day", "night"])] : []
    for (shop, agents, groups) in shops + hours {
      let names = shard.shop(ShopID(unchecked: shop))
      for agent in agents {
        let load = try await ask("HGET", names.agent(AgentID(unchecked: agent)), "load").integer
        if load != 0 { wrong.append("agent \(agent) of \(shop) has load \(load ?? -1) in the end") }
      }
      for group in groups {
        let waiting = try await ask("ZCARD", names.wait(GroupID(unchecked: group))).integer ?? 0
        if waiting != 0 { wrong.append("\(waiting) wait in \(group) of \(shop) in the end") }
      }
    }
    return wrong
  }

  /// Lists that nobody reads any more are empty, and what grows with the workers that came and went does not stay.
  func bounds() async throws -> [String] {
    var wrong: [String] = []
    for partition in 0..<4 {
      let fields = try await ask("HLEN", shard.lease(partition)).integer ?? 0
      if fields > 1_024 + 12 { wrong.append("the lease of partition \(partition) has \(fields) fields") }
    }
    // Who ended is taken off the list by one that has watched it stand still for four leases: after a storm in which no
    // worker lived that long, that is some time later.
    let alive = workers.count { $0.isRunning }
    var members = try await ask("HLEN", shard.members).integer ?? 0
    let deadline = ContinuousClock.now + plan.lease * 4 + patience
    while alive > 0, members > alive, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(20))
      members = try await ask("HLEN", shard.members).integer ?? 0
    }
    if alive > 0, members > alive { wrong.append("\(members) members are listed, \(alive) workers run") }
    return wrong
  }

  /// Every conversation is counted once: opened once, closed once.
  func counters() async throws -> [String] {
    try await eventually(within: patience, "facts are folded") {
      try await ask("LLEN", shard.facts).integer == 0
    }
    var wrong: [String] = []
    let counts = [
      ("plenty", load.plentyOpened), ("tight", load.tightConversations.count),
      ("lively", lively.conversations.count),
    ]
    for (shop, expected) in counts {
      let pattern = shard.shop(ShopID(unchecked: shop)).statistics("shop:*")
      var sums: [String: Int] = [:]
      for key in try await ask("KEYS", Self.escaped(pattern)).array ?? [] {
        let fields = try await ask("HMGET", key.text ?? "", "opened", "closed", "mended").array ?? []
        for (name, field) in zip(["opened", "closed", "mended"], fields) {
          sums[name, default: 0] += Int(field.integer ?? 0)
        }
      }
      for (name, wanted) in [("opened", expected), ("closed", expected), ("mended", 0)]
      where sums[name] ?? 0 != wanted {
        wrong.append("\(shop) counts \(name) \(sums[name] ?? 0), not \(wanted)")
      }
    }
    return wrong
  }

  /// Braces are no pattern, but brackets would be.
  static func escaped(_ pattern: String) -> String { pattern.replacing("[", with: "\\[") }
}
