import HiredisClient
import TestSupport
import Testing

/// Events of one batch that depend on each other.
@Suite struct WaveTests {
  @Test(.redis, .timeLimit(.minutes(1)))
  func theSecondOpeningOfACustomerKnowsWhatTheFirstOneSaid() async throws {
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply("shop: acme\nlevels: {vip: 7}\ngroups:\n  g: {}\n")
    let vip =
      #"{"type":"conversation.open","shop":"acme","conversation":"c1","customer":{"id":"u","vip":true},"gateway":"web"}"#
    let plain =
      #"{"type":"conversation.open","shop":"acme","conversation":"c2","customer":{"id":"u"},"gateway":"web"}"#
    // All in the list before the worker starts, so that they are peeked as one batch.
    try await fleet.push(0, [vip, plain, Events.open("c3")])
    try await fleet.startWorker()
    try await fleet.drained()
    for (conversation, level) in [("c1", "7"), ("c2", "7"), ("c3", "0")] {
      #expect(try await fleet.send("HGET", "fl:{0}:acme:conv:\(conversation)", "level").text == level)
    }
    #expect(try await fleet.send("LLEN", "fl:{0}:dead").integer == 0)
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func aCustomerChangedFromAnotherPartitionIsReadAgain() async throws {
    let fleet = try await Fleet(RedisServer.required())
    try await fleet.apply("shop: acme\ngroups:\n  g: {queue: {limit: 100000}}\n")
    // The same customers open in all partitions at once, each time with another level.
    for partition in 0..<4 {
      try await fleet.push(
        partition,
        (0..<300).map {
          Events.open("c\(partition)-\($0)", customer: "u\($0 % 3)", level: ($0 + partition) % 11)
        })
    }
    for _ in 0..<2 { try await fleet.startWorker() }
    try await fleet.drained()
    #expect(try await fleet.send("ZCARD", "fl:{0}:acme:wait:g").integer == 1_200)
    #expect(try await fleet.send("LLEN", "fl:{0}:dead").integer == 0)
    #expect(try await fleet.check() == [])
    // Each change of a record was made on the record as it then was.
    for customer in 0..<3 {
      let revision =
        try await fleet.send("HGET", "fl:{0}:acme:customer:u\(customer)", "revision").integer ?? 0
      #expect(revision > 300 && revision <= 400)
    }
  }

  @Test(.redis, .timeLimit(.minutes(1)))
  func anAppliedConfigurationIsInForceForEveryEventAfterIt() async throws {
    let fleet = try await Fleet(RedisServer.required())
    func shop(_ group: String) -> String {
      "shop: acme\ndefault: {group: \(group)}\ngroups:\n  g: {queue: {limit: 100000}}\n  h: {queue: {limit: 100000}}\n"
    }
    try await fleet.apply(shop("g"))
    for _ in 0..<2 { try await fleet.startWorker() }
    for round in 0..<20 {
      let group = round % 2 == 0 ? "g" : "h"
      try await fleet.apply(shop(group))
      for partition in 0..<4 {
        try await fleet.push(partition, (0..<20).map { Events.open("c\(round)-\(partition)-\($0)") })
      }
      try await fleet.drained()
      for partition in 0..<4 {
        for index in 0..<20 {
          let stored = try await fleet.send(
            "HGET", "fl:{0}:acme:conv:c\(round)-\(partition)-\(index)", "group")
          #expect(stored.text == group, "round \(round)")
        }
      }
    }
    #expect(try await fleet.check() == [])
  }
}
