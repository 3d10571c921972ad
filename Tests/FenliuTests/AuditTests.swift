import Foundation
import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// `fenliu audit`; every test under a prefix of its own.
@Suite(.redis) struct AuditTests {
  private let server: RedisServer

  init() throws { server = try RedisServer.required() }

  /// Takes the lease of a partition: a step that leaves an entry.
  private func take(_ prefix: String, shard: Int = 0, partition: Int = 0, epoch: Int64 = 0) async throws {
    let connection = try await server.connected()
    try await Functions.load(on: connection)
    let owner = epoch == 0 ? "" : "w"
    let grant = try await Leases.take(
      "w", partition: partition, watched: LeaseView(owner: owner, epoch: epoch, renewal: 0),
      shard: Keys(prefix: prefix).shard(shard), on: connection)
    #expect(grant != nil)
  }

  private func number(_ line: String) throws -> Int {
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    return try #require(object?["i"] as? Int)
  }

  @Test func isOnInEveryPartitionOfEveryShardAndOffAgain() async throws {
    _ = try await Program.run("topology", "--prefix", "all", "--shards", "2", "--partitions", "3", on: server)
    let on = try await Program.run("audit", "on", "--keep", "7", "--prefix", "all", on: server)
    #expect(on.status == 0)
    #expect(on.output[0].contains("the last 7 entries"))
    let redis = try await server.connected()
    for shard in 0..<2 {
      for partition in 0..<3 {
        #expect(try await redis.send("HGET", "all:{\(shard)}:lease:\(partition)", "audit").integer == 7)
      }
    }
    #expect(try await redis.send("EXISTS", "all:{0}:lease:3").integer == 0)
    let off = try await Program.run("audit", "off", "--prefix", "all", on: server)
    #expect(off.output == ["no audit is kept any more"])
    #expect(try await redis.send("KEYS", "all:{*}:lease:*").array?.isEmpty == true)
  }

  @Test func readPrintsOneObjectALineShardAfterShard() async throws {
    _ = try await Program.run("topology", "--prefix", "read", "--shards", "2", on: server)
    _ = try await Program.run("audit", "on", "--prefix", "read", on: server)
    for (shard, partition) in [(1, 0), (0, 3), (0, 1)] {
      try await take("read", shard: shard, partition: partition)
    }
    let all = try await Program.run("audit", "read", "--prefix", "read", on: server)
    #expect(all.status == 0 && all.error.isEmpty)
    #expect(try all.output.map(number) == [1, 2, 1])
    #expect(all.output[0].contains(#""k":"lease_take","p":3,"o":"w","e":1"#))
    let later = try await Program.run(
      "audit", "read", "--shard", "0", "--after", "1", "--prefix", "read", on: server)
    #expect(later.output == [all.output[1]])
    let none = try await Program.run("audit", "read", "--shard", "2", "--prefix", "read", on: server)
    #expect(none.status == 1)
    #expect(none.error[0].contains("there is no shard 2, only 0 to 1; see `fenliu topology`"))
  }

  @Test func whatWasKeptCanBeReadAfterItsEndUntilItIsDropped() async throws {
    let before = try await Program.run("audit", "read", "--prefix", "end", on: server)
    #expect(before.status == 0 && before.output.isEmpty)
    #expect(before.error == ["no entries: no audit is kept; `fenliu audit on` begins one"])
    _ = try await Program.run("audit", "on", "--prefix", "end", on: server)
    let empty = try await Program.run("audit", "read", "--prefix", "end", on: server)
    #expect(empty.error == ["no entries"])
    try await take("end")
    let off = try await Program.run("audit", "off", "--prefix", "end", on: server)
    #expect(off.output[0].contains("1 entries are there to be read"))
    try await take("end", epoch: 1)
    #expect(try await Program.run("audit", "read", "--prefix", "end", on: server).output.count == 1)
    _ = try await Program.run("audit", "off", "--drop", "--prefix", "end", on: server)
    #expect(try await Program.run("audit", "read", "--prefix", "end", on: server).output.isEmpty)
    // A later audit goes on with the numbers.
    _ = try await Program.run("audit", "on", "--prefix", "end", on: server)
    try await take("end", epoch: 2)
    let again = try await Program.run("audit", "read", "--prefix", "end", on: server)
    #expect(try again.output.map(number) == [2])
  }

  @Test func aReaderOfManyEntriesGetsEachOnceAlsoBeyondOnePage() async throws {
    _ = try await Program.run("audit", "on", "--keep", "700", "--prefix", "many", on: server)
    for epoch in 0..<710 { try await take("many", epoch: Int64(epoch)) }
    let run = try await Program.run("audit", "read", "--prefix", "many", on: server)
    #expect(try run.output.map(number) == Array(11...710))
  }
}
