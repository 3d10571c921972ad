import HiredisClient
import Routing
import RoutingStore
import TestSupport

/// One random history, on the model and on the real functions side by side.
struct RandomRun {
  /// The first step after which the two were not the same.
  struct Difference: Error, CustomStringConvertible {
    var description: String
  }

  static let violationsEvery = 50

  let seed: UInt64
  private var random: SeededGenerator
  private let shop: RandomShop
  private var events: RandomEvents
  private var model: ReferenceModel
  private let store: StoreHarness
  private var history: [String] = []
  private var isSettled = true
  private let nextDueOnly: Bool

  init(seed: UInt64, prefix: String, on connection: isolated RedisConnection) throws {
    self.seed = seed
    random = SeededGenerator(seed: seed)
    shop = RandomShop(&random)
    events = RandomEvents(shop)
    nextDueOnly = random.percent(50)
    let configuration = shop.configuration(&random)
    store = try StoreHarness(configuration, prefix: prefix, on: connection)
    model = ReferenceModel(configuration, version: store.version)
    model.now = store.now
    model.settleAll()
    history.append("configuration \(configuration.short)")
  }

  /// Plays so many events and compares after each step.
  mutating func play(_ count: Int, on connection: isolated RedisConnection) throws {
    try compare("the beginning", on: connection)
    for index in 1...count {
      if random.percent(2) { try reconfigure(on: connection) }
      if !isSettled, random.percent(10) { try settle(on: connection) }
      try passTime(on: connection)
      let event = events.next(&random)
      history.append("\(store.now) \(event.json)")
      try store.play(event, on: connection)
      model.apply(event)
      try compare(event.json, on: connection)
      if index % Self.violationsEvery == 0 {
        let violations = try store.violations(on: connection)
        guard violations.isEmpty else { throw difference("fl_check", violations) }
      }
    }
  }

  private mutating func reconfigure(on connection: isolated RedisConnection) throws {
    let configuration = shop.changed(model.configuration, &random)
    history.append("\(store.now) configuration \(configuration.short)")
    try store.apply(configuration, on: connection)
    model.apply(configuration, version: store.version)
    isSettled = false
    if random.percent(60) { try settle(on: connection) }
  }

  private mutating func settle(on connection: isolated RedisConnection) throws {
    history.append("\(store.now) settle all records")
    try store.settleAll(on: connection)
    model.settleAll()
    isSettled = true
    try compare("settling", on: connection)
  }

  /// Time goes on, mostly a little; timers fire when they are due, or some while later.
  private mutating func passTime(on connection: isolated RedisConnection) throws {
    let step =
      switch random.below(100) {
      case 0..<45: 0
      case 45..<75: 1 + random.below(200)
      case 75..<92: random.below(8_000)
      case 92..<97: 10_000 + random.below(60_000)
      case 97..<99: 600_000 + random.below(100_000)
      default: 5_000
      }
    let target = store.now + Int64(step)
    if nextDueOnly || random.percent(30) {
      while let next = model.due.values.min(), next <= target {
        try tick(max(next, store.now), on: connection)
      }
    }
    move(to: target)
    if random.percent(80) { try tick(target, on: connection) }
  }

  private mutating func move(to time: Int64) {
    store.now = time
    model.now = time
  }

  private mutating func tick(_ time: Int64, on connection: isolated RedisConnection) throws {
    move(to: time)
    let limit = random.pick([1, 3, 64])
    let before = model.due.filter { $0.value <= time }.map { "\($0.key)@\($0.value)" }.sorted()
    if !before.isEmpty { history.append("\(time) due: " + before.joined(separator: " ")) }
    let real = try store.tick(limit: limit, on: connection)
    let fired = model.tick()
    guard real.fired > 0 || fired > 0 else { return }
    try compare("tick", on: connection)
  }

  // MARK: Comparing

  private mutating func compare(_ what: String, on connection: isolated RedisConnection) throws {
    let world = try store.world(on: connection)
    let expected = model.world
    var found: [String] = []
    if world.lines != expected {
      let (real, model) = (Set(world.lines), Set(expected))
      found += expected.filter { !real.contains($0) }.map { "model \($0)" }
      found += world.lines.filter { !model.contains($0) }.map { "store \($0)" }
    }
    var commands = world.commands
    for gateway in commands.keys {
      for index in (commands[gateway] ?? []).indices where commands[gateway]?[index].type == .rejected {
        // The words of a reason are the decoder's and the store's own.
        commands[gateway]?[index].error = nil
      }
    }
    for gateway in Set(commands.keys).union(model.outboxes.keys).sorted()
    where commands[gateway] ?? [] != model.outboxes[gateway] ?? [] {
      found += (model.outboxes[gateway] ?? []).map { "model to \(gateway) \($0.short)" }
      found += (commands[gateway] ?? []).map { "store to \(gateway) \($0.short)" }
    }
    model.outboxes = [:]
    if !found.isEmpty { throw difference(what, found) }
  }

  private func difference(_ what: String, _ lines: [String]) -> Difference {
    Difference(
      description: """
        seed \(seed): model and store differ after \(what)
        \(lines.joined(separator: "\n"))
        The last steps (FENLIU_SEED=\(seed) repeats them):
        \(history.suffix(40).joined(separator: "\n"))
        """)
  }
}

extension Command {
  /// The fields that are there.
  var short: String {
    let fields: [String?] = [
      "\(seq) \(type.name)", conversation.map { "\($0)" }, to.map { "to=\($0)" }, agent.map { "agent=\($0)" },
      group.map { "group=\($0)" }, level.map { "level=\($0.rawValue)" }, reason.map { "reason=\($0)" },
      waitedMs.map { "waited=\($0)" }, position.map { "position=\($0)" },
      waitSeconds.map { "wait=\($0)" }, hidden.map { "hidden=\($0)" }, by.map { "by=\($0)" },
      id.map { "id=\($0)" }, "at=\(at.rawValue)",
    ]
    return fields.compactMap(\.self).joined(separator: " ")
  }
}

extension ShopConfiguration {
  /// What matters in a random history.
  var short: String {
    let served = groupOrder.compactMap { groups[$0] }.map { group in
      "\(group.id) \(group.strategy.rawValue) idle=\(group.idleTimeout.rawValue) enabled=\(group.queue.enabled) "
        + "limit=\(group.queue.limit)"
    }
    let people = agents.values.sorted { $0.id < $1.id }.map { agent in
      "\(agent.id) capacity=\(agent.capacity) \(agent.groups.map { "\($0.group)" }.joined(separator: "+"))"
    }
    return "default=\(defaultGroup) mode=\(defaultMode.rawValue) grace=\(offlineGrace.rawValue) "
      + "heartbeat=\(heartbeat.rawValue) dedicated=\(dedicatedWait.rawValue) | "
      + (served + people).joined(separator: " | ")
  }
}
