import Foundation
import HiredisClient
import TestSupport
import Testing

/// `fenliu up` from outside: what it starts, what it refuses, what it leaves behind.
@Suite(.timeLimit(.minutes(2))) struct UpTests {
  private let directory: TemporaryDirectory
  private let shop: String

  init() throws {
    directory = try TemporaryDirectory()
    shop = directory.path("tiny.yaml")
    try Data(tinyShop.utf8).write(to: URL(fileURLWithPath: shop))
  }

  private var data: String { directory.path("data") }

  @Test func servesEventsAndGoesOnWithItsDataAtTheSecondStart() async throws {
    let first = try await RunningUp.start(data: data, [shop])
    try await first.serve("one")
    first.process.send(signal: SIGINT)
    #expect(try await first.process.wait() == .exited(0))

    let second = try await RunningUp.start(data: data)
    #expect(second.process.standardOutput.contains { $0.contains("tiny, version 1") })
    let connection = try await second.connected()
    #expect(try await connection.send("HGET", "fl:{0}:tiny:conv:one", "state").text == "active")
    try await second.serve("two")
    #expect(try await connection.send("HGET", "fl:{0}:tiny:agent:ann", "load").integer == 2)
    #expect(try await connection.send("FCALL_RO", "fl_check", "1", "{0}").array == [])
    second.process.send(signal: SIGTERM)
    #expect(try await second.process.wait() == .exited(0))
  }

  @Test func leavesNoProcessAndNoSocketAtTheEnd() async throws {
    let up = try await RunningUp.start(data: data, [shop])
    let server = try await up.serverPID()
    #expect(isAlive(server))
    let connection = try await up.connected()
    #expect(try await connection.send("CONFIG", "GET", "appendfsync").array?.last?.text == "always")
    up.process.send(signal: SIGINT)
    #expect(try await up.process.wait() == .exited(0))
    #expect(!isAlive(server))
    #expect(!FileManager.default.fileExists(atPath: up.socketPath))
    #expect(up.process.standardError == [])
  }

  @Test func refusesADirectoryInUse() async throws {
    let first = try await RunningUp.start(data: data)
    let second = try ChildProcess(try ChildProcess.product("fenliu"), ["up", "--data", data])
    #expect(try await second.wait() == .exited(1))
    let said = second.standardError.joined()
    #expect(said.contains("in use by another fenliu up (process \(first.process.pid))"), "\(said)")
    #expect(said.contains("--data"))
    let server = try await first.serverPID()
    #expect(isAlive(server))
  }

  @Test func startsNothingWhenAFileIsInvalid() async throws {
    try Data("shop: tiny\ngroups: {all: {strateg: least-loaded}}\n".utf8)
      .write(to: URL(fileURLWithPath: shop))
    let up = try ChildProcess(try ChildProcess.product("fenliu"), ["up", "--data", data, shop])
    #expect(try await up.wait() == .exited(1))
    #expect(up.standardError.joined().contains("tiny.yaml:2:"), "\(up.standardError)")
    #expect(!FileManager.default.fileExists(atPath: data))
  }

  @Test func saysHowToInstallAServerWhenThereIsNone() async throws {
    let up = try ChildProcess(
      try ChildProcess.product("fenliu"), ["up", "--data", data], environment: ["PATH": directory.path])
    #expect(try await up.wait() == .exited(1))
    #expect(up.standardError.joined().contains("apt-get install"), "\(up.standardError)")
    #expect(!FileManager.default.fileExists(atPath: data))
  }

  @Test func saysWhyTheServerDoesNotStart() async throws {
    let taken = try await RedisServer.start(RedisServer.Options(tcp: true))
    let port = try #require(taken.port)
    let up = try ChildProcess(
      try ChildProcess.product("fenliu"), ["up", "--data", data, "--port", "\(port)"])
    #expect(try await up.wait() == .exited(1))
    let said = up.standardError.joined(separator: "\n")
    #expect(said.contains("redis-server did not start") && said.contains("redis.log"), "\(said)")
    #expect(said.contains("Address already in use"), "\(said)")
    #expect(!FileManager.default.fileExists(atPath: data + "/redis.sock"))
  }

  @Test func usesAnExistingServer() async throws {
    let server = try await RedisServer.start()
    let up = try ChildProcess(
      try ChildProcess.product("fenliu"), ["up", "--redis", server.url, shop], directory: directory.path)
    try await eventually("fenliu up is up") { up.standardOutput.contains("Fenliu is up.") }
    let running = RunningUp(process: up, socketPath: server.socketPath)
    try await running.serve("one")
    up.send(signal: SIGTERM)
    #expect(try await up.wait() == .exited(0))
    #expect(try await server.connected().send("PING").text == "PONG")
    #expect(!FileManager.default.fileExists(atPath: directory.path("fenliu-data")))
  }

  @Test func findsAShortPathForTheSocketOfALongDirectory() async throws {
    let long = directory.path(String(repeating: "very-long-name/", count: 8))
    let up = try await RunningUp.start(data: long, [shop])
    #expect(up.socketPath.utf8.count < 60 && !up.socketPath.hasPrefix(directory.path))
    try await up.serve("one")
    up.process.send(signal: SIGINT)
    #expect(try await up.process.wait() == .exited(0))
    let short = URL(fileURLWithPath: up.socketPath).deletingLastPathComponent().path
    #expect(!FileManager.default.fileExists(atPath: short))
  }

  @Test(arguments: [["--workers", "0"], ["--port", "0"], ["--redis", "redis://h", "--port", "7000"]])
  func refusesWrongUsage(_ arguments: [String]) async throws {
    let up = try ChildProcess(try ChildProcess.product("fenliu"), ["up", "--data", data] + arguments)
    #expect(try await up.wait() == .exited(64))
    #expect(!FileManager.default.fileExists(atPath: data))
  }
}
