import HiredisClient
import Synchronization
import TestSupport
import Testing

/// Commands and pipelines against a real server.
@Suite(.redis) struct RedisConnectionTests {
  let server: RedisServer

  init() throws { server = try RedisServer.required() }

  @Test func answersEveryKindOfReply() async throws {
    let redis = try await server.connected()
    #expect(try await redis.send("PING") == .status("PONG"))
    #expect(try await redis.send("SET", "kinds", "12") == .status("OK"))
    #expect(try await redis.send("GET", "kinds").integer == 12)
    #expect(try await redis.send("INCR", "kinds") == .integer(13))
    #expect(try await redis.send("GET", "kinds:none").isNull)
    let script = "return {1, 'two', {false, {ok='three'}}, redis.error_reply('MINE four')}"
    let reply = try await redis.send("EVAL", script, "0")
    #expect(
      reply
        == .array([
          .integer(1), .bulk(Array("two".utf8)), .array([.null, .status("three")]),
          .error(RedisServerError("MINE four")),
        ]))
    #expect(reply.array?[1].text == "two" && reply.array?[1].bytes == Array("two".utf8))
  }

  @Test func throwsErrorRepliesAndStaysOpen() async throws {
    let redis = try await server.connected()
    try await redis.send("SET", "text", "abc")
    let error = await #expect(throws: RedisError.self) { try await redis.send("LPUSH", "text", "x") }
    guard case .server(let refusal) = error else {
      Issue.record("not an error reply: \(String(describing: error))")
      return
    }
    #expect(refusal.kind == .wrongType)
    #expect(await redis.isConnected)
    #expect(try await redis.send("GET", "text").text == "abc")
  }

  @Test func tellsItsNameAndNumber() async throws {
    let redis = server.connection(name: "a worker\n")
    #expect(await redis.clientID == nil)
    try await redis.connect()
    #expect(try await redis.send("CLIENT", "GETNAME").text == "a-worker-")
    #expect(try await redis.send("CLIENT", "ID").integer == redis.clientID)
    await redis.close()
    #expect(await redis.clientID == nil)
    await #expect(throws: RedisError.notConnected) { try await redis.send("PING") }
  }

  @Test func selectsTheDatabase() async throws {
    let redis = RedisConnection(to: RedisEndpoint(.unix(path: server.socketPath), database: 3))
    try await redis.connect()
    #expect(try await redis.send("CLIENT", "INFO").text?.contains(" db=3 ") == true)
    let beyond = RedisConnection(to: RedisEndpoint(.unix(path: server.socketPath), database: 99))
    await #expect(throws: RedisError.server(RedisServerError("ERR DB index is out of range"))) {
      try await beyond.connect()
    }
    #expect(await beyond.isConnected == false)
  }

  @Test func matchesTenThousandRepliesToTheirCommands() async throws {
    let redis = try await server.connected()
    var pipeline = RedisPipeline()
    for index in 0..<10_000 as Range<Int64> {
      switch index % 4 {
      case 0: pipeline.append("ECHO", "echo \(index)")
      case 1: pipeline.append("GET", "none")
      case 2: pipeline.append("NOSUCHCOMMAND")
      default:
        pipeline.begin(3)
        pipeline.word("INCRBY")
        pipeline.word("ten thousand \(index)")
        pipeline.word(index)
      }
    }
    let replies = try await redis.pipeline(pipeline)
    #expect(replies.count == 10_000)
    var wrong: [Int] = []
    for (index, reply) in replies.enumerated() {
      let isRight =
        switch index % 4 {
        case 0: reply.text == "echo \(index)"
        case 1: reply == .null
        case 2: reply.error?.kind == .other(code: "ERR")
        default: reply == .integer(Int64(index))
        }
      if !isRight { wrong.append(index) }
    }
    #expect(wrong == [])
  }

  @Test func carriesAnyBytes() async throws {
    let redis = try await server.connected()
    let allBytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var pipeline = RedisPipeline()
    pipeline.begin(3)
    pipeline.word("SET")
    pipeline.word("binary")
    pipeline.word(allBytes)
    pipeline.append("GET", "binary")
    let replies = try await redis.pipeline(pipeline)
    #expect(replies[1].bytes == allBytes)
    #expect(replies[1].text == nil)
  }

  @Test func carriesTenMegabytes() async throws {
    let redis = try await server.connected()
    let large = [UInt8](unsafeUninitializedCapacity: 10_000_000) { buffer, count in
      for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: index &* 7) }
      count = buffer.count
    }
    var pipeline = RedisPipeline()
    pipeline.begin(2)
    pipeline.word("ECHO")
    pipeline.word(large)
    #expect(try await redis.pipeline(pipeline).first?.bytes == large)
    #expect(try await redis.send("PING") == .status("PONG"))
  }

  /// Were everything written before anything is read, the server would stop reading once its replies fill the
  /// socket, and both sides would wait for ever.
  @Test func readsWhileItWrites() async throws {
    let redis = try await server.connected(deadlines: RedisDeadlines(command: .seconds(60)))
    let word = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
    var pipeline = RedisPipeline(reservingCapacity: 100_100_000)
    for _ in 0..<1000 {
      pipeline.begin(2)
      pipeline.word("ECHO")
      pipeline.word(word)
    }
    let commands = pipeline
    let lengths = try await total(redis, commands)
    #expect(lengths == 100_000_000)
  }

  private func total(_ redis: isolated RedisConnection, _ pipeline: RedisPipeline) throws -> Int {
    var sum = 0
    try redis.pipeline(pipeline) { _, reply in sum += reply.withBytes { $0.count } }
    return sum
  }

  @Test func lendsRepliesWithoutCopying() async throws {
    let redis = try await server.connected()
    var pipeline = RedisPipeline()
    pipeline.append("EVAL", "return {7, 'text', '-9223372036854775808', '12x', false, nil, 'cut off'}", "0")
    pipeline.append("NOSUCHCOMMAND")
    pipeline.append("PING")
    let commands = pipeline
    try await look(redis, commands)
  }

  private func look(_ redis: isolated RedisConnection, _ pipeline: RedisPipeline) throws {
    var seen: [Int] = []
    try redis.pipeline(pipeline) { index, reply in
      seen.append(index)
      switch index {
      case 0:
        #expect(reply.kind == .array && reply.count == 5)
        #expect(reply[0].integer == 7 && reply[0].kind == .integer)
        #expect(reply[1].text == "text" && reply[1].integer == nil)
        #expect(reply[2].integer == .min && reply[3].integer == nil)
        #expect(reply[4].isNull && reply[5].isNull && reply[-1].isNull && reply[4].text == nil)
        #expect(reply.value.array?.count == 5)
      case 1: #expect(reply.error?.kind == .other(code: "ERR") && reply.kind == .error)
      default: #expect(reply.text == "PONG" && reply.kind == .status && reply.value == .status("PONG"))
      }
    }
    #expect(seen == [0, 1, 2])
  }

  @Test func refusesIncompletePipelines() async throws {
    let redis = try await server.connected()
    var pipeline = RedisPipeline()
    pipeline.begin(2)
    pipeline.word("GET")
    let commands = pipeline
    await #expect(throws: RedisError.incompletePipeline) { try await redis.pipeline(commands) }
    #expect(try await redis.pipeline(RedisPipeline()) == [])
    #expect(try await redis.send("PING") == .status("PONG"))
  }

  @Test func refusesCallsWithinTheClosure() async throws {
    let redis = try await server.connected()
    try await nest(redis)
    #expect(try await redis.send("PING") == .status("PONG"))
  }

  private func nest(_ redis: isolated RedisConnection) throws {
    var pipeline = RedisPipeline()
    pipeline.append("ECHO", "outer")
    var outer: String?
    try redis.pipeline(pipeline) { _, reply in
      #expect(throws: RedisError.nestedCall) { try redis.send("PING") }
      outer = reply.text
    }
    #expect(outer == "outer")
  }

  @Test func recordsWhatItSends() async throws {
    let redis = try await server.connected()
    let recorded = RecordedBytes()
    await redis.record { bytes in recorded.append(bytes) }
    try await redis.send("PING")
    try await redis.connect()
    try await redis.send("ECHO", "a")
    #expect(recorded.text == "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$1\r\na\r\n")
  }

  private final class RecordedBytes: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
  }
}
