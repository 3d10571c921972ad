import HiredisClient
import RoutingStore
import TestSupport
import Testing

/// What a failover has lost, as far as can be known.
@Suite struct DatasetTests {
  @Test(arguments: [
    (Dataset(history: "a", length: 90), Dataset.Succession.same),
    (Dataset(history: "b", length: 100, origin: "a", inherited: 100), .complete),
    (Dataset(history: "b", length: 500, origin: "a", inherited: 120), .complete),
    (Dataset(history: "b", length: 500, origin: "a", inherited: 99), .missing(bytes: 1)),
    (Dataset(history: "b", length: 0, origin: "a", inherited: 0), .missing(bytes: 100)),
    (Dataset(history: "c", length: 500, origin: "b", inherited: 400), .unknown),
    (Dataset(history: "d", length: 0), .unknown),
  ])
  func aNewPrimaryIsMeasuredAgainstWhatWasSeenOfTheOld(_ present: Dataset, _ expected: Dataset.Succession) {
    #expect(present.succession(after: Dataset(history: "a", length: 100)) == expected)
  }

  @Test func aReplicaThatLaggedIsToldFromOneThatHadAll() async throws {
    let primary = try await RedisServer.start(.init(tcp: true, settings: ["repl-diskless-sync-delay": "0"]))
    let port = try #require(primary.port)
    let replica = try await RedisServer.start(
      .init(settings: ["replicaof": "127.0.0.1 \(port)", "repl-diskless-sync-delay": "0"]))
    let old = try await primary.connected()
    let new = try await replica.connected()
    try await old.send("SET", "a", "1")
    try await eventually("the replica has all") { try await new.send("GET", "a").text == "1" }
    let before = try #require(try await Dataset.read(on: old))
    #expect(try await Dataset.read(on: new)?.succession(after: before) == .same)

    try await new.send("REPLICAOF", "NO", "ONE")
    let promoted = try #require(try await Dataset.read(on: new))
    #expect(promoted.succession(after: before) == .complete)
    // What the old primary takes from now on is lost with it.
    let command = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n2\r\n"
    try await old.send("SET", "a", "2")
    let last = try #require(try await Dataset.read(on: old))
    guard case .missing(let bytes) = promoted.succession(after: last) else {
      Issue.record("\(promoted) after \(last)")
      return
    }
    #expect(bytes >= Int64(command.utf8.count))
  }
}
