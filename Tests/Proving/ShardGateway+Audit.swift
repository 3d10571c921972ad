import HiredisClient
import Routing
import RoutingAudit
import RoutingStore

extension ShardGateway {
  /// Plays the shard's audit again, as its present home has it: what was not as promised at any step, and how many
  /// steps there were. No worker works any more.
  package func judgeAudit() async throws -> (found: [String], entries: Int) {
    let connection = RedisConnection(
      to: endpoint, name: "audit", deadlines: RedisDeadlines(connect: .seconds(20)))
    try await connection.connect()
    var checker = AuditChecker(shard: shard.tag)
    var last: Int64 = 0
    while true {
      let page = try await AuditLog.read(shard, after: last, on: connection)
      guard let newest = page.last.flatMap(AuditLog.number) else { break }
      for entry in page { try checker.feed(try AuditEntry.decode(entry)) }
      last = newest
    }
    var evidence = Evidence()
    // Of a push that was in doubt nobody knows whether it came: a failover may have taken it back.
    evidence.pushed = pushed.mapValues { events in
      events.map { raw in
        let event = try? EventDecoder.decode(raw).get()
        return PushedEvent(raw, source: event?.source?.rawValue, n: event?.n, isCertain: false)
      }
    }
    evidence.take(state: try await LedgerValue.all(of: shard, on: connection), of: shard)
    await connection.close()
    let found = checker.finish(evidence).prefix(10).map { "shard \(shard.index), audit: \($0)" }
    return (found, Int(checker.entries))
  }
}
