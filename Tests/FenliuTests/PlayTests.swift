import Foundation
import HiredisClient
import TestSupport
import Testing

@testable import fenliu

/// `fenliu play` against a real router.
@Suite(.timeLimit(.minutes(2))) struct PlayTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Ten customers at once for eight slots: two wait for the first two to be done. Later one comes alone.
  private static let day: String = {
    let header = "id,arrival_ms,vip,type,service_ms,patience_ms,start_ms,end_of_wait_ms,wait_ms,outcome"
    let first = (1...8).map { number in
      "\(number),\(36_000_000 + number * 1_000),0,PS,\(300_000 + number * 20_000),,,,0,served"
    }
    let others = [
      "9,36010000,0,PS,60000,,36321000,36321000,311000,served",
      "10,36012000,0,PS,60000,,36342000,36342000,330000,served",
      "11,36014000,0,PS,60000,100000,,36114000,100000,abandoned",
      "12,36900000,0,PS,60000,,36900000,36900000,0,served",
    ]
    return ([header] + first + others).map { $0 + "\n" }.joined()
  }()

  private func play(_ arguments: [String], on up: RunningUp) throws -> ChildProcess {
    try ChildProcess(
      try ChildProcess.product("fenliu"),
      ["play", "--redis", "unix://\(up.socketPath)"] + arguments)
  }

  @Test func playsARecordedDayWithTheFilesOwnNumbers() async throws {
    let up = try await RunningUp.start(data: directory.path("data"))
    let file = directory.path("day.csv")
    try Data(Self.day.utf8).write(to: URL(fileURLWithPath: file))
    for _ in 0..<2 {
      let play = try play(["--arrivals", file, "--speed", "300"], on: up)
      #expect(try await play.wait(within: .seconds(60)) == .exited(0), "\(play.standardError)")
      let text = play.standardOutput.joined(separator: "\n")
      #expect(text.contains("customers    12: 9 served at once, 2 after a wait, 1 gave up"), "\(text)")
      #expect(text.contains("0 seq gaps, 0 repeats") && text.contains("fl_check     empty"), "\(text)")
      #expect(!text.contains("\u{1B}"))
      let waits = play.standardOutput.first { $0.contains("had to wait") } ?? ""
      #expect(waits.split(separator: " ").suffix(2) == ["3", "3"], "\(text)")
    }
  }

  @Test func endsCleanlyWhenInterruptedAndPlaysAgain() async throws {
    let up = try await RunningUp.start(data: directory.path("data"))
    let first = try play(["--speed", "60"], on: up)
    try await eventually(within: .seconds(30), "the play goes on") {
      first.standardOutput.contains { $0.contains("came ") }
    }
    first.send(signal: SIGINT)
    #expect(try await first.wait() == .exited(0), "\(first.standardError)")
    let text = first.standardOutput.joined(separator: "\n")
    #expect(text.contains("Interrupted at 10:") && text.contains("fl_check     empty"), "\(text)")
    let connection = try await up.connected()
    #expect(try await connection.send("HGET", "fl:{0}:demo:agent:xiaoli", "load").integer == 0)

    // What a killed one leaves is ended by the next.
    let second = try play(["--speed", "60"], on: up)
    try await eventually(within: .seconds(30), "the play goes on") {
      second.standardOutput.contains { $0.contains("came ") }
    }
    second.kill()
    #expect(try await connection.send("HGET", "fl:{0}:demo:agent:xiaoli", "load").integer != 0)
    let third = try play(["--speed", "600"], on: up)
    #expect(try await third.wait(within: .seconds(60)) == .exited(0), "\(third.standardError)")
    #expect(third.standardOutput.contains { $0.contains("0 seq gaps") })
  }

  @Test func saysThatNoRouterAnswers() async throws {
    let server = try await RedisServer.start()
    let play = try ChildProcess(
      try ChildProcess.product("fenliu"), ["play", "--redis", server.url, "--speed", "600"])
    #expect(try await play.wait(within: .seconds(60)) == .exited(1))
    #expect(play.standardError.joined().contains("no router answers"), "\(play.standardError)")
  }

  @Test func refusesAShopInWhichOthersWork() async throws {
    let up = try await RunningUp.start(data: directory.path("data"), [shopFile()])
    try await up.serve("one")
    let play = try play([shopFile()], on: up)
    #expect(try await play.wait() == .exited(1))
    #expect(play.standardError.joined().contains("belongs to gateway g"), "\(play.standardError)")
  }

  private func shopFile() throws -> String {
    let path = directory.path("tiny.yaml")
    try Data(tinyShop.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }
}
