import Foundation
import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// Malformed and hostile events, pushed to a real worker between good ones.
@Suite struct HostileInputTests {
  /// What is pushed, and words that the reason must contain.
  private static let inputs: [(event: [UInt8], reason: String)] = {
    func text(_ event: String, _ reason: String) -> (event: [UInt8], reason: String) {
      (Array(event.utf8), reason)
    }
    func open(_ change: (inout [String: String]) -> Void) -> String {
      var fields = [
        "type": #""conversation.open""#, "shop": #""acme""#, "conversation": #""bad""#,
        "customer": #"{"id":"u"}"#, "gateway": #""web""#,
      ]
      change(&fields)
      return "{"
        + fields.sorted { $0.key < $1.key }.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",") + "}"
    }
    let long = String(repeating: "x", count: 129)
    var inputs = [
      // Not JSON at all, or broken.
      text("", "not valid JSON"), text(" ", "not valid JSON"), text("{", "not valid JSON"),
      text("}", "not valid JSON"), text("nonsense", "not valid JSON"), text("{bad}", "not valid JSON"),
      text(#"{"type":"conversation.open""#, "not valid JSON"), text(#"{"type":}"#, "not valid JSON"),
      text(#"{'type':'conversation.open'}"#, "not valid JSON"), text(#"{"a":1,}"#, "not valid JSON"),
      text(#"{"a":01}"#, "not valid JSON"), text(#"{"a":1} x"#, "not valid JSON"),
      text(#"{"a":"\q"}"#, "not valid JSON"), text(#"{"a":"\ud800"}"#, "not valid JSON"),
      text("{\"a\":\"\n\"}", "not valid JSON"), text("\u{FEFF}{}", "not valid JSON"),
      text("/* c */ {}", "not valid JSON"), text(#"{"a":NaN}"#, "not valid JSON"),
      ([0xFF, 0xFE, 0x00], "not valid JSON"), ([0x7B, 0x22, 0xC0, 0xAF, 0x22, 0x3A, 0x31, 0x7D], "UTF-8"),
      (Array(#"{"a":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8), "UTF-8"),
      ([0], "not valid JSON"),
      // JSON, but no event.
      text("[]", "object"), text("1", "object"), text("null", "object"), text(#""text""#, "object"),
      text("{}", "type"), text(#"{"type":"conversation.open"}"#, "shop"), text(#"{"shop":"acme"}"#, "type"),
      text(open { $0["type"] = #""conversation.opne""# }, "conversation.open"),
      text(open { $0["type"] = "7" }, "type"), text(open { $0["type"] = "null" }, "type"),
      // Too much of it.
      text(open { $0["text"] = "\"" + String(repeating: "x", count: 65_536) + "\"" }, "65536"),
      text(String(repeating: "x", count: 10_000_000), "65536"),
      text(String(repeating: "[", count: 10_000), "deep"),
      text(String(repeating: #"{"a":"#, count: 10_000), "deep"),
      text(
        open { $0["x"] = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) },
        "deep"),
      // Missing and ill-typed fields.
      text(open { $0["conversation"] = nil }, "conversation"),
      text(open { $0["customer"] = nil }, "customer"),
      text(open { $0["gateway"] = nil }, "gateway"), text(open { $0["customer"] = "{}" }, "customer.id"),
      text(open { $0["customer"] = #""u""# }, "customer"),
      text(open { $0["conversation"] = "1" }, "conversation"),
      text(open { $0["conversation"] = "[]" }, "conversation"),
      text(open { $0["gateway"] = "true" }, "gateway"),
      text(open { $0["customer"] = #"{"id":"u","vip":"yes"}"# }, "vip"),
      text(open { $0["customer"] = #"{"id":"u","level":"high"}"# }, "level"),
      text(open { $0["customer"] = #"{"id":"u","level":1.5}"# }, "level"),
      text(open { $0["customer"] = #"{"id":"u","level":9007199254740993}"# }, "level"),
      text(open { $0["customer"] = #"{"id":"u","level":1e309}"# }, "number"),
      text(open { $0["customer"] = #"{"id":"u","tags":"x"}"# }, "tags"),
      text(open { $0["params"] = "[]" }, "params"), text(open { $0["text"] = "{}" }, "text"),
      text(open { $0["source"] = #""s""# }, "source"), text(open { $0["n"] = "1" }, "source"),
      text(open { ($0["source"], $0["n"]) = (#""s""#, "-1") }, "n"),
      text(open { ($0["source"], $0["n"]) = (#""s""#, "9007199254740993") }, "n"),
      text(open { ($0["source"], $0["n"]) = (#""s""#, "1e309") }, "n"),
      text(#"{"shop":"acme","shop":"acme","type":"agent.pause","agent":"a"}"#, "twice"),
      text(#"{"shop":"acme","\u0073hop":"acme","type":"agent.pause","agent":"a"}"#, "twice"),
      // Ids that would break keys, hash tags or patterns.
      text(open { $0["conversation"] = #""""# }, "empty"),
      text(open { $0["conversation"] = #""a b""# }, "space"),
      text(open { $0["conversation"] = #""a\u0000b""# }, "control"),
      text(open { $0["conversation"] = #""a\r\nb""# }, "control"),
      text(open { $0["conversation"] = #""{0}""# }, "{"), text(open { $0["conversation"] = #""a:b""# }, ":"),
      text(open { $0["conversation"] = #""a*""# }, "*"), text(open { $0["conversation"] = #""[a]""# }, "["),
      text(open { $0["conversation"] = #""a\\b""# }, "\\"),
      text(open { $0["conversation"] = #""\#(long)""# }, "128"),
      text(open { $0["gateway"] = #""{0}:in:0""# }, "gateway"), text(open { $0["shop"] = #""a}b""# }, "shop"),
      // Well formed, but nothing that the shop knows.
      text(open { $0["shop"] = #""nobody""# }, "no configuration"),
      text(open { $0["group"] = #""nogroup""# }, "nogroup"),
      text(open { $0["agent"] = #""noagent""# }, "noagent"),
    ]
    for (type, more) in [
      ("close", #","by":"agent""#), ("message", #","from":"agent""#), ("status", ""), ("handoff", ""),
      ("transfer", #","to":{"agent":"a"},"by":"agent""#), ("rate", #","score":5"#),
    ] {
      inputs.append(
        text(
          #"{"type":"conversation.\#(type)","shop":"acme","conversation":"never"\#(more)}"#,
          "never is not known"))
    }
    inputs += [
      text(#"{"type":"conversation.close","shop":"acme","conversation":"c0","by":"nobody"}"#, "by"),
      text(#"{"type":"conversation.rate","shop":"acme","conversation":"c0","score":6}"#, "score"),
      text(#"{"type":"conversation.transfer","shop":"acme","conversation":"c0","to":{},"by":"agent"}"#, "to"),
      text(
        #"{"type":"conversation.transfer","shop":"acme","conversation":"c0","to":{"group":"x"},"by":"agent"}"#,
        "x"),
      text(#"{"type":"agent.online","shop":"acme","agent":"stranger","gateway":"desk"}"#, "stranger"),
      text(#"{"type":"agent.online","shop":"acme","agent":"a"}"#, "gateway"),
      text(
        #"{"type":"conversation.open","shop":"acme","conversation":"c0","customer":{"id":"thief"},"gateway":"web"}"#,
        "another customer"),
    ]
    return inputs
  }()

  @Test(.redis, .timeLimit(.minutes(2)))
  func eachIsRejectedWithAReasonAndNothingElseChangesAndNeighboursAreServed() async throws {
    let inputs = Self.inputs
    #expect(inputs.count >= 60)
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply("shop: acme\ngroups:\n  g: {capacity: 500}\nagents:\n  a: {groups: [g]}\n")
    let worker = try await fleet.startWorker()
    try await fleet.push(0, [Events.online("a"), Events.open("c0", customer: "owner", gateway: "web")])
    try await fleet.drained()
    try await eventually("the keeper has nothing left to do") {
      let versions = try await fleet.send("HMGET", "fl:{0}:acme:config", "version", "settled").array ?? []
      guard versions.count == 2, versions[0] == versions[1] else { return false }
      return try await fleet.send("LLEN", "fl:{0}:facts").integer == 0
    }
    let before = try await state(fleet)

    let gateway = try await RedisServer.required().connected()
    for input in inputs {
      var push = RedisPipeline()
      push.begin(3)
      push.word("RPUSH")
      push.word("fl:{0}:in:0")
      push.word(input.event)
      _ = try await gateway.pipeline(push)
    }
    try await fleet.drained()
    let after = try await state(fleet)
    #expect(Set(after.keys) == Set(before.keys))
    #expect(after.keys.filter { after[$0] != before[$0] } == [])

    let letters = try await fleet.send("LRANGE", "fl:{0}:dead", "0", "-1").array ?? []
    #expect(letters.count == inputs.count)
    for (letter, input) in zip(letters, inputs) {
      let shown = String(decoding: input.event.prefix(80), as: UTF8.self)
      let read = try DeadLetter(json: letter.bytes ?? [])
      #expect(read.error.contains(input.reason), "\(shown): \(read.error)")
      #expect(read.event == Array(input.event.prefix(65_536)), "\(shown)")
      #expect(read.isTruncated == (input.event.count > 65_536), "\(shown)")
      #expect((letter.bytes ?? []).count < 200_000)
    }

    // Between two of them stands a good one, in one batch.
    try await fleet.push(
      1,
      inputs.enumerated().flatMap { index, input in
        [String(decoding: input.event.prefix(70_000), as: UTF8.self), Events.open("n\(index)")]
      })
    try await fleet.drained()
    for index in inputs.indices {
      #expect(
        try await fleet.send("HGET", "fl:{0}:acme:conv:n\(index)", "state").text == "active",
        "neighbour \(index)")
    }
    #expect(worker.isRunning)
    #expect(await fleet.workers.count == 1)
    #expect(try await fleet.check() == [])
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func theGatewayOfABadEventIsToldWhy() async throws {
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply("shop: acme\ngroups:\n  g: {}\n")
    try await fleet.startWorker()
    try await fleet.push(
      0,
      [
        #"{"type":"conversation.open","shop":"acme","conversation":"a b","customer":{"id":"u"},"gateway":"web","id":"e1"}"#,
        #"{"type":"conversation.close","shop":"acme","conversation":"never","by":"agent","gateway":"web","id":"e2"}"#,
        #"{"type":"conversation.close","gateway":"web","id":"e3"}"#,
      ])
    try await fleet.drained()
    let told = try await fleet.outbox("web")
    #expect(told.map(\.type.name) == ["event.rejected", "event.rejected", "event.rejected"])
    #expect(told.map(\.id) == ["e1", "e2", "e3"])
    #expect(told.map(\.shop?.rawValue) == ["acme", "acme", nil])
    #expect(told[0].error?.contains("space") == true)
    #expect(told[1].error?.contains("never") == true)
  }

  /// Everything but the lists that a rejection may touch, and what beats.
  private func state(_ fleet: Fleet) async throws -> [String: [String]] {
    var state: [String: [String]] = [:]
    for key in try await fleet.send("KEYS", "*").array?.compactMap(\.text) ?? [] {
      if key.hasSuffix(":dead") || key.contains(":lease:") || key.contains(":members") { continue }
      if key.contains(":out:") || key.hasSuffix(":gateways") { continue }
      // A hash comes in any order, a sorted set in its own.
      let isHash = try await fleet.send("TYPE", key).text == "hash"
      let reply =
        isHash
        ? try await fleet.send("HGETALL", key)
        : try await fleet.send("ZRANGE", key, "0", "-1", "WITHSCORES")
      let texts = reply.array?.compactMap(\.text) ?? []
      state[key] =
        isHash
        ? stride(from: 0, to: texts.count - 1, by: 2).map { "\(texts[$0])=\(texts[$0 + 1])" }.sorted() : texts
    }
    return state
  }
}
