import HiredisClient
import TestSupport
import Testing

/// `fenliu push` on a set with sentinels whose primary dies.
@Suite(.serialized, .timeLimit(.minutes(3))) struct PushFailoverTests {
  private func lines(_ range: ClosedRange<Int>, source: String?) -> String {
    range.map { number in
      let mark = source.map { #","source":"\#($0)","n":\#(number)"# } ?? ""
      let event = Line.open("c\(number)", customer: "one")
      return "\(event.dropLast())\(mark)}\n"
    }.joined()
  }

  private func count(_ server: RedisServer) async throws -> Int64? {
    let inbox = "fl:{0}:in:\(Line.partition("one"))"
    return try await server.connected().send("LLEN", inbox).integer
  }

  @Test func eventsWithASourceGoOnToTheNewPrimary() async throws {
    let set = try await SentinelSet.start()
    let pipe = try InputPipe()
    let push = try pipe.start("push", "--redis", set.url)
    pipe.write(lines(1...50, source: "g"))
    for server in set.servers {
      try await eventually("the first events are everywhere") { try await count(server) == 50 }
    }
    set.servers[0].kill()
    pipe.write(lines(51...100, source: "g"))
    pipe.close()
    #expect(try await push.wait(within: .seconds(60)) == .exited(0))
    let promoted = try await set.promoted(after: set.servers[0])
    #expect(try await count(promoted) == 100)
    #expect(push.standardOutput.first == "100 events pushed")
    #expect(push.standardError.first?.hasPrefix("the primary is away, looking for the new one") == true)
    #expect(push.standardError.last?.hasPrefix("going on at redis://127.0.0.1:") == true)
  }

  @Test func eventsThatCouldComeTwiceAreLeftToTheOneWhoPushes() async throws {
    let set = try await SentinelSet.start()
    let pipe = try InputPipe()
    let push = try pipe.start("push", "--redis", set.url)
    pipe.write(lines(1...5, source: nil))
    try await eventually("the first events are there") { try await count(set.servers[0]) == 5 }
    set.servers[0].kill()
    pipe.write(lines(6...9, source: nil))
    pipe.close()
    #expect(try await push.wait(within: .seconds(60)) == .exited(1))
    let reason = push.standardError.last ?? ""
    #expect(reason.contains("5 events were pushed; line 6 is the first of which this is not known"))
    #expect(reason.contains("a source and an n"))
  }

  @Test func anEventCountsWhenReplicasHaveIt() async throws {
    let primary = try await RedisServer.start(.init(tcp: true, settings: ["repl-diskless-sync-delay": "0"]))
    let port = try #require(primary.port)
    let push = try Program.start(["push", "--replicas", "1"], on: primary, input: lines(1...3, source: "g"))
    try await eventually("it tells that it waits") { !push.standardError.isEmpty }
    #expect(push.standardError == ["0 of 1 replicas have the last events: waiting for the others"])
    #expect(push.isRunning)
    let replica = try await RedisServer.start(.init(settings: ["replicaof": "127.0.0.1 \(port)"]))
    #expect(try await push.wait(within: .seconds(60)) == .exited(0))
    #expect(push.standardOutput.first == "3 events pushed")
    #expect(try await count(replica) == 3)
  }

  @Test func whatNoReplicaHasIsPushedAgainAfterAFailover() async throws {
    let set = try await SentinelSet.start()
    // So that nothing can have all replicas that are asked for.
    let push = try Program.start(
      ["push", "--redis", set.url, "--replicas", "3"], input: lines(1...3, source: "g"))
    try await eventually("it tells that it waits") { !push.standardError.isEmpty }
    set.servers[0].kill()
    let promoted = try await set.promoted(after: set.servers[0])
    try await eventually("it has pushed all of it again") { try await count(promoted) == 6 }
    #expect(push.isRunning && push.standardOutput.isEmpty)
  }
}
