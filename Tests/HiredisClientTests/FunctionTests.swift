import HiredisClient
import TestSupport
import Testing

/// Libraries are loaded when they are missing; on a server of its own, since they are dropped here.
@Suite(.redis, .serialized) struct FunctionTests {
  let server: RedisServer
  private let library = RedisLibrary(
    name: "lib",
    code: """
      #!lua name=lib
      redis.register_function('add', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)
      redis.register_function{function_name = 'read', callback = function(keys)
        return redis.call('GET', keys[1])
      end, flags = {'no-writes'}}
      """)

  init() async throws {
    server = try RedisServer.required()
    try await server.connected().send("FUNCTION", "FLUSH")
  }

  @Test func loadingTwiceIsNoError() async throws {
    let redis = try await server.connected()
    try await redis.load(library)
    try await redis.load(library)
    try await redis.load(library, replace: true)
    #expect(try await redis.call("add", keys: ["twice"], arguments: ["5"]) == .integer(5))
    #expect(try await redis.call("read", keys: ["twice"], readOnly: true).text == "5")
  }

  @Test func aLibraryThatDoesNotCompileIsRefused() async throws {
    let redis = try await server.connected()
    let broken = RedisLibrary(name: "broken", code: "#!lua name=broken\nthis is not Lua")
    let error = await #expect(throws: RedisError.self) { try await redis.load(broken) }
    guard case .server = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(await redis.isConnected)
  }

  @Test func loadsWhatIsMissingAndSendsOnlyThatAgain() async throws {
    let redis = try await server.connected()
    await redis.use(library)
    var pipeline = RedisPipeline()
    pipeline.append("INCR", "plain")
    pipeline.append("FCALL", "add", "1", "counter", "1")
    pipeline.append("NOSUCHCOMMAND")
    pipeline.append("FCALL", "add", "1", "counter", "10")
    pipeline.append("FCALL", "unknown", "0")
    pipeline.append("INCR", "plain")
    let commands = pipeline
    for round in 1...2 as ClosedRange<Int64> {
      try await redis.send("FUNCTION", "FLUSH")
      let replies = try await redis.pipeline(commands)
      // `plain` has grown by two, and the two additions came in order.
      #expect(replies[0] == .integer(round * 2 - 1) && replies[5] == .integer(round * 2))
      #expect(replies[1] == .integer(round * 11 - 10) && replies[3] == .integer(round * 11))
      #expect(replies[2].error?.kind == .other(code: "ERR"))
      #expect(replies[4].error?.kind == .functionNotFound)
    }
  }

  @Test func withoutALibraryNothingIsLoaded() async throws {
    let redis = try await server.connected()
    let error = await #expect(throws: RedisError.self) { try await redis.call("add", keys: ["a"]) }
    guard case .server(let refusal) = error else { return }
    #expect(refusal.advice == .loadLibrary)
  }

  @Test func lendsRepliesOfRepeatedCommandsWithTheirPositions() async throws {
    let redis = try await server.connected()
    await redis.use(library)
    var pipeline = RedisPipeline()
    pipeline.append("FCALL", "add", "1", "positions", "3")
    pipeline.append("PING")
    let commands = pipeline
    #expect(try await positions(redis, commands) == [1, 0])
    #expect(try await positions(redis, commands) == [0, 1])
  }

  /// A look behind a function sees what that has done, not what was before it was known.
  @Test func whatIsLeftIsSentAgainBehindWhatHadToWaitForTheLibrary() async throws {
    let redis = try await server.connected()
    await redis.use(library)
    try await redis.send("FUNCTION", "FLUSH")
    var pipeline = RedisPipeline()
    pipeline.append("INCR", "once")
    pipeline.append("FCALL", "add", "1", "left", "3")
    pipeline.append("GET", "left")
    let commands = pipeline
    for round in 1...2 as ClosedRange<Int64> {
      let replies = try await redis.pipeline(commands, leaving: 1, patience: .seconds(5))
      #expect(replies == [.integer(round), .integer(3 * round)])
      #expect(try await redis.takeLeft().map(\.integer) == [3 * round])
    }
  }

  private func positions(_ redis: isolated RedisConnection, _ pipeline: RedisPipeline) throws -> [Int] {
    var seen: [Int] = []
    try redis.pipeline(pipeline) { index, _ in seen.append(index) }
    return seen
  }
}
