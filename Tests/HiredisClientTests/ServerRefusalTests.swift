import Foundation
import HiredisClient
import TestSupport
import Testing

/// Error replies of real servers in real trouble, provoked one by one on a server of their own.
@Suite(.timeLimit(.minutes(2))) struct ServerRefusalTests {
  private static let library = RedisLibrary(
    name: "w",
    code: """
      #!lua name=w
      redis.register_function('w', function(keys) return redis.call('SET', keys[1], 1) end)
      """)

  @Test func outOfMemory() async throws {
    let server = try await RedisServer.start()
    let redis = try await server.connected()
    try await redis.load(Self.library)
    try await redis.send("CONFIG", "SET", "maxmemory", "1")
    #expect(await refusal(redis, "SET", "a", "1") == .outOfMemory)
    #expect(await refusal(redis, "FCALL", "w", "1", "a") == .outOfMemory)
    #expect(try await redis.send("GET", "a").isNull)
  }

  @Test func cannotSave() async throws {
    let server = try await RedisServer.start(.init(settings: ["dbfilename": "dump"]))
    let redis = try await server.connected()
    try await redis.load(Self.library)
    // A directory in its place is what a snapshot cannot replace, not even as root.
    try FileManager.default.createDirectory(
      atPath: server.directoryPath + "/dump/in-the-way", withIntermediateDirectories: true)
    try await redis.send("CONFIG", "SET", "save", "3600 1")
    try await redis.send("BGSAVE")
    try await eventually("the snapshot fails") {
      try await redis.send("INFO", "persistence").text?.contains("rdb_last_bgsave_status:err") == true
    }
    #expect(await refusal(redis, "SET", "a", "1") == .misconfigured)
    #expect(await refusal(redis, "FCALL", "w", "1", "a") == .misconfigured)
  }

  @Test func replicaWithoutItsPrimary() async throws {
    let server = try await RedisServer.start()
    let redis = try await server.connected()
    try await redis.load(Self.library)
    try await redis.send("REPLICAOF", "127.0.0.1", "1")
    #expect(await refusal(redis, "SET", "a", "1") == .readOnly)
    #expect(await refusal(redis, "FCALL", "w", "1", "a") == .readOnly)
    try await redis.send("CONFIG", "SET", "replica-serve-stale-data", "no")
    #expect(await refusal(redis, "GET", "a") == .masterDown)
  }

  @Test func tooFewReplicas() async throws {
    let server = try await RedisServer.start(.init(settings: ["min-replicas-to-write": "1"]))
    let redis = try await server.connected()
    #expect(await refusal(redis, "SET", "a", "1") == .noReplicas)
  }

  @Test func busyAndUnkillable() async throws {
    let server = try await RedisServer.start(.init(settings: ["busy-reply-threshold": "20"]))
    let redis = try await server.connected()
    let other = try await server.connected()
    async let endless = refusal(other, "EVAL", "while true do end", "0")
    try await eventually("the server is busy") {
      do {
        try await redis.send("PING")
        return false
      } catch RedisError.server(let error) {
        return error.kind == .busy
      }
    }
    try await redis.send("SCRIPT", "KILL")
    #expect(await endless == .other(code: "ERR"))

    async let unkillable = #expect(throws: RedisError.closedByServer) {
      try await other.send("EVAL", "redis.call('SET', 'a', 1) while true do end", "0")
    }
    try await eventually("the script cannot be stopped") {
      do {
        try await redis.send("SCRIPT", "KILL")
        return false
      } catch RedisError.server(let error) {
        return error.kind == .unkillable
      }
    }
    server.kill()
    _ = await unkillable
  }

  @Test func unblocked() async throws {
    let server = try await RedisServer.start()
    let redis = try await server.connected()
    let waiting = try await server.connected()
    let id = try #require(await waiting.clientID)
    async let kind = refusal(waiting, "BLMOVE", "list", "list", "LEFT", "LEFT", "0")
    try await eventually("the client is blocked") {
      try await redis.send("CLIENT", "UNBLOCK", String(id), "ERROR").integer == 1
    }
    #expect(await kind == .unblocked)
  }

  @Test func loading() async throws {
    let server = try await RedisServer.start()
    let redis = try await server.connected()
    try await redis.send("EVAL", "for i = 1, 20000 do redis.call('SET', i, i) end", "0")
    try await redis.send("SAVE")
    server.kill()
    // 10 s altogether, with an answer after every hundred keys or so.
    let slow = ["key-load-delay": "500", "loading-process-events-interval-bytes": "1024"]
    try await server.start(untilReady: false, settings: slow)
    try await redis.connect()
    #expect(await refusal(redis, "GET", "1") == .loading)
    let error = await #expect(throws: RedisError.self) { try await redis.send("GET", "1") }
    #expect(error?.isRetriable == true)
  }

  @Test func withoutSlots() async throws {
    let server = try await RedisServer.start(.init(tcp: true, settings: ["cluster-enabled": "yes"]))
    let redis = try await server.connected()
    #expect(await refusal(redis, "SET", "a", "1") == .clusterDown)
  }

  @Test func tooManyClients() async throws {
    let server = try await RedisServer.start()
    let redis = try await server.connected()
    try await redis.send("CONFIG", "SET", "maxclients", "1")
    for _ in 0..<20 {
      let late = server.connection()
      let error = await #expect(throws: RedisError.self) { try await late.connect() }
      guard case .server(let refusal) = error else {
        Issue.record("no reason given: \(String(describing: error))")
        continue
      }
      #expect(refusal.kind == .tooManyClients && error?.isRetriable == true)
    }
  }

  @Test func scriptsAndTransactions() async throws {
    let server = try await RedisServer.start()
    let redis = try await server.connected()
    #expect(await refusal(redis, "EVALSHA", String(repeating: "0", count: 40), "0") == .noScript)
    #expect(await refusal(redis, "FCALL", "nothing", "0") == .functionNotFound)
    try await redis.send("MULTI")
    #expect(await refusal(redis, "NOSUCHCOMMAND") == .other(code: "ERR"))
    #expect(await refusal(redis, "EXEC") == .transactionAborted)
  }
}
