import Foundation
import HiredisClient
import Proving
import Routing
import RoutingStore

extension Fault {
  /// Short scenes whose outcome is known to the word: who is served first, what stays when an agent goes, when a clock
  /// runs out. They show what no comparison of the end can.
  static let scenes = Fault(
    name: "scenes", summary: "a scripted scene (order of service, an agent who goes, the idle clock)",
    share: 2
  ) { session in
    let server = try await RedisServer.start()
    try await session.worlds(WorldPlan(workers: 1), on: server, prefix: "s") { world, session in
      do {
        try await world.playScenes()
      } catch {
        await world.blame("a scene could not go on: \(error)")
      }
      session.count(4)
    }
  }
}

extension World {
  private static let scene = """
    shop: scene
    offline_grace: 200ms
    return: {window: 0}
    groups:
      q: {capacity: 1, idle_timeout: 1h, queue: {limit: 100}}
      i: {capacity: 9, idle_timeout: 500ms}
    agents:
      a: {groups: [q]}
      b: {groups: [i]}
    """

  /// Plays all scenes, one after the other.
  func playScenes() async throws {
    try await apply(Self.scene)
    try await act([
      Events.online("a", shop: "scene", gateway: "stage"),
      Events.online("b", shop: "scene", gateway: "stage"),
    ])
    try await serviceByLevelThenTime()
    try await anAgentWhoGoesGivesBackAtTheOldPlace()
    try await theIdleClockRunsFromTheLastWord()
    try await manySourcesAreHeard()
  }

  private func serviceByLevelThenTime() async throws {
    try await act([open("c0", level: 0)])
    try await act([open("c1", level: 0), open("c2", level: 2), open("c3", level: 2), open("c4", level: 1)])
    for id in ["c0", "c2", "c3", "c4"] { try await act([on(id, "close", #""by":"agent""#)]) }
    let order = try await assigned()
    if order != ["c0", "c2", "c3", "c4", "c1"] { blame("served in the order \(order)") }
    try await act([on("c1", "close", #""by":"agent""#)])
  }

  private func anAgentWhoGoesGivesBackAtTheOldPlace() async throws {
    try await act([open("d0", level: 0), open("d1", level: 0)])
    // Away and back within the grace time: nothing happens, also not when the first clock runs out.
    try await act([
      #"{"type":"agent.offline","shop":"scene","agent":"a"}"#,
      Events.online("a", shop: "scene", gateway: "stage"),
    ])
    try await Task.sleep(for: .milliseconds(400))
    if try await state("d0") != "active" {
      blame("a conversation went back though its agent was back in time")
    }
    try await act([#"{"type":"agent.offline","shop":"scene","agent":"a"}"#])
    try await eventually(within: .seconds(5), "d0 goes back to the queue") {
      try await state("d0") == "waiting"
    }
    try await act([Events.online("a", shop: "scene", gateway: "stage")])
    let order = try await assigned().suffix(1)
    if order != ["d0"] { blame("after its agent went, \(order) was served before d0") }
    try await act([on("d0", "close", #""by":"agent""#), on("d1", "close", #""by":"agent""#)])
  }

  private func theIdleClockRunsFromTheLastWord() async throws {
    try await act([open("e0", level: 0, group: "i"), on("e0", "message", #""from":"agent""#)])
    try await Task.sleep(for: .milliseconds(250))
    let time = try await ask("TIME").array ?? []
    let said = (time.first?.integer ?? 0) * 1_000 + (time.last?.integer ?? 0) / 1_000
    try await act([on("e0", "message", #""from":"agent""#)])
    // A machine that stood still meanwhile has closed it in time; then there is nothing to see.
    guard try await state("e0") == "active" else { return }
    try await eventually(within: .seconds(5), "the idle clock runs out") { try await state("e0") == "closed" }
    let key = shard.shop(ShopID(unchecked: "scene")).conversation(ConversationID(unchecked: "e0"))
    let closed = try await ask("HGET", key, "closed_at").integer ?? 0
    if closed < said + 500 {
      blame("closed as idle \(closed - said) ms after the last word, allowed from 500")
    }
    try await eventually(within: .seconds(2), "the stage is told of the idle end") {
      try await told().contains { $0.type == .closed && $0.conversation?.rawValue == "e0" }
    }
    let due = try await ask("ZRANGEBYSCORE", shard.due, "-inf", "\(closed)").array ?? []
    if !due.isEmpty { blame("timers that fired are still there: \(due.prefix(3).compactMap(\.text))") }
  }

  /// More sources than a partition remembers: the oldest are forgotten, which is looked at in the end.
  private func manySourcesAreHeard() async throws {
    let events = (1...1_200).map {
      Events.online("b", shop: "scene", gateway: "stage").dropLast() + #","source":"many\#($0)","n":1}"#
    }
    for first in stride(from: 0, to: events.count, by: 200) {
      try await act(events[first..<(first + 200)].map { String($0) })
    }
  }

  // MARK: On the stage

  private func open(_ id: String, level: Int, group: String = "q") -> String {
    Events.open(id, shop: "scene", gateway: "stage", level: level).dropLast() + #","group":"\#(group)"}"#
  }

  private func on(_ id: String, _ type: String, _ more: String) -> String {
    Events.on(id, type, shop: "scene", more)
  }

  /// Pushes events and waits until they are applied.
  private func act(_ events: [String]) async throws {
    try await push(3, events)
    try await eventually(within: .seconds(5), "the scene goes on") { try await backlog() == 0 }
  }

  private func told() async throws -> [Routing.Command] {
    let rows = try await ask("LRANGE", shard.outbox(GatewayID(unchecked: "stage")), "0", "-1").array ?? []
    return try rows.map { try CommandDecoder.decode($0.bytes ?? []).get() }
  }

  private func assigned() async throws -> [String] {
    try await told().filter { $0.type == .assigned && $0.to == .customer }.compactMap {
      $0.conversation?.rawValue
    }
  }

  private func state(_ id: String) async throws -> String? {
    let key = shard.shop(ShopID(unchecked: "scene")).conversation(ConversationID(unchecked: id))
    return try await ask("HGET", key, "state").text
  }
}
