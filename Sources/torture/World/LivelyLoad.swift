import Proving

/// Events for a shop in which most happens by itself: agents come, pause and go, conversations are left to the idle
/// clock, are handed on, rise in level and are offered to another group. What exactly happens depends on time; that
/// every conversation ends once, and nothing is said of it afterwards, does not.
struct LivelyLoad: Sendable {
  /// Short times, so that timers fire between faults.
  static let shop = """
    shop: lively
    offline_grace: 150ms
    return: {window: 0}
    dedicated: {wait: 100ms}
    group_defaults:
      capacity: 3
      idle_timeout: 300ms
    groups:
      g:
        wrap_up: 40ms
        answer_within: 400ms
        queue: {limit: 100000, promote_after: 120ms, overflow: [{after: 150ms, to: [h]}]}
      h:
        queue: {limit: 100000}
    agents:
      l1: {groups: [g]}
      l2: {groups: [g, h]}
      l3: {groups: [h]}
      l4: {groups: [h], capacity: 1}
    """
  static let agents = ["l1", "l2", "l3", "l4"]
  static let gateway = "lively"

  /// For worlds in which clocks jump: a shop that is open every other hour, whose agents have little time to answer.
  static let shopWithHours = """
    shop: hours
    offline_grace: 150ms
    return: {window: 0}
    schedules:
      odd:
        weekly:
          mon-sun:
            ["01:00-02:00", "03:00-04:00", "05:00-06:00", "07:00-08:00", "09:00-10:00", "11:00-12:00",
             "13:00-14:00", "15:00-16:00", "17:00-18:00", "19:00-20:00", "21:00-22:00", "23:00-24:00"]
    supervisor: {gateway: desk}
    group_defaults: {capacity: 3, idle_timeout: 300ms, response_alert: 60ms}
    groups:
      day:
        hours: odd
        answer_within: 250ms
        distribution: {odd: auto, otherwise: manual}
        queue: {limit: 100000, overflow: [{after: 100ms, to: [night], alert: true}]}
      night: {queue: {limit: 100000}}
    agents:
      h1: {groups: [day]}
      h2: {groups: [day, night], ramp: 600}
    """
  static let agentsWithHours = ["h1", "h2"]
  /// Whether some conversations are of that shop.
  let keepsHours: Bool

  /// Every conversation, and the partition of its events.
  private(set) var conversations: [String: Int] = [:]
  /// How many events each partition was given.
  private(set) var pushed: [Int: Int] = [:]
  private var serial = 0
  private var random: SeededGenerator

  init(seed: UInt64, keepsHours: Bool = false) {
    random = SeededGenerator(seed: seed)
    self.keepsHours = keepsHours
  }

  /// The next events of a partition.
  mutating func next(_ partition: Int) -> [String] {
    serial += 1
    if keepsHours, random.percent(50) { return nextWithHours(partition) }
    let id = "l\(serial)"
    conversations[id] = partition
    let group = random.percent(60) ? "g" : "h"
    var events = [
      open(id, group, partition),
      on(id, "message", #""from":"customer""#, partition),
      on(id, "message", #""from":"agent""#, partition),
    ]
    if random.percent(30) {
      events.append(
        on(id, "transfer", #""to":{"group":"\#(group == "g" ? "h" : "g")"},"by":"agent""#, partition))
    }
    if random.percent(20) {
      events.append(
        on(id, "transfer", #""to":{"agent":"\#(random.pick(Self.agents))"},"by":"agent""#, partition))
    }
    if random.percent(15) { events.append(agentEvent(partition)) }
    if random.percent(80) {
      events.append(on(id, "close", #""by":"\#(random.percent(50) ? "agent" : "customer")""#, partition))
    } else {
      events.append(on(id, "message", #""from":"agent""#, partition))
    }
    return events
  }

  /// A conversation of the shop with hours. Whether an agent, the queue or the assistant has it is up to the clock; a
  /// closing event ends it wherever it is.
  private mutating func nextWithHours(_ partition: Int) -> [String] {
    let id = "h\(serial)"
    conversations[id] = partition
    var events = [
      open(id, random.percent(70) ? "day" : "night", partition),
      on(id, "message", #""from":"customer""#, partition),
    ]
    if random.percent(40) { events.append(on(id, "handoff", #""reason":"clock""#, partition)) }
    if random.percent(50) { events.append(on(id, "message", #""from":"agent""#, partition)) }
    if random.percent(15) {
      let agent = random.pick(Self.agentsWithHours)
      events.append(
        self.agent(random.percent(30) ? "offline" : "online", agent, #","gateway":"desk""#, partition))
    }
    if random.percent(70) {
      events.append(on(id, "close", #""by":"\#(random.percent(50) ? "agent" : "customer")""#, partition))
    }
    return events
  }

  /// All agents come (again).
  mutating func everybodyOnline(_ partition: Int) -> [String] {
    (Self.agents + (keepsHours ? Self.agentsWithHours : [])).map {
      agent("online", $0, #","gateway":"desk""#, partition)
    }
  }

  /// The shop of a conversation or an agent.
  private static func shop(of id: String) -> String { id.hasPrefix("h") ? "hours" : "lively" }

  /// A word of the agent in each of these, so that the idle clock runs for them.
  mutating func nudge(_ open: [String]) -> [Int: [String]] {
    var events: [Int: [String]] = [:]
    for id in open {
      guard let partition = conversations[id] else { continue }
      events[partition, default: []].append(on(id, "message", #""from":"agent""#, partition))
    }
    return events
  }

  /// The end of each of these, for worlds in which the idle clock may be a year ahead.
  mutating func close(_ open: [String]) -> [Int: [String]] {
    var events: [Int: [String]] = [:]
    for id in open {
      guard let partition = conversations[id] else { continue }
      events[partition, default: []].append(on(id, "close", #""by":"agent""#, partition))
    }
    return events
  }

  private mutating func open(_ id: String, _ group: String, _ partition: Int) -> String {
    let event = Events.open(
      id, shop: Self.shop(of: id), gateway: Self.gateway, level: random.below(4), source: source(partition),
      n: n(partition))
    return event.dropLast() + #","group":"\#(group)"}"#
  }

  private mutating func on(_ id: String, _ type: String, _ more: String, _ partition: Int) -> String {
    Events.on(id, type, shop: Self.shop(of: id), more, source: source(partition), n: n(partition))
  }

  private mutating func agentEvent(_ partition: Int) -> String {
    let id = random.pick(Self.agents)
    return switch random.below(4) {
    case 0: agent("pause", id, "", partition)
    case 1: agent("offline", id, "", partition)
    default: agent("online", id, #","gateway":"desk""#, partition)
    }
  }

  private mutating func agent(_ type: String, _ id: String, _ more: String, _ partition: Int) -> String {
    #"{"type":"agent.\#(type)","shop":"\#(Self.shop(of: id))","agent":"\#(id)"\#(more),"#
      + #""source":"\#(source(partition))","n":\#(n(partition))}"#
  }

  private func source(_ partition: Int) -> String { "v\(partition)" }

  private mutating func n(_ partition: Int) -> Int {
    pushed[partition, default: 0] += 1
    return pushed[partition, default: 0]
  }
}
