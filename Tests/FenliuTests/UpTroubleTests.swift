import Foundation
import HiredisClient
import TestSupport
import Testing

/// `fenliu up` when something dies, or is ended at a bad moment.
@Suite(.timeLimit(.minutes(2))) struct UpTroubleTests {
  private let directory: TemporaryDirectory
  private let shop: String

  init() throws {
    directory = try TemporaryDirectory()
    shop = directory.path("tiny.yaml")
    try Data(tinyShop.utf8).write(to: URL(fileURLWithPath: shop))
  }

  private var data: String { directory.path("data") }

  @Test func theServerEndsWithItsParent() async throws {
    let up = try await RunningUp.start(data: data, [shop])
    try await up.serve("one")
    let server = try await up.serverPID()
    up.process.kill()
    try await eventually("the server of a killed up ends") { !isAlive(server) }
    let next = try await RunningUp.start(data: data)
    try await next.serve("two")
  }

  /// A server that for some reason did not hear of its parent's death: here one that never had such a parent,
  /// and holds the lock that `up` gives to its servers.
  @Test func endsAServerThatWasLeftOver() async throws {
    let up = try await RunningUp.start(data: data, [shop])
    try await up.serve("one")
    up.process.send(signal: SIGINT)
    #expect(try await up.process.wait() == .exited(0))

    let left = try ChildProcess(
      "flock",
      [
        "\(data)/redis.lock", "redis-server", "--port", "0", "--dir", data, "--unixsocket", up.socketPath,
        "--appendonly", "yes", "--save", "",
      ])
    var server: Int32 = 0
    try await eventually("the server that is left over answers") {
      server = (try? await up.serverPID()) ?? 0
      return server != 0
    }
    let next = try await RunningUp.start(data: data)
    #expect(!isAlive(server))
    #expect(!left.isRunning)
    try await next.serve("two")
    let connection = try await next.connected()
    #expect(try await connection.send("HGET", "fl:{0}:tiny:agent:ann", "load").integer == 2)
  }

  @Test func startsAServerAgainThatDied() async throws {
    let up = try await RunningUp.start(data: data, [shop])
    try await up.serve("one")
    let server = try await up.serverPID()
    kill(server, SIGKILL)
    try await eventually("another server answers") {
      await (try? up.serverPID()).map { $0 != 0 && $0 != server } ?? false
    }
    try await up.serve("two")
    let said = up.process.standardError.joined(separator: "\n")
    #expect(said.contains("redis-server ended (signal 9), starting it again"), "\(said)")
    up.process.send(signal: SIGINT)
    #expect(try await up.process.wait() == .exited(0))
  }

  @Test func givesUpOnAServerThatDiesAgainAndAgain() async throws {
    let up = try await RunningUp.start(data: data)
    var last: Int32 = 0
    for _ in 0..<5 {
      try await eventually(within: .seconds(20), "a server answers, or up has given up") {
        if !up.process.isRunning { return true }
        guard let pid = try? await up.serverPID(), pid != 0, pid != last else { return false }
        last = pid
        return true
      }
      kill(last, SIGKILL)
    }
    #expect(try await up.process.wait(within: .seconds(30)) == .exited(1))
    #expect(up.process.standardError.joined().contains("5 times within a minute"))
  }

  /// Ctrl-C at moments from the very first to well after the start.
  @Test(arguments: [0, 5, 20, 40, 60, 90, 130, 200, 400])
  func leavesNothingWhenInterruptedEarly(_ milliseconds: Int) async throws {
    let up = try ChildProcess(
      try ChildProcess.product("fenliu"), ["up", "--data", data, shop], doomed: data)
    try await Task.sleep(for: .milliseconds(milliseconds))
    up.send(signal: SIGINT)
    let exit = try await up.wait()
    // Before it has begun to listen for it, the signal ends it at once; nothing has been started then.
    #expect(exit == .exited(0) || exit == .signalled(SIGINT))
    let real = directory.path("data")
    #expect(!FileManager.default.fileExists(atPath: real + "/redis.sock"))
    #expect(processes(using: real) == [])
  }

  /// The processes that have a file below a directory open.
  private func processes(using path: String) -> [String] {
    let files = FileManager.default
    return ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).filter { pid in
      guard Int(pid) != nil else { return false }
      return ((try? files.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []).contains {
        ((try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")) ?? "").hasPrefix(path + "/")
      }
    }
  }
}
