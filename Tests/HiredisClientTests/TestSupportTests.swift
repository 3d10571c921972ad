import Foundation
import HiredisClient
import TestSupport
import Testing

/// The helpers themselves: tests that wait for the wrong thing would pass for the wrong reason.
@Suite struct TestSupportTests {
  @Test func childrenStartWithDefaultSignals() async throws {
    let child = try ChildProcess("sh", ["-c", "echo ready; exec sleep 100"])
    try await eventually("it is ready") { child.standardOutput == ["ready"] }
    child.send(signal: SIGTERM)
    #expect(try await child.wait() == .signalled(SIGTERM))
    child.send(signal: SIGTERM)
    child.kill()
    #expect(child.exit == .signalled(SIGTERM))
  }

  @Test func childrenTakeInputArgumentsAndEnvironment() async throws {
    let child = try ChildProcess(
      "sh", ["-c", "cat; echo \"$1 $FL_TEST\" >&2; pwd; exit 3", "sh", "a b"],
      environment: ["FL_TEST": "c"], input: "one\n\ntwo", directory: "/usr")
    #expect(try await child.wait() == .exited(3))
    #expect(child.standardOutput == ["one", "", "two/usr"])
    #expect(child.standardError == ["a b c"])
  }

  @Test func childrenEndWithTheirObject() async throws {
    var child: ChildProcess? = try ChildProcess("sleep", ["100"])
    let pid = try #require(child?.pid)
    child = nil
    #expect(kill(pid, 0) == -1 && errno == ESRCH)
  }

  @Test func whatNeverHappensIsReported() async throws {
    let error = await #expect(throws: NeverHappened.self) {
      try await eventually(within: .milliseconds(20), "the moon falls") { false }
    }
    #expect(error?.description.contains("the moon falls") == true)
  }

  @Test func serversCleanUp() async throws {
    var server: RedisServer? = try await RedisServer.start()
    let path = try #require(server?.directoryPath)
    let pid = try #require(server?.pid)
    #expect(FileManager.default.fileExists(atPath: path))
    server = nil
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(kill(pid, 0) == -1 && errno == ESRCH)
  }

  @Test(.redis(appendFsync: .always)) func testsMayHaveAServerToo() async throws {
    let redis = try await RedisServer.required().connected()
    #expect(try await redis.send("CONFIG", "GET", "appendfsync").array?.last?.text == "always")
  }
}
