import Foundation
import HiredisClient
import TestSupport
import Testing

/// `fenliu push`; every test under a prefix of its own.
@Suite(.redis) struct PushTests {
  private let server: RedisServer

  init() throws { server = try RedisServer.required() }

  private func inbox(_ prefix: String, _ partition: Int) async throws -> [String] {
    let redis = try await server.connected()
    let reply = try await redis.send("LRANGE", "\(prefix):{0}:in:\(partition)", "0", "-1")
    return (reply.array ?? []).compactMap(\.text)
  }

  @Test func eachEventGoesToItsPartitionAndKeepsItsBytes() async throws {
    let customers = (1...20).map { "u\($0)" }
    var lines = customers.map { Line.open("c-\($0)", customer: $0) }
    // A later event names only its conversation, and follows the opening all the same.
    lines += customers.map {
      #"{ "type":"conversation.message","shop":"acme","conversation":"c-\#($0)","from":"customer","text":"你好" }"#
    }
    let input = "\u{FEFF}# a comment\n\n" + lines.joined(separator: "\r\n")
    let run = try await Program.run("push", "--prefix", "parts", on: server, input: input)
    #expect(run.status == 0 && run.error.isEmpty)
    #expect(run.output[0] == "40 events pushed")
    for partition in 0..<4 {
      let expected = lines.indices.filter { Line.partition(customers[$0 % 20]) == partition }.map {
        lines[$0]
      }
      #expect(try await inbox("parts", partition) == expected)
      #expect(run.output.contains("  parts:{0}:in:\(partition)  \(expected.count)"))
    }
  }

  @Test func badLinesAreRefusedAndTheOthersPushed() async throws {
    let long = String(repeating: "x", count: 3_000_000)
    let input = [Line.online("li"), "nonsense", #"{"type":"agent.online"}"#, long, Line.online("wang")]
      .joined(separator: "\n")
    let run = try await Program.run("push", "--prefix", "bad", on: server, input: input)
    #expect(run.status == 1)
    #expect(run.output[0] == "2 events pushed")
    #expect(run.error[0].hasPrefix("standard input:2: not valid JSON"))
    #expect(run.error[1] == "standard input:3: shop is missing")
    #expect(run.error[2] == "standard input:4: is longer than 1048576 bytes")
    #expect(run.error[3].hasPrefix("Error: 3 lines were refused"))
  }

  @Test func asIsPushesThemToo() async throws {
    let nameless = #"{"type":"conversation.close","shop":"acme","customer":{"id":"u1"}}"#
    let run = try await Program.run(
      "push", "--as-is", "--prefix", "asis", on: server, input: "nonsense\n\(nameless)\n")
    #expect(run.status == 0)
    #expect(try await inbox("asis", 0).first == "nonsense")
    #expect(run.output[0] == "2 events pushed")
  }

  @Test func aFileIsReadAndAMissingOneNamed() async throws {
    let files = try TemporaryDirectory()
    let file = files.path("events.jsonl")
    try Data((Line.online("li") + "\nnonsense").utf8).write(to: URL(fileURLWithPath: file))
    let run = try await Program.run("push", "--prefix", "file", file, on: server)
    #expect(run.status == 1)
    #expect(run.error[0].hasPrefix("\(file):2: "))
    let missing = try await Program.run("push", "--prefix", "file", files.path("no"), on: server)
    #expect(missing.status == 1)
    #expect(missing.error == ["Error: \(files.path("no")): cannot be read: No such file or directory"])
    let directory = try await Program.run("push", "--prefix", "file", files.path, on: server)
    #expect(directory.error == ["Error: \(files.path): cannot be read: Is a directory"])
  }

  @Test func aSlowPipeIsPushedAsItComes() async throws {
    let pipe = try InputPipe()
    let child = try pipe.start("push", "--prefix", "slow", on: server)
    for count in 1...3 {
      pipe.write(Line.open("c\(count)", customer: "one") + "\n")
      try await eventually("line \(count) is pushed") {
        try await inbox("slow", Line.partition("one")).count == count
      }
      #expect(child.isRunning)
    }
    // The beginning of a line is not pushed before its end is there, or the end of all.
    pipe.write(Line.open("c4", customer: "one"))
    pipe.close()
    #expect(try await child.wait() == .exited(0))
    #expect(try await inbox("slow", Line.partition("one")).count == 4)
    #expect(child.standardOutput.first == "4 events pushed")
  }

  @Test func aFullPartitionIsWaitedForInOrder() async throws {
    let partition = Line.partition("one")
    _ = try await Program.run("topology", "--prefix", "full", "--inbox-limit", "3", on: server)
    let lines = (1...10).map { Line.open("c\($0)", customer: "one") }
    let child = try Program.start(
      ["push", "--prefix", "full"], on: server, input: lines.joined(separator: "\n"))
    try await eventually("it tells that it waits") { !child.standardError.isEmpty }
    #expect(child.standardError[0].hasPrefix("the inbox full:{0}:in:\(partition) is full"))
    let redis = try await server.connected()
    var taken: [String] = []
    try await eventually("everything comes through") {
      if let event = try await redis.send("LPOP", "full:{0}:in:\(partition)").text { taken.append(event) }
      return taken.count == lines.count
    }
    #expect(taken == lines)
    #expect(try await child.wait() == .exited(0))
  }

  @Test func functionsThatAreGoneAreLoadedAgain() async throws {
    // On a server of its own, since functions belong to the whole server.
    let server = try await RedisServer.start()
    let pipe = try InputPipe()
    let child = try pipe.start("push", on: server)
    let redis = try await server.connected()
    for agent in ["li", "wang"] {
      pipe.write(Line.online(agent) + "\n")
      try await eventually("\(agent) is pushed") {
        var sum: Int64 = 0
        for partition in 0..<4 { sum += try await redis.send("LLEN", "fl:{0}:in:\(partition)").integer ?? 0 }
        return sum == (agent == "li" ? 1 : 2)
      }
      try await redis.send("FUNCTION", "FLUSH")
    }
    // And when Redis goes away, it says how far it has come.
    server.kill()
    pipe.write(Line.online("zhao") + "\n")
    #expect(try await child.wait() == .exited(1))
    #expect(child.standardError.last?.contains("2 events were pushed; line 3 is the first") == true)
  }
}
