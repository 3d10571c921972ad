import HiredisClient
import Routing
import RoutingStore

/// Plays a history on the model and on the real functions side by side, and compares after every step.
struct Replay {
  /// Where the two were not the same.
  struct Difference: Error {
    /// The index of the step.
    var step: Int
    var lines: [String]
  }

  /// How many steps lie between two looks at what takes long to compare.
  static let longLookEvery = 60

  private(set) var model: ReferenceModel
  private let store: StoreHarness
  private var index = 0

  private init(_ history: History, prefix: String, on connection: isolated RedisConnection) throws {
    store = try StoreHarness(history.configuration, prefix: prefix, on: connection)
    model = ReferenceModel(history.configuration, version: store.version)
    model.now = store.now
    model.settleAll()
  }

  /// The first difference, or nil. `longLooks`: how often statistics and `fl_check` are asked.
  static func play(
    _ history: History, prefix: String = "fl:", longLooks: Int = longLookEvery,
    on connection: isolated RedisConnection
  ) throws -> Difference? {
    try connection.send("FLUSHALL")
    var replay = try Replay(history, prefix: prefix, on: connection)
    do {
      try replay.compare(on: connection)
      for (index, step) in history.steps.enumerated() {
        replay.index = index
        try replay.perform(step, on: connection)
        let isLast = index == history.steps.count - 1
        if isLast || index % longLooks == longLooks - 1 { try replay.lookLong(on: connection) }
      }
      return nil
    } catch let difference as Difference {
      return difference
    } catch let stuck as StoreHarness.Stuck {
      return Difference(step: replay.index, lines: ["\(stuck)"])
    } catch let error as CommandDecoder.Malformed {
      return Difference(step: replay.index, lines: [error.reason])
    }
  }

  private mutating func perform(_ step: History.Step, on connection: isolated RedisConnection) throws {
    switch step {
    case .configure(_, let configuration):
      try store.apply(configuration, on: connection)
      model.apply(configuration, version: store.version)
    case .settle:
      try store.settleAll(on: connection)
      model.settleAll()
      try compare(on: connection)
    case .pass(let span, let firing):
      let target = store.now + span
      // A bound, since a mistake may set a timer again and again. Where one and the same timer fires every second
      // of an hour, not every time is compared.
      for round in 0..<10_000 where firing {
        guard let next = model.due.values.min(), next <= target else { break }
        move(to: max(next, store.now))
        try tick(limit: 64, comparing: round < 50 || round % 20 == 0, on: connection)
      }
      move(to: target)
      if firing { try compare(on: connection) }
    case .tick(let limit): try tick(limit: limit, on: connection)
    case .event(let event):
      try store.play(event, on: connection)
      model.apply(event)
      try compare(on: connection)
    }
  }

  private mutating func move(to time: Int64) {
    store.now = time
    model.now = time
  }

  private mutating func tick(
    limit: Int, comparing: Bool = true, on connection: isolated RedisConnection
  ) throws {
    let real = try store.tick(limit: limit, on: connection)
    let fired = model.tick()
    if comparing, real.fired > 0 || fired > 0 { try compare(on: connection) }
  }

  // MARK: Comparing

  private mutating func compare(on connection: isolated RedisConnection) throws {
    let world = try store.world(on: connection)
    var found = Self.unequal(world.lines, model.world)
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
    if !found.isEmpty { throw Difference(step: index, lines: found) }
  }

  private func lookLong(on connection: isolated RedisConnection) throws {
    try store.foldFacts(on: connection)
    let counted = try World.statistics(store.shop, shard: store.shard, on: connection)
    let found = Self.unequal(counted, model.counters) + (try store.violations(on: connection))
    if !found.isEmpty { throw Difference(step: index, lines: found) }
  }

  private static func unequal(_ real: [String], _ expected: [String]) -> [String] {
    guard real != expected else { return [] }
    let (inStore, inModel) = (Set(real), Set(expected))
    return expected.filter { !inStore.contains($0) }.map { "model \($0)" }
      + real.filter { !inModel.contains($0) }.map { "store \($0)" }
  }
}

extension Command {
  /// The fields that are there.
  var short: String {
    let fields: [String?] = [
      "\(seq) \(type.name)", conversation.map { "\($0)" }, to.map { "to=\($0)" }, agent.map { "agent=\($0)" },
      group.map { "group=\($0)" }, level.map { "level=\($0.rawValue)" }, reason.map { "reason=\($0)" },
      waitedMs.map { "waited=\($0)" }, position.map { "position=\($0)" },
      waitSeconds.map { "wait=\($0)" }, hidden.map { "hidden=\($0)" }, kind.map { "kind=\($0)" },
      text.map { "text=\($0)" }, note.map { "note=\($0)" }, score.map { "score=\($0)" },
      by.map { "by=\($0)" },
      id.map { "id=\($0)" }, "at=\(at.rawValue)",
    ]
    return fields.compactMap(\.self).joined(separator: " ")
  }
}
