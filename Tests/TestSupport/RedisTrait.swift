public import Proving
public import Testing

/// Gives a suite (or one test) a private `redis-server`, as `RedisServer.current`.
///
///     @Suite(.redis(appendFsync: .always)) struct LeaseTests { … }
///
/// One server per suite, started once; suites within it see the same one.
public struct RedisTrait: SuiteTrait, TestTrait, TestScoping {
  fileprivate let options: RedisServer.Options

  /// Starts the server, runs the suite or test, and ends the server.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let server = try await RedisServer.start(options)
    try await RedisServer.$current.withValue(server) { try await function() }
    server.kill()
  }
}

extension Trait where Self == RedisTrait {
  /// A server that keeps everything in memory.
  public static var redis: Self { RedisTrait(options: RedisServer.Options()) }

  /// A server with an append-only file that is flushed so often.
  public static func redis(appendFsync: RedisServer.Options.Flush) -> Self {
    RedisTrait(options: RedisServer.Options(appendOnly: true, appendFsync: appendFsync))
  }

  /// A server with these options.
  public static func redis(_ options: RedisServer.Options) -> Self { RedisTrait(options: options) }
}

extension RedisServer {
  /// The server of the suite that is running.
  ///
  /// - Throws: ``NoServer`` if the suite has no trait `.redis`.
  public static func required() throws -> RedisServer {
    guard let current else { throw NoServer() }
    return current
  }

  /// A test asked for the suite's server in a suite without one.
  public struct NoServer: Error, CustomStringConvertible {
    /// What to do.
    public let description = "this suite has no server: give it the trait .redis"
  }
}
