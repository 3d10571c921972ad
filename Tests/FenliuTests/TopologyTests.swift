import HiredisClient
import TestSupport
import Testing

/// `fenliu topology`; every test under a prefix of its own.
@Suite(.redis) struct TopologyTests {
  private let server: RedisServer

  init() throws { server = try RedisServer.required() }

  @Test func showsTheDefaultsWhereNoneIsSet() async throws {
    let run = try await Program.run("topology", "--prefix", "none", on: server)
    #expect(run.status == 0)
    #expect(run.output[0].contains("not set yet"))
    #expect(run.output.contains { $0.contains("crc32(shop) % 1") })
    let redis = try await server.connected()
    #expect(try await redis.send("EXISTS", "none:topology").integer == 0)
  }

  @Test func isSetOnceAndShown() async throws {
    let set = try await Program.run("topology", "--prefix", "once:", "--shards", "3", on: server)
    #expect(set.status == 0)
    let json = try await Program.run("topology", "--prefix", "once:", "--json", on: server)
    #expect(json.output == [#"{"shards":3,"partitions":4,"inbox_limit":100000,"set":true,"generation":0}"#])
    let redis = try await server.connected()
    #expect(try await redis.send("HGET", "once:{2}:settings", "partitions").integer == 4)
    // Nothing is stored yet, so it may still be changed; what belonged to shards that are no more is gone.
    let changed = try await Program.run(
      "topology", "--prefix", "once:", "--shards", "1", "--partitions", "8", on: server)
    #expect(changed.status == 0)
    #expect(try await redis.send("EXISTS", "once:{2}:settings").integer == 0)
    #expect(try await redis.send("HGET", "once:{0}:settings", "partitions").integer == 8)
  }

  @Test(arguments: [
    ("in:9", "events in"), ("lease:0", "a worker has held"), ("dead", "dead letters"),
    ("members", "signed-in"),
    ("acme:conv:1", "acme:conv:1"),
  ])
  func isRefusedWhereSomethingIsStored(_ key: String, _ words: String) async throws {
    // A prefix with characters that mean something in a pattern: they must not.
    let prefix = "used[*]-\(key.replacing(":", with: "-")):"
    let redis = try await server.connected()
    try await redis.send("SET", "\(prefix){0}:\(key)", "something")
    let run = try await Program.run("topology", "--prefix", prefix, "--shards", "2", on: server)
    #expect(run.status == 1)
    #expect(run.error.count == 1)
    #expect(run.error[0].contains(words) && run.error[0].contains("another --prefix"))
    #expect(try await redis.send("EXISTS", "\(prefix)topology").integer == 0)
    let same = try await Program.run("topology", "--prefix", prefix, on: server)
    #expect(same.status == 0)
  }

  @Test func theSameAgainIsNoError() async throws {
    for _ in 1...2 {
      let run = try await Program.run("topology", "--prefix", "same", "--partitions", "2", on: server)
      #expect(run.status == 0)
      try await server.connected().send("SET", "same:{0}:in:0", "something")
    }
  }

  @Test func theLimitOfTheInboxesIsWhatPushGoesBy() async throws {
    let set = try await Program.run(
      "topology", "--prefix", "limit", "--shards", "2", "--inbox-limit", "2", "--json", on: server)
    #expect(set.output == [#"{"shards":2,"partitions":4,"inbox_limit":2,"set":true,"generation":0}"#])
    let lines = (1...3).map { Line.open("c\($0)", customer: "one") }.joined(separator: "\n")
    let push = try await Program.run("push", "--prefix", "limit", "--no-wait", on: server, input: lines)
    #expect(push.status == 1)
    #expect(push.error[0].contains("2 events were pushed; line 3 is the first"))
  }

  @Test func theDurabilityIsChosenAtAnyTimeAndToldToGatewaysAndWorkers() async throws {
    let redis = try await server.connected()
    try await redis.send("SET", "durable:{0}:in:0", "something")
    let set = try await Program.run(
      "topology", "--prefix", "durable", "--durability", "replicated", "--replicas", "2", on: server)
    #expect(set.status == 0)
    #expect(set.output.contains("durability   replicated: 2 replicas have every command before its gateway"))
    for key in ["durable:topology", "durable:{0}:settings"] {
      let fields = try await redis.send("HMGET", key, "durability", "replicas").array ?? []
      #expect(fields.map(\.text) == ["replicated", "2"])
    }
    let json = try await Program.run(
      "topology", "--prefix", "durable", "--durability", "fast", "--json", on: server)
    #expect(json.output.first?.contains(#""durability":"fast","replicas":0"#) == true)
  }

  @Test(arguments: [
    (["--durability", "sometimes"], "is none of always, replicated, fast"),
    (["--replicas", "2"], "goes with --durability replicated"),
    (["--durability", "fast", "--replicas", "2"], "goes with --durability replicated"),
    (["--durability", "replicated", "--replicas", "0"], "from 1 to 100"),
  ])
  func aDurabilityThatMakesNoSenseIsRefused(_ arguments: [String], _ words: String) async throws {
    let run = try Program.start(["topology", "--prefix", "none"] + arguments, on: server)
    #expect(try await run.wait() == .exited(64))
    #expect(run.standardError.joined(separator: "\n").contains(words))
  }
}
