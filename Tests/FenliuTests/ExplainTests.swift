import Foundation
import HiredisClient
import TestSupport
import Testing

/// `fenliu explain`, for a conversation in Redis and for an event that was never pushed.
@Suite(.redis) struct ExplainTests {
  private static let shop = """
    shop: acme
    schedules: {day: {weekly: {mon-fri: ["09:00-18:00"]}}}
    groups:
      presale: {}
      aftersale: {queue: {relax: [{after: 1h, skills: {english: 0}}]}}
    agents:
      li: {groups: [presale], capacity: 1}
      wang: {groups: [aftersale], skills: {english: 2}}
      zhao: {groups: [aftersale], skills: {english: 9}, capacity: 1}
    rules:
      - {name: at night, when: not day, route: {group: presale, mode: bot-only}}
      - {name: big spenders, who: {level: ">=5"}, route: {level: 9}}
      - {name: refund in English, what: {keywords: [refund]}, route: {group: aftersale, skills: {english: 5}}}
    """

  private func file(_ text: String, _ name: String) throws -> (TemporaryDirectory, String) {
    let files = try TemporaryDirectory()
    try Data(text.utf8).write(to: URL(fileURLWithPath: files.path(name)))
    return (files, files.path(name))
  }

  @Test func anEventThatWasNeverPushedIsExplainedByEachRule() async throws {
    let (files, config) = try file(Self.shop, "shop.yaml")
    let opening = """
      {"type":"conversation.open","shop":"acme","conversation":"c1","customer":{"id":"u1","level":3},\
      "gateway":"web","text":"I want a REFUND"}
      """
    let event = files.path("event.json")
    try Data(opening.utf8).write(to: URL(fileURLWithPath: event))
    let run = try await Program.run(
      "explain", "--event", event, "--config", config, "--at", "2026-11-18T10:00:00Z")
    #expect(run.status == 0 && run.error.isEmpty)
    #expect(
      run.output == [
        "conversation c1, customer u1: level 3",
        "  rule “at night”: no, its 'when' does not match",
        "  rule “big spenders”: no, its 'who' does not match",
        "  rule “refund in English”: matches",
        "  group aftersale, level 3, mode human-first",
        "    skills asked for: english 5",
      ])
    let night = try await Program.run(
      "explain", "--event", event, "--config", config, "--at", "2026-11-18T22:00:00Z")
    #expect(night.output.contains("  rule “at night”: matches"))
    #expect(night.output.last == "  the assistant has it, and no person")
  }

  @Test func aConversationInTheQueueIsExplainedByItsDecisionsAndByWhoCannotHaveIt() async throws {
    let server = try RedisServer.required()
    let (files, config) = try file(
      Self.shop.replacing("09:00-18:00", with: "00:00-24:00").replacing("mon-fri", with: "mon-sun"),
      "shop.yaml")
    defer { withExtendedLifetime(files) {} }
    let router = try Program.start(["route", "--prefix", "why", "--lease", "300ms"], on: server)
    defer { router.kill() }
    #expect(try await Program.run("apply", "--prefix", "why", config, on: server).status == 0)
    let opening = { (id: String) in
      """
      {"type":"conversation.open","shop":"acme","conversation":"\(id)","customer":{"id":"u"},"gateway":"web","text":"refund"}
      """
    }
    for events in [[Line.online("wang"), Line.online("zhao")], [opening("c1")], [opening("c2")]] {
      _ = try await Program.run("push", "--prefix", "why", on: server, input: events.joined(separator: "\n"))
      try await eventually("all is applied") {
        let redis = try await server.connected()
        var left: Int64 = 0
        for partition in 0..<4 {
          left += try await redis.send("LLEN", "why:{0}:in:\(partition)").integer ?? 0
        }
        return left == 0
      }
    }
    let served = try await Program.run("explain", "--prefix", "why", "c1", on: server)
    #expect(served.status == 0)
    #expect(
      served.output.first
        == "conversation c1 of shop acme: with agent zhao of aftersale, level 0, reason group")
    #expect(served.output.contains { $0.contains("rule “refund in English”: agent zhao of aftersale") })
    #expect(
      served.output.last
        == "    aftersale had 2 online, 0 paused, 0 offline; 2 with room, 1 of them passed over, 0 full")
    let waiting = try await Program.run("explain", "--prefix", "why", "c2", on: server)
    #expect(waiting.output.first?.contains("c2 of shop acme: waits in aftersale") == true)
    #expect(waiting.output.contains("    1 full: zhao"))
    #expect(waiting.output.contains("    1 lacking the skill english: wang"))
  }

  @Test(arguments: [
    ["explain"], ["explain", "c", "--event", "f"], ["explain", "--event", "f"],
    ["explain", "--event", "f", "--config", "g", "--at", "noon"], ["explain", "a b"],
  ])
  func wrongUsageIsToldAsSuch(_ arguments: [String]) async throws {
    let child = try Program.start(arguments)
    #expect(try await child.wait() == .exited(64))
    #expect(!child.standardError.isEmpty)
  }

  @Test func aConversationThatNobodyKnowsIsAFailureWithAReason() async throws {
    let run = try await Program.run("explain", "--prefix", "no", "c", on: try RedisServer.required())
    #expect(run.status == 1)
    #expect(run.error.first?.contains("no shop knows a conversation c") == true)
  }
}
