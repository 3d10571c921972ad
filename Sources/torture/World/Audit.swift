import HiredisClient
import Proving
import Routing
import RoutingAudit
import RoutingStore

/// The one place where the audit's record and its checker meet the battery.
enum Audit {
  /// Switches the record on, before the first configuration and the first worker.
  static func begin(_ world: World) async throws {
    guard world.plan.isAudited else { return }
    let before =
      world.plan.beforehand == nil ? [:] : try await LedgerValue.all(of: world.shard, on: world.judge)
    await world.keep(AuditReading(checker: AuditChecker(shard: world.shard.tag, state: before)))
    try await AuditLog.start(keep: AuditLog.mostKept, world.keys, .standard, on: world.judge)
  }

  /// What the checker finds in pushes, record, outboxes and the state at the end. No worker works any more.
  static func judge(_ world: World) async throws -> [String] {
    guard world.plan.isAudited else { return [] }
    let (shard, judge) = (world.shard, world.judge)
    // A world on the files of another one has the record of that one, from its first entry.
    let begun = await world.takeReading()
    var reading = begun ?? AuditReading(checker: AuditChecker(shard: shard.tag))
    try await readOn(&reading, world)
    if reading.last == 0 { return ["the audit has no entry"] }
    var evidence = await world.giveEvidence()
    for partition in 0..<4 {
      let left = try await judge.send("LRANGE", shard.inbox(partition), "0", "-1")
      evidence.inboxes[partition] = (left.array ?? []).compactMap(\.bytes)
    }
    let numbers = try await judge.send("HKEYS", shard.gateways).array ?? []
    for gateway in numbers.compactMap(\.text) {
      let left = try await judge.send("LRANGE", "\(shard.tag):out:\(gateway)", "0", "-1")
      evidence.outboxes[gateway] = (left.array ?? []).compactMap(\.bytes)
    }
    // Where clocks jump, counters leave retention while they still count; and a clock that is set back by more than the
    // retention amid one function lets Redis expire a customer's record between two writes of that function.
    let fleeting = world.plan.clockJumps ? [":stats:", ":customer:"] : []
    evidence.state = try await LedgerValue.all(of: world.shard, on: world.judge).filter { key, _ in
      !fleeting.contains { key.contains($0) }
    }
    await world.note(reading)
    return reading.checker.finish(evidence).prefix(5).map { "audit: \($0)" }
  }

  /// Judges everything so far and forgets it, amid a run that would not fit into memory. Nobody pushes, and the lists
  /// are empty.
  static func settle(_ world: World) async throws {
    guard var reading = await world.takeReading() else { return }
    let evidence = await world.giveEvidence()
    try await readOn(&reading, world, trimming: true)
    reading.checker.settle(evidence)
    await world.keep(reading)
  }

  private static func readOn(
    _ reading: inout AuditReading, _ world: World, trimming: Bool = false
  ) async throws {
    while true {
      let page = try await AuditLog.read(world.shard, after: reading.last, on: world.judge)
      guard let newest = page.last.flatMap(AuditLog.number) else { return }
      for raw in page {
        let entry = try AuditEntry.decode(raw)
        if world.plan.clockJumps, let at = entry.at { reading.moments.append(at) }
        try reading.checker.feed(entry)
      }
      reading.last = newest
      if trimming { try await world.judge.send("LTRIM", world.shard.audit, "\(page.count)", "-1") }
    }
  }
}

/// The checker, and how far it has read.
struct AuditReading: Sendable {
  var checker: AuditChecker
  /// The number of the last entry that it was fed.
  var last: Int64 = 0
  /// Where clocks jump: what every entry held for the time.
  var moments: [Int64] = []
}

extension World {
  /// The checker goes on later.
  func keep(_ reading: AuditReading) { self.reading = reading }

  /// Hands the checker over, which is big and must not be copied.
  func takeReading() -> AuditReading? {
    defer { reading = nil }
    return reading
  }

  /// What was gathered for the checker since the last time.
  func giveEvidence() -> Evidence {
    defer { evidence = EvidenceMemory() }
    return evidence.whole
  }

  /// So many steps were judged one by one.
  func note(_ reading: AuditReading) {
    audited += Int(reading.last)
    moments = reading.moments
  }
}

/// What gateways pushed and took, word for word, for the checker.
struct EvidenceMemory: Sendable {
  private var pushes: [Int: [PushedEvent]] = [:]
  private var takes: [String: [(seq: Int64, raw: [UInt8])]] = [:]

  /// Events are about to be pushed; until the answer comes nobody knows whether they arrive.
  mutating func push(_ events: [String], to partition: Int) {
    push(events.map { Array($0.utf8) }, to: partition)
  }

  /// Events of any bytes.
  mutating func push(_ events: [[UInt8]], to partition: Int) {
    pushes[partition, default: []] += events.map { PushedEvent($0, isCertain: false) }
  }

  /// The last so many have arrived.
  mutating func pushed(_ count: Int, to partition: Int) {
    guard let all = pushes[partition] else { return }
    for index in all.indices.suffix(count) { pushes[partition]?[index].isCertain = true }
  }

  /// A command was read.
  mutating func take(_ raw: [UInt8], _ seq: Int64, by gateway: String) {
    takes[gateway, default: []].append((seq, raw))
  }

  /// What was read behind `seq` has not happened.
  mutating func forget(behind seq: Int64, by gateway: String) { takes[gateway]?.removeAll { $0.seq > seq } }

  /// In the checker's form, without what only Redis knows.
  var whole: Evidence {
    let pushed = pushes.mapValues { events in
      events.map { event in
        let known = try? EventDecoder.decode(event.raw).get()
        return PushedEvent(
          event.raw, source: known?.source?.rawValue, n: known?.n, isCertain: event.isCertain)
      }
    }
    return Evidence(pushed: pushed, taken: takes.mapValues { $0.map(\.raw) })
  }
}
