import Foundation
import HiredisClient
import Routing
import TestSupport
import Testing

/// `fenliu dead`; every test under a prefix of its own.
@Suite(.redis) struct DeadTests {
  private let server: RedisServer

  init() throws { server = try RedisServer.required() }

  /// Puts letters into a shard's list.
  private func bury(_ prefix: String, shard: Int = 0, _ letters: DeadLetter...) async throws {
    let redis = try await server.connected()
    for letter in letters {
      try await redis.send("RPUSH", "\(prefix):{\(shard)}:dead", String(decoding: letter.json, as: UTF8.self))
    }
  }

  private func list(_ key: String) async throws -> [String] {
    let reply = try await server.connected().send("LRANGE", key, "0", "-1")
    return (reply.array ?? []).compactMap(\.text)
  }

  private func letter(_ event: String, _ error: String, at: Int64 = 0, partition: Int = 0) -> DeadLetter {
    DeadLetter(event: Array(event.utf8), error: error, at: Moment(at), partition: partition)
  }

  @Test func listShowsTheNewestLast() async throws {
    let none = try await Program.run("dead", "list", "--prefix", "list", on: server)
    #expect(none.status == 0 && none.output.isEmpty && none.error == ["no dead letters"])

    try await bury(
      "list", letter("old", "first reason", at: 1_000_000_000_000),
      letter("{\"text\":\"\u{1B}[31m你好\"}", "second reason", at: 1_700_000_000_000, partition: 3))
    let all = try await Program.run("dead", "list", "--prefix", "list", on: server)
    #expect(
      all.output == [
        "    1  2001-09-09 01:46:40  partition 0  first reason", "       old",
        "    2  2023-11-14 22:13:20  partition 3  second reason", "       {\"text\":\"\u{FFFD}[31m你好\"}",
      ])
    let one = try await Program.run("dead", "list", "--prefix", "list", "--count", "1", on: server)
    #expect(one.output.first?.contains("second reason") == true && one.output.count == 2)
    #expect(one.error == ["1 older not shown; --count shows more"])
    let some = try await Program.run("dead", "list", "--prefix", "list", "--error", "first", on: server)
    #expect(some.output.count == 2)
  }

  @Test func jsonIsOneObjectALine() async throws {
    try await bury("json", letter("\"quoted\"", "reason", at: 5, partition: 1))
    try await bury("json", DeadLetter(event: [0xFF], error: "not UTF-8", at: Moment(6), partition: 2))
    try await server.connected().send("RPUSH", "json:{0}:dead", "nonsense")
    let run = try await Program.run("dead", "list", "--json", "--prefix", "json", on: server)
    let objects = try run.output.map { line -> [String: Any] in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    try #require(objects.count == 3)
    // The one that cannot be read has no time, and so comes first.
    #expect(objects[0]["number"] as? Int == 3)
    #expect((objects[0]["error"] as? String)?.hasPrefix("not a dead letter") == true)
    #expect(objects[1]["event"] as? String == "\"quoted\"")
    #expect(objects[1]["at"] as? Int == 5 && objects[1]["partition"] as? Int == 1)
    #expect(objects[2]["event_base64"] as? String == "/w==")
  }

  @Test func retryPushesToItsPartitionWithoutTheMarksOfARepeat() async throws {
    let event = #"{ "n":7, "type":"agent.online" ,"source":"s","note":"\",\"n\":1}","params":{"n":"1"} }"#
    try await bury(
      "retry", letter("one", "wrong thing"), letter(event, "no configuration", partition: 2),
      letter("three", "wrong thing"))
    let run = try await Program.run(
      "dead", "retry", "--error", "no conf", "--prefix", "retry", on: server)
    #expect(run.status == 0)
    #expect(run.output[0].hasPrefix("1 event pushed again"))
    let kept = #"{"type":"agent.online","note":"\",\"n\":1}","params":{"n":"1"}}"#
    #expect(try await list("retry:{0}:in:2") == [kept])
    #expect(try await list("retry:{0}:dead").count == 2)

    let second = try await Program.run("dead", "retry", "2", "--prefix", "retry", on: server)
    #expect(second.status == 0)
    #expect(try await list("retry:{0}:in:0") == ["three"])
    let none = try await Program.run("dead", "retry", "2", "--prefix", "retry", on: server)
    #expect(none.status == 1)
    #expect(none.error == ["Error: no dead letter is meant by that; see `fenliu dead list`"])
  }

  @Test func allAreRetriedInOrderOverAllShards() async throws {
    _ = try await Program.run("topology", "--shards", "2", "--prefix", "shards", on: server)
    // Several pages of each.
    for shard in 0...1 {
      for index in 1...150 { try await bury("shards", shard: shard, letter("\(shard)-\(index)", "reason")) }
    }
    let one = try await Program.run("dead", "retry", "1:150", "--prefix", "shards", on: server)
    #expect(one.status == 0)
    #expect(try await list("shards:{1}:in:0") == ["1-150"])
    let all = try await Program.run("dead", "retry", "--prefix", "shards", on: server)
    #expect(all.output[0].hasPrefix("299 events pushed again"))
    #expect(try await list("shards:{0}:in:0") == (1...150).map { "0-\($0)" })
    #expect(try await list("shards:{1}:in:0") == ["1-150"] + (1...149).map { "1-\($0)" })
    #expect(try await list("shards:{0}:dead").isEmpty)
    let again = try await Program.run("dead", "retry", "--prefix", "shards", on: server)
    #expect(again.status == 0 && again.output == ["0 events pushed again"])
  }

  @Test func whatCannotBeRetriedIsLeftAndNamed() async throws {
    let long = String(repeating: "x", count: DeadLetter.limit + 1)
    try await bury(
      "left", letter(long, "too long"), letter("good", "reason"), letter("far", "reason", partition: 9))
    let run = try await Program.run("dead", "retry", "--prefix", "left", on: server)
    #expect(run.status == 1)
    #expect(run.error[0].contains("letter 1 was left: only the beginning of its event was kept"))
    #expect(run.error[1].contains("letter 3 was left: there is no partition 9"))
    #expect(try await list("left:{0}:in:0") == ["good"])
    #expect(try await list("left:{0}:dead").count == 2)
  }

  @Test func dropNeedsAYesWhereNobodyCanBeAsked() async throws {
    try await bury("drop", letter("one", "a"), letter("two", "b"), letter("three", "a"), letter("four", "c"))
    let refused = try await Program.run("dead", "drop", "--prefix", "drop", on: server)
    #expect(refused.status == 64)
    #expect(refused.error[0].contains("--yes"))
    let some = try await Program.run(
      "dead", "drop", "--yes", "1-3", "--error", "a", "--prefix", "drop", on: server)
    #expect(some.status == 0 && some.output == ["2 dead letters dropped"])
    #expect(try await list("drop:{0}:dead").count == 2)
    let all = try await Program.run("dead", "drop", "--yes", "--prefix", "drop", on: server)
    #expect(all.output == ["2 dead letters dropped"])
    #expect(try await list("drop:{0}:dead").isEmpty)
  }

  @Test(arguments: [("y\n", 0), ("n\n", 1), ("\n", 1)])
  func dropAsksOnATerminal(_ answer: String, _ left: Int) async throws {
    let prefix = "ask\(left)\(answer.count)"
    try await bury(prefix, letter("one", "a"))
    let terminal = try PseudoTerminal(["dead", "drop", "--prefix", prefix], on: server)
    try await terminal.shows("Drop 1 dead letter for good? [y/N]")
    terminal.type(answer)
    #expect(try await terminal.wait() == .exited(Int32(left)))
    #expect(try await list("\(prefix):{0}:dead").count == left)
  }

  /// Through a real router: rejected with a source and n, put right, retried, applied.
  @Test func aRetriedEventIsApplied() async throws {
    let files = try TemporaryDirectory()
    let file = files.path("shop.yaml")
    try Data("shop: late\ngroups: {g: {}}\nagents: {li: {groups: [g]}}\n".utf8)
      .write(to: URL(fileURLWithPath: file))
    let router = try Program.start(["route", "--prefix", "round", "--lease", "300ms"], on: server)
    let event = """
      {"type":"conversation.open","shop":"late","conversation":"c","customer":{"id":"u"},"gateway":"g",\
      "source":"s","n":1}
      """
    _ = try await Program.run("push", "--prefix", "round", on: server, input: event)
    try await eventually("it is rejected") { try await list("round:{0}:dead").count == 1 }
    _ = try await Program.run("apply", "--prefix", "round", file, on: server)
    _ = try await Program.run("dead", "retry", "--prefix", "round", on: server)
    try await eventually("it is applied") {
      try await server.connected().send("HGET", "round:{0}:late:conv:c", "state").text == "waiting"
    }
    #expect(try await list("round:{0}:dead").isEmpty)
    router.send(signal: SIGTERM)
    #expect(try await router.wait() == .exited(0))
  }
}
