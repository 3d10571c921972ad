/// Events for a run under faults whose commands are known beforehand.
///
/// The shop `plenty` has room for everybody, so each of its events has its own effect, whatever other
/// partitions do: the commands in the outbox of a partition's gateway must be exactly those expected, in the
/// order of the events. That is exactly-once and order in one comparison. Events that are rejected carry a
/// running number and stand in the same outbox. The shop `tight` has six slots; its conversations queue and
/// follow each other across partitions, and must all end once.
package struct ChaosLoad: Sendable {
  package static let plenty = """
    shop: plenty
    groups:
      g: {capacity: 500, queue: {limit: 0, enabled: false}}
    agents:
      p1: {groups: [g]}
      p2: {groups: [g]}
    """
  package static let tight = """
    shop: tight
    groups:
      g: {capacity: 2, queue: {limit: 1000000}}
      h: {capacity: 2, queue: {limit: 1000000}}
    agents:
      t1: {groups: [g]}
      t2: {groups: [g, h]}
      t3: {groups: [h]}
    """

  package private(set) var expected: [Int: [String]] = [:]
  package private(set) var pushed: [Int: Int] = [:]
  package private(set) var plentyOpened = 0
  package private(set) var tightConversations: Set<String> = []
  private var serial = 0
  private var generator: SeededGenerator

  package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  package static func gateway(_ partition: Int) -> String { "web\(partition)" }

  /// The next events of a partition: some conversations from open to close, interleaved.
  package mutating func next(_ partition: Int) -> [String] {
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

  /// One conversation in `plenty` alone: its opening, and its end, which is to be pushed when that is applied.
  package mutating func single(_ partition: Int) -> (open: String, close: String) {
    serial += 1
    plentyOpened += 1
    let (id, source, n) = ("p\(serial)", "s\(partition)", pushed[partition, default: 0] + 1)
    pushed[partition] = n + 1
    expected[partition, default: []] += ["conversation.assigned \(id)", "conversation.closed \(id)"]
    return (
      Events.open(id, shop: "plenty", gateway: Self.gateway(partition), source: source, n: n),
      Events.on(id, "close", shop: "plenty", #""by":"customer""#, source: source, n: n + 1)
    )
  }

  /// One event that is rejected, and told each time that it is.
  package mutating func rejected(_ partition: Int) -> String {
    let n = pushed[partition, default: 0] + 1
    pushed[partition] = n
    expected[partition, default: []].append("event.rejected")
    return Events.on(
      "never", "close", shop: "plenty",
      #""by":"agent","gateway":"\#(Self.gateway(partition))","id":"r-single-\#(n)""#,
      source: "s\(partition)", n: n)
  }

  private mutating func plentyScript(
    _ partition: Int, _ serial: Int
  ) -> [(event: (Int) -> String, expects: String?)] {
    let id = "p\(serial)"
    plentyOpened += 1
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
