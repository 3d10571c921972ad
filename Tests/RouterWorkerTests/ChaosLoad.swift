import HiredisClient
import Routing
import RoutingStore
import TestSupport

/// Events for a run under faults whose commands are known beforehand.
///
/// The shop `plenty` has room for everybody, so each of its events has its own effect, whatever other
/// partitions do: the commands in the outbox of a partition's gateway must be exactly those expected, in the
/// order of the events. That is exactly-once and order in one comparison. Events that are rejected carry a
/// running number and stand in the same outbox. The shop `tight` has six slots; its conversations queue and
/// follow each other across partitions, and must all end once.
struct ChaosLoad {
  static let plenty = """
    shop: plenty
    groups:
      g: {capacity: 5000, queue: {limit: 0, enabled: false}}
    agents:
      p1: {groups: [g]}
      p2: {groups: [g]}
    """
  static let tight = """
    shop: tight
    groups:
      g: {capacity: 2, queue: {limit: 1000000}}
      h: {capacity: 2, queue: {limit: 1000000}}
    agents:
      t1: {groups: [g]}
      t2: {groups: [g, h]}
      t3: {groups: [h]}
    """

  private(set) var expected: [Int: [String]] = [:]
  private(set) var pushed: [Int: Int] = [:]
  private(set) var tightConversations: Set<String> = []
  private var serial = 0
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  static func gateway(_ partition: Int) -> String { "web\(partition)" }

  /// The next events of a partition: some conversations from open to close, interleaved.
  mutating func next(_ partition: Int) -> [String] {
    var scripts: [[(event: (Int) -> String, expects: String?)]] = []
    for _ in 0..<Int.random(in: 1...6, using: &generator) {
      serial += 1
      scripts.append(
        Bool.random(using: &generator) ? plentyScript(partition, serial) : tightScript(partition, serial))
    }
    var events: [String] = []
    while !scripts.isEmpty {
      let index = Int.random(in: 0..<scripts.count, using: &generator)
      let step = scripts[index].removeFirst()
      if scripts[index].isEmpty { scripts.remove(at: index) }
      pushed[partition, default: 0] += 1
      events.append(step.event(pushed[partition, default: 0]))
      if let expects = step.expects { expected[partition, default: []].append(expects) }
    }
    return events
  }

  private mutating func plentyScript(
    _ partition: Int, _ serial: Int
  ) -> [(event: (Int) -> String, expects: String?)] {
    let id = "p\(serial)"
    let gateway = Self.gateway(partition)
    let source = "s\(partition)"
    var script: [(event: (Int) -> String, expects: String?)] = [
      (
        { Events.open(id, shop: "plenty", gateway: gateway, source: source, n: $0) },
        "conversation.assigned \(id)"
      )
    ]
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      switch Int.random(in: 0...2, using: &generator) {
      case 0:
        script.append(
          (
            { Events.on(id, "status", shop: "plenty", source: source, n: $0) },
            "conversation.assigned \(id)"
          ))
      case 1:
        script.append(
          (
            { Events.on(id, "message", shop: "plenty", #""from":"customer""#, source: source, n: $0) }, nil
          ))
      default:
        script.append(
          (
            {
              Events.on(
                "never", "close", shop: "plenty",
                #""by":"agent","gateway":"\#(gateway)","id":"r-\#(id)-\#($0)""#,
                source: source, n: $0)
            }, "event.rejected"
          ))
      }
    }
    script.append(
      (
        { Events.on(id, "close", shop: "plenty", #""by":"customer""#, source: source, n: $0) },
        "conversation.closed \(id)"
      ))
    return script
  }

  private mutating func tightScript(
    _ partition: Int, _ serial: Int
  ) -> [(event: (Int) -> String, expects: String?)] {
    let id = "t\(serial)"
    let group = Bool.random(using: &generator) ? "g" : "h"
    let level = Int.random(in: 0...3, using: &generator)
    let source = "s\(partition)"
    tightConversations.insert(id)
    let open: (Int) -> String = {
      let event = Events.open(id, shop: "tight", gateway: "tight", level: level, source: source, n: $0)
      return event.dropLast() + #","group":"\#(group)"}"#
    }
    let other = group == "g" ? "h" : "g"
    return [
      (open, nil),
      ({ Events.on(id, "message", shop: "tight", #""from":"customer""#, source: source, n: $0) }, nil),
      (
        {
          Events.on(
            id, "transfer", shop: "tight", #""to":{"group":"\#(other)"},"by":"agent""#, source: source, n: $0)
        }, nil
      ),
      ({ Events.on(id, "close", shop: "tight", #""by":"agent""#, source: source, n: $0) }, nil),
    ]
  }
}

/// What the gateways of a run under faults take from their outboxes, with the check of `seq`.
struct ChaosGateways {
  private(set) var commands: [String: [Routing.Command]] = [:]
  private(set) var gaps: [String] = []

  /// Takes what is there.
  mutating func take(from fleet: Fleet) async throws {
    for gateway in (0..<4).map(ChaosLoad.gateway) + ["tight"] {
      while true {
        let key = "fl:{0}:out:\(gateway)"
        let rows = try await fleet.send("LRANGE", key, "0", "999").array ?? []
        if rows.isEmpty { break }
        for row in rows {
          let command = try CommandDecoder.decode(row.bytes ?? []).get()
          let last = commands[gateway]?.last?.seq ?? 0
          if command.seq <= last { continue }  // taken before a crash hid the answer to LTRIM
          if command.seq != last + 1 { gaps.append("\(gateway): \(command.seq) after \(last)") }
          commands[gateway, default: []].append(command)
        }
        _ = try await fleet.send("LTRIM", key, "\(rows.count)", "-1")
      }
    }
  }

  /// The commands of a partition's gateway in the form of ``ChaosLoad/expected``.
  func story(_ partition: Int) -> [String] {
    (commands[ChaosLoad.gateway(partition)] ?? []).map { command in
      command.type.name == "event.rejected"
        ? "event.rejected" : "\(command.type.name) \(command.conversation?.rawValue ?? "?")"
    }
  }

  /// The numbers in the ids of the rejections that a partition's gateway was told of.
  func rejected(_ partition: Int) -> [Int] {
    (commands[ChaosLoad.gateway(partition)] ?? []).compactMap { command in
      command.id.flatMap { $0.split(separator: "-").last.flatMap { Int($0) } }
    }
  }
}
