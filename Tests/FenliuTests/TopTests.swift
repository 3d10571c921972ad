import Foundation
import HiredisClient
import TestSupport
import Testing

/// `fenliu top --once`, with and without `--json`.
@Suite(.redis) struct TopTests {
  private let server: RedisServer

  init() throws { server = try RedisServer.required() }

  /// A shop under a router, with two agents of three online and two conversations waiting.
  private func scene(_ prefix: String) async throws -> ChildProcess {
    let files = try TemporaryDirectory()
    let file = files.path("shop.yaml")
    let text = """
      shop: acme
      groups: {presale: {}, 售后: {}}
      agents: {li: {groups: [presale], capacity: 2}, 小王: {groups: [presale, 售后], capacity: 4}, zhao: {groups: [售后]}}
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    let router = try Program.start(["route", "--prefix", prefix, "--lease", "300ms"], on: server)
    let applied = try await Program.run("apply", "--prefix", prefix, file, on: server)
    #expect(applied.status == 0)
    // Agents and customers have their own partitions: the agents first.
    let agents = [Line.online("li"), Line.online("小王")]
    _ = try await Program.run(
      "push", "--prefix", prefix, on: server, input: agents.joined(separator: "\n"))
    try await eventually("agents are online") {
      try await server.connected().send("HGET", "\(prefix):{0}:acme:group:presale", "online").integer == 2
    }
    let opened = (1...8).map { Line.open("c\($0)", customer: "u\($0)") } + ["nonsense"]
    _ = try await Program.run(
      "push", "--as-is", "--prefix", prefix, on: server, input: opened.joined(separator: "\n"))
    try await eventually("two wait, one letter is dead") {
      let redis = try await server.connected()
      let waiting = try await redis.send("ZCARD", "\(prefix):{0}:acme:wait:presale").integer
      let dead = try await redis.send("LLEN", "\(prefix):{0}:dead").integer
      return waiting == 2 && dead == 1
    }
    return router
  }

  @Test func jsonHasEverythingThatIsShown() async throws {
    let router = try await scene("json")
    let run = try await Program.run("top", "--once", "--json", "acme", "--prefix", "json", on: server)
    #expect(run.status == 0 && run.output.count == 1 && run.error.isEmpty)
    let frame = try object(run.output[0])
    #expect(
      Set(frame.keys) == [
        "at", "redis", "prefix", "shards", "partitions_per_shard", "backlog", "events_per_second",
        "dead_letters", "held_back", "workers", "partitions", "outboxes", "shops",
      ])
    #expect(frame["prefix"] as? String == "json:")
    #expect(frame["redis"] as? String == server.url)
    #expect(frame["dead_letters"] as? Int == 1)
    #expect(frame["backlog"] as? Int == 0)
    #expect(frame["events_per_second"] is NSNull)

    let workers = try objects(frame["workers"])
    #expect(workers.count == 1)
    #expect(workers[0]["partitions"] as? Int == 4)
    let partitions = try objects(frame["partitions"])
    #expect(partitions.map { $0["partition"] as? Int } == [0, 1, 2, 3])
    #expect(partitions.allSatisfy { $0["owner"] as? String == workers[0]["worker"] as? String })
    #expect(partitions.reduce(0) { $0 + ($1["position"] as? Int ?? 0) } == 11)
    let outboxes = try objects(frame["outboxes"])
    #expect(outboxes.map { $0["gateway"] as? String } == ["desk", "g"])
    #expect(outboxes.allSatisfy { ($0["length"] as? Int ?? 0) > 0 && $0["dropped"] as? Int == 0 })

    let shop = try #require(try objects(frame["shops"]).first)
    #expect(shop["shop"] as? String == "acme" && shop["version"] as? Int == 1)
    let groups = try objects(shop["groups"])
    #expect(groups.map { $0["group"] as? String } == ["presale", "售后"])
    #expect(groups[0]["waiting"] as? Int == 2)
    #expect((groups[0]["next_waited_ms"] as? Int ?? -1) >= 0)
    #expect(groups[0]["online"] as? Int == 2 && groups[0]["slots"] as? Int == 6)
    #expect(groups[0]["load"] as? Int == 6 && groups[0]["busy"] as? Double == 1)
    #expect(groups[0]["with_room"] as? Int == 0)
    #expect(groups[1]["waiting"] as? Int == 0 && groups[1]["next_waited_ms"] is NSNull)
    let agents = try objects(shop["agents"])
    #expect(agents.map { $0["agent"] as? String } == ["li", "小王"])
    #expect(agents.map { $0["load"] as? Int } == [2, 4])
    #expect(agents.map { $0["capacity"] as? Int } == [2, 4])
    #expect(agents[1]["groups"] as? [String] == ["presale", "售后"])
    #expect(agents[1]["status"] as? String == "online")
    router.send(signal: SIGTERM)
    #expect(try await router.wait() == .exited(0))
  }

  @Test func theFrameIsPlainTextInAFile() async throws {
    let router = try await scene("text")
    let run = try await Program.run("top", "--once", "--prefix", "text", on: server)
    #expect(run.status == 0)
    #expect(!run.output.contains { $0.contains("\u{1B}") || $0.hasSuffix(" ") })
    #expect(run.output[0].hasPrefix("fenliu top  unix://"))
    #expect(run.output[1].hasPrefix("waiting 2   online 2   held 6   backlog 0   outboxes "))
    #expect(run.output[1].hasSuffix("dead letters 1"))
    #expect(run.output.contains("  li     online  ██████████  2/2  presale"))
    #expect(run.output.contains("  小王   online  ██████████  4/4  presale 售后"))
    let presale = try #require(run.output.first { $0.hasPrefix("  presale ") })
    #expect(presale.contains("100%"))
    router.send(signal: SIGTERM)
    #expect(try await router.wait() == .exited(0))
  }

  @Test func commandsThatNobodyTookAreShown() async throws {
    let redis = try await server.connected()
    try await redis.send("HSET", "deaf:{0}:gateways", "web", "100007", "desk", "1")
    try await redis.send("HSET", "deaf:{0}:dropped", "web", "7")
    try await redis.send("RPUSH", "deaf:{0}:out:web", "{}")
    let run = try await Program.run("top", "--once", "--prefix", "deaf", on: server)
    #expect(run.output.contains { $0.split(separator: " ") == ["OUTBOX", "COMMANDS", "DROPPED"] })
    #expect(run.output.contains { $0.split(separator: " ") == ["web", "1", "7"] })
    #expect(run.output.contains { $0.split(separator: " ") == ["desk", "0", "0"] })
  }

  @Test func aShopWithoutConfigurationIsAFailure() async throws {
    let run = try await Program.run("top", "--once", "nobody", "--prefix", "none", on: server)
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.error[0].hasPrefix("Error: shop nobody has no configuration under none:"))
  }

  @Test func theStreamOfObjectsGoesOnAndEndsWithItsReader() async throws {
    let files = try TemporaryDirectory()
    let child = try ChildProcess(
      "/bin/sh",
      [
        "-c", "\"$0\" top --json --interval 100ms --prefix stream | head -n 3 >\"$1\"", Program.path,
        files.path("out"),
      ],
      environment: Program.variables(server))
    #expect(try await child.wait() == .exited(0))
    let text = try String(contentsOfFile: files.path("out"), encoding: .utf8)
    let frames = try text.split(separator: "\n").map { try object(String($0)) }
    #expect(frames.count == 3)
    #expect(frames[0]["events_per_second"] is NSNull)
    #expect(frames[2]["events_per_second"] as? Double == 0)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func objects(_ value: Any?) throws -> [[String: Any]] { try #require(value as? [[String: Any]]) }
}
