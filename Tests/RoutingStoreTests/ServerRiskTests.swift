import HiredisClient
import RoutingStore
import TestSupport
import Testing

/// What a worker says at its start about the settings of its Redis.
@Suite struct ServerRiskTests {
  private static let safe = [
    "maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "always", "maxmemory": "1000000000",
    "maxclients": "10000", "timeout": "0", "no-appendfsync-on-rewrite": "no",
  ]

  @Test func theSettingsOfTheDeployFolderAreSafe() {
    #expect(ServerRisks.judge(Self.safe) == [])
    // A user that may not read the settings is told nothing.
    #expect(ServerRisks.judge([:]) == [])
  }

  private static let risky: [(String, String, String)] = [
    ("maxmemory-policy", "allkeys-lru", "noeviction"),
    ("maxmemory-policy", "volatile-ttl", "noeviction"),
    ("appendonly", "no", "set it to yes"),
    ("appendfsync", "no", "power cut"),
    ("appendfsync", "everysec", "push again"),
    ("no-appendfsync-on-rewrite", "yes", "set it to no"),
    ("maxmemory", "0", "below the machine's memory"),
    ("maxclients", "100", "at least 1000"),
    ("timeout", "5", "set it to 0"),
  ]

  @Test(arguments: risky)
  func eachRiskyOneIsNamedInOneLine(_ setting: String, _ value: String, _ advice: String) {
    let risks = ServerRisks.judge(Self.safe.merging([setting: value]) { $1 })
    #expect(risks.map(\.setting) == [setting])
    #expect(risks.first?.description.contains(advice) == true)
    #expect(risks.first?.description.contains("\n") == false)
  }

  @Test func whereAReplicaMayTakeOverAPrimaryAloneMustNotGoOn() {
    let alone = Self.safe.merging(["min-replicas-to-write": "0"]) { $1 }
    #expect(ServerRisks.judge(alone) == [])
    #expect(ServerRisks.judge(alone, mayFailOver: true).map(\.setting) == ["min-replicas-to-write"])
    let guarded = Self.safe.merging(["min-replicas-to-write": "1"]) { $1 }
    #expect(ServerRisks.judge(guarded, mayFailOver: true) == [])
  }

  @Test(arguments: [
    (Durability(.always), ["appendfsync": "everysec"], ["appendfsync"]),
    (Durability(.fast), ["appendfsync": "everysec"], []),
    (Durability(.replicated), ["appendfsync": "everysec", "min-replicas-to-write": "1"], []),
    (Durability(.replicated, replicas: 2), ["min-replicas-to-write": "1"], ["min-replicas-to-write"]),
    (Durability(.fast), ["appendfsync": "no"], ["appendfsync"]),
  ])
  func settingsHaveToFitWhatWasChosen(
    _ durability: Durability, _ settings: [String: String], _ expected: [String]
  ) {
    let risks = ServerRisks.judge(Self.safe.merging(settings) { $1 }, durability: durability)
    #expect(risks.map(\.setting) == expected)
  }

  @Test func alwaysIsForOneServer() {
    let settings = Self.safe.merging(["min-replicas-to-write": "1"]) { $1 }
    let risks = ServerRisks.judge(settings, mayFailOver: true, durability: Durability(.always))
    #expect(risks.map(\.setting) == ["durability"])
  }

  @Test(.redis) func theyAreReadFromTheServer() async throws {
    let connection = try await RedisServer.required().connected()
    _ = try await connection.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    let risks = try await ServerRisks.read(on: connection)
    #expect(risks.contains { $0.setting == "maxmemory-policy" })
    #expect(risks.contains { $0.setting == "appendonly" })
  }
}
