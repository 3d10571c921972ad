import Foundation
import HiredisClient
import TestSupport
import Testing

/// The files beside the program.
@Suite(.timeLimit(.minutes(1))) struct ScriptsTests {
  private static var hasShellcheck: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { access("\($0)/shellcheck", X_OK) == 0 }
  }

  @Test(.enabled(if: ScriptsTests.hasShellcheck)) func scriptsAreClean() async throws {
    let check = try ChildProcess(
      "shellcheck",
      ["-x", "scripts/compare", "scripts/demo", "scripts/test", "scripts/needs.bash", ".ci/run"],
      directory: repository)
    #expect(try await check.wait(within: .seconds(60)) == .exited(0), "\(check.standardOutput)")
  }

  @Test(arguments: [["--help"], ["--nonsense"], ["--arrivals"], ["--arrivals", "/nowhere.csv"]])
  func demoExplainsItselfAndRefusesNonsense(_ arguments: [String]) async throws {
    let demo = try ChildProcess("\(repository)/scripts/demo", arguments, directory: "/")
    let expected: Int32 = arguments == ["--help"] ? 0 : arguments.count == 1 ? 64 : 1
    #expect(try await demo.wait() == .exited(expected), "\(demo.standardError)")
    #expect(!(demo.standardOutput + demo.standardError).isEmpty)
  }

  /// Only the places are changed, which a test may not use: the port and the socket.
  @Test func redisAcceptsItsConfiguration() async throws {
    let directory = try TemporaryDirectory()
    let text = try String(contentsOfFile: "\(repository)/deploy/redis.conf", encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("unixsocket ")
        ? "unixsocket \(directory.path("s"))" : line.hasPrefix("port ") ? "port 0" : line
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: directory.path("redis.conf")))
    let server = try ChildProcess(
      "redis-server", [directory.path("redis.conf")], directory: directory.path, doomed: directory.path)
    let connection = RedisConnection(to: RedisEndpoint(.unix(path: directory.path("s"))))
    try await eventually("the server answers") {
      guard server.isRunning else { throw CancellationError() }
      return await (try? connection.connect()) != nil
    }
    for (name, value) in [
      ("appendonly", "yes"), ("appendfsync", "always"), ("maxmemory-policy", "noeviction"), ("save", ""),
      ("no-appendfsync-on-rewrite", "no"), ("timeout", "0"),
    ] {
      #expect(try await connection.send("CONFIG", "GET", name).array?.last?.text == value, "\(name)")
    }
  }
}
