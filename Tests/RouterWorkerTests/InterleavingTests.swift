import Foundation
import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// Two events that touch the same, through two workers: each order leaves what the documentation says, and at once
/// they leave what one of the orders leaves.
@Suite(.redis) struct InterleavingTests {
  private enum Order: String, CaseIterable {
    case inOrder, reversed, atOnce
  }

  @Test(.timeLimit(.minutes(2)), arguments: Interleaving.all)
  func eachOrderLeavesWhatItShould(_ pair: Interleaving) async throws {
    let prefix = "i\(abs(pair.testDescription.hashValue)):"
    let fleet = try await Fleet(RedisServer.required(), lease: "1500ms", prefix: prefix)
    for order in Order.allCases { try await fleet.apply("shop: \(order.rawValue)\n" + pair.shop) }
    try await fleet.startWorker()
    try await fleet.startWorker()
    let (one, other) = try await partitions(of: fleet)
    for order in Order.allCases {
      // The one order's events come through one worker, the other's through the other.
      func happen(_ happening: Interleaving.Happening, _ partition: Int) async throws {
        switch happening {
        case .event(let text): try await fleet.push(partition, [text.replacing("SHOP", with: order.rawValue)])
        case .time(let state, let other):
          try await eventually("\(state)") {
            try await story(order, fleet).contains { $0.hasPrefix(state) || $0.hasPrefix(other) }
          }
        }
        if order != .atOnce { try await fleet.drained() }
      }
      for event in pair.before {
        try await happen(.event(event), one)
        try await fleet.drained()
      }
      switch order {
      case .inOrder, .atOnce:
        try await happen(pair.first, one)
        try await happen(pair.second, other)
      case .reversed:
        try await happen(pair.second, other)
        try await happen(pair.first, one)
      }
      try await fleet.drained()
      let allowed =
        order == .inOrder
        ? [pair.inOrder] : order == .reversed ? [pair.reversed] : [pair.inOrder, pair.reversed]
      do {
        try await eventually(within: .seconds(10), "as it should be") {
          let story = try await story(order, fleet).filter { !$0.hasSuffix(" ready") }
          return allowed.contains(story)
        }
      } catch is NeverHappened {
        Issue.record("\(order.rawValue): \(try await story(order, fleet)), not \(allowed)")
      }
      #expect(try await fleet.check() == [])
    }
    #expect(try await fleet.send("LRANGE", prefix + "{0}:dead", "0", "-1").array?.compactMap(\.text) == [])
  }

  /// Two partitions that different workers hold.
  private func partitions(of fleet: Fleet) async throws -> (Int, Int) {
    var found = (0, 0)
    try await eventually(within: .seconds(30), "two workers share the partitions") {
      var owners: [Int: String] = [:]
      for partition in 0..<4 {
        let key = fleet.keys.shard(0).lease(partition)
        owners[partition] = try await fleet.send("HGET", key, "owner").text ?? ""
      }
      guard let first = owners[0], !owners.values.contains("") else { return false }
      guard let other = owners.first(where: { $0.value != first })?.key else { return false }
      found = (0, other)
      return true
    }
    return found
  }

  /// What is so in a shop, sorted.
  private func story(_ order: Order, _ fleet: Fleet) async throws -> [String] {
    let base = "\(fleet.keys.shard(0).tag):\(order.rawValue):"
    var lines: [String] = []
    for row in try await fleet.send("FCALL_RO", "fl_agents", "1", fleet.keys.shard(0).tag, order.rawValue)
      .array ?? []
    {
      let id = row.array?[0].text ?? ""
      lines.append("\(id) \(row.array?[2].integer ?? -1)")
      if try await fleet.send("ZSCORE", base + "ready:g", id).text != nil { lines.append("\(id) ready") }
    }
    for conversation in ["c", "d", "x"] {
      let reply = try await fleet.send("HMGET", base + "conv:" + conversation, "state", "agent", "group")
      let fields = (reply.array ?? []).map(\.text)
      guard let state = fields[0] else { continue }
      let place = fields[1] ?? (state == "closed" ? nil : fields[2])
      lines.append("\(conversation) \(state)" + (place.map { " " + $0 } ?? ""))
    }
    return lines.sorted()
  }
}
