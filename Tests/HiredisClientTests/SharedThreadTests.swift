import HiredisClient
import TestSupport
import Testing

/// The partition loop is an actor on its connection's thread and calls it without suspending.
@Suite(.redis) struct SharedThreadTests {
  private actor Loop {
    nonisolated let connection: RedisConnection
    nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }
    private var seen: [Int64] = []

    init(_ connection: RedisConnection) { self.connection = connection }

    func run(_ rounds: Int) throws(RedisError) -> [Int64] {
      try connection.onThread { (redis) throws(RedisError) in try redis.connect() }
      for _ in 0..<rounds {
        let next = try connection.onThread { (redis) throws(RedisError) in
          try redis.send("INCR", "rounds").integer ?? 0
        }
        seen.append(next)
      }
      return seen
    }

    func sumWithoutCopying() throws(RedisError) -> Int64 {
      var pipeline = RedisPipeline()
      for _ in 0..<10 { pipeline.append("INCR", "sum") }
      var sum: Int64 = 0
      try connection.onThread { (redis) throws(RedisError) in
        try redis.pipeline(pipeline) { _, reply in sum += reply.integer ?? 0 }
      }
      return sum
    }

    func plainAssumeIsolated() throws -> String? {
      try connection.assumeIsolated { try $0.send("PING").text }
    }

    func fails() throws(RedisError) {
      _ = try connection.onThread { (redis) throws(RedisError) in try redis.send("NOSUCHCOMMAND") }
    }
  }

  @Test func callsSynchronously() async throws {
    let loop = Loop(try RedisServer.required().connection())
    #expect(try await loop.run(100) == Array(1...100))
    #expect(try await loop.sumWithoutCopying() == 55)
    #expect(try await loop.plainAssumeIsolated() == "PONG")
    let error = await #expect(throws: RedisError.self) { try await loop.fails() }
    #expect(error?.isRetriable == false)
  }

  @Test func sharesOneThreadBetweenConnections() async throws {
    let server = try RedisServer.required()
    let thread = RedisThread(name: "shared")
    let first = server.connection(thread: thread)
    let second = server.connection(thread: thread)
    try await first.connect()
    try await second.connect()
    try await first.send("SET", "shared", "1")
    #expect(try await second.send("GET", "shared").text == "1")
  }
}
