import HiredisClient
package import Routing
import RoutingStore

/// What the gateways of a run under faults have taken from their outboxes, with the check of `seq`.
package struct ChaosGateways: Sendable {
  /// What each gateway has taken, in order, repeats left out.
  package private(set) var commands: [String: [Routing.Command]] = [:]
  /// Where `seq` did not go on by one.
  package private(set) var gaps: [String] = []
  /// Where the server has lost its last moments: the last number before, and the one that comes next. Several, if what
  /// came in between was not taken yet.
  private var jumps: [String: [(last: Int64, next: Int64)]] = [:]
  private let names: [String]

  /// Gateways that have taken nothing yet.
  package init(_ names: [String] = (0..<4).map(ChaosLoad.gateway) + ["tight"]) { self.names = names }

  /// Takes what is there.
  package mutating func take(from fleet: Fleet) async throws {
    for name in names {
      let key = fleet.keys.shard(0).outbox(GatewayID(unchecked: name))
      while true {
        let rows = try await fleet.send("LRANGE", key, "0", "999").array ?? []
        if rows.isEmpty { break }
        for row in rows { accept(try CommandDecoder.decode(row.bytes ?? []).get(), for: name) }
        _ = try await fleet.send("LTRIM", key, "\(rows.count)", "-1")
      }
    }
  }

  /// A command that a gateway has read. One taken before, whose LTRIM a fault has undone or hidden, is dropped.
  package mutating func accept(_ command: Routing.Command, for gateway: String) {
    let last = commands[gateway]?.last?.seq ?? 0
    if command.seq <= last { return }
    var next = last + 1
    // What had come before the loss may lie there still.
    while let jump = jumps[gateway]?.first, command.seq > jump.last {
      next = jump.next
      jumps[gateway]?.removeFirst()
    }
    if command.seq != next { gaps.append("\(gateway): \(command.seq) after \(last)") }
    commands[gateway, default: []].append(command)
  }

  /// Forgets what a gateway took behind `seq`: the server has lost it in a crash, and so it has not happened. Its next
  /// command has the number `next`.
  package mutating func forget(behind seq: Int64, for gateway: String, next: Int64? = nil) {
    commands[gateway]?.removeAll { $0.seq > seq }
    // A jump can be lost too.
    jumps[gateway]?.removeAll { $0.next > seq + 1 }
    if let next { jumps[gateway, default: []].append((seq, next)) }
  }

  /// The commands of a partition's gateway in the form of ``ChaosLoad/expected``.
  package func story(_ partition: Int) -> [String] {
    (commands[ChaosLoad.gateway(partition)] ?? []).map { command in
      command.type.name == "event.rejected"
        ? "event.rejected" : "\(command.type.name) \(command.conversation?.rawValue ?? "?")"
    }
  }

  /// The numbers in the ids of the rejections that a partition's gateway was told of.
  package func rejected(_ partition: Int) -> [Int] {
    (commands[ChaosLoad.gateway(partition)] ?? []).compactMap { command in
      command.id.flatMap { $0.split(separator: "-").last.flatMap { Int($0) } }
    }
  }
}
