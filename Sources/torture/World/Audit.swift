import HiredisClient
import Routing
import RoutingAudit
import RoutingStore

/// The one place where the audit's record and its checker meet the battery.
enum Audit {
  /// Switches the record on, before the first configuration and the first worker.
  static func begin(_ world: World) async throws {
    guard world.plan.isAudited else { return }
    try await AuditLog.start(keep: AuditLog.mostKept, world.keys, .standard, on: world.judge)
  }

  /// What the checker finds in pushes, record, outboxes and the state at the end. No worker works any more.
  static func judge(_ world: World) async throws -> [String] {
    guard world.plan.isAudited else { return [] }
    let (shard, judge) = (world.shard, world.judge)
    var checker = AuditChecker(shard: shard.tag)
    var last: Int64 = 0
    while true {
      let page = try await AuditLog.read(shard, after: last, on: judge)
      guard let newest = page.last.flatMap(AuditLog.number) else { break }
      for entry in page { try checker.feed(try AuditEntry.decode(entry)) }
      last = newest
    }
    if last == 0 { return ["the audit has no entry"] }
    var evidence = await world.evidence.whole
    for partition in 0..<4 {
      let left = try await judge.send("LRANGE", shard.inbox(partition), "0", "-1")
      evidence.inboxes[partition] = (left.array ?? []).compactMap(\.bytes)
    }
    let numbers = try await judge.send("HKEYS", shard.gateways).array ?? []
    for gateway in numbers.compactMap(\.text) {
      let left = try await judge.send("LRANGE", "\(shard.tag):out:\(gateway)", "0", "-1")
      evidence.outboxes[gateway] = (left.array ?? []).compactMap(\.bytes)
    }
    var state: [String: LedgerValue] = [:]
    for key in try await StoredKey.all(of: shard, on: judge) {
      state[key.name] = LedgerValue(kind: key.kind, words: key.words)
    }
    evidence.state = state
    await world.noteAudited(last)
    return checker.finish(evidence).prefix(5).map { "audit: \($0)" }
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
