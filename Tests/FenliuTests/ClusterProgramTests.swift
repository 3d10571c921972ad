import Foundation
import HiredisClient
import RoutingStore
import TestSupport
import Testing

/// The programs on a cluster, as its users run them.
@Suite(.serialized, .timeLimit(.minutes(4))) struct ClusterProgramTests {
  private func run(
    _ set: ClusterSet, _ arguments: String..., input: String? = nil
  ) async throws -> Program.Run {
    let child = try Program.start(arguments, input: input, environment: ["FENLIU_REDIS": set.url])
    let exit = try await child.wait(within: .seconds(60))
    return Program.Run(exit: exit, output: child.standardOutput, error: child.standardError)
  }

  @Test func everyCommandFindsItsShards() async throws {
    let set = try await ClusterSet.start()
    let topology = try await run(set, "topology", "--shards", "4", "--partitions", "2")
    #expect(topology.status == 0, "\(topology.error)")
    #expect(topology.output.contains { $0.hasPrefix("shard 0   slot 13907   127.0.0.1:") })
    #expect(topology.error == [])
    let names = (0..<4).map { ClusterFleet.shop(of: $0, Topology(shards: 4, partitions: 2)) }
    let files = try TemporaryDirectory()
    for name in names {
      let text = "shop: \(name)\ngroups:\n  front: {}\nagents:\n  li: {groups: [front], capacity: 2}\n"
      try Data(text.utf8).write(to: URL(fileURLWithPath: files.path("\(name).yaml")))
      let apply = try await run(set, "apply", files.path("\(name).yaml"))
      #expect(apply.output.first?.contains("applied") == true, "\(apply.error)")
    }
    #expect(try await run(set, "audit", "on").status == 0)
    let lines = names.flatMap { name in
      [
        Line.online("li", shop: name), Line.open("c1", customer: "u1", shop: name),
        Line.open("bad one", customer: "u1", shop: name),
      ]
    }
    let push = try await run(set, "push", "--as-is", "--replicas", "1", input: lines.joined(separator: "\n"))
    #expect(push.output.first == "12 events pushed", "\(push.error)")

    let worker = try Program.start(["route"], environment: ["FENLIU_REDIS": set.url])
    try await eventually("all is routed") {
      let top = try await run(set, "top", "--once", "--json")
      return top.output.first?.contains(#""backlog":0,"#) == true
        && top.output.first?.contains(#""dead_letters":4,"#) == true
    }
    let stories = try await run(set, "explain", "c1")
    for name in names { #expect(stories.output.contains { $0.contains(name) }, "\(stories.output)") }
    #expect(try await run(set, "dead", "list").output.count >= 4)
    #expect(
      try await run(set, "dead", "retry", "1:1").output.first?.hasPrefix("1 event pushed again") == true)
    try await eventually("the router rejects it once more") {
      try await run(set, "dead", "drop", "--yes").output.first == "4 dead letters dropped"
    }
    #expect(try await run(set, "audit", "read", "--shard", "3").output.isEmpty == false)
    #expect(try await run(set, "audit", "off", "--drop").status == 0)
    let again = try await run(set, "topology", "--shards", "2")
    #expect(again.status == 1)
    #expect(
      again.error.first?.contains("can only be set while Redis holds nothing") == true, "\(again.error)")
    let limit = try await run(set, "topology", "--inbox-limit", "7", "--json")
    #expect(limit.output.first?.contains(#""nodes":[{"shard":0,"slot":13907,"node":"127.0.0.1:"#) == true)
    for index in 0..<4 {
      let home = try await set.home(of: "fl:{\(index)}").connected()
      #expect(try await home.send("HGET", "fl:{\(index)}:settings", "inbox_limit").integer == 7)
    }
    worker.send(signal: SIGTERM)
    #expect(try await worker.wait() == .exited(0))
  }

  @Test func anOperatorIsToldWhenOneNodeHasAllShards() async throws {
    let set = try await ClusterSet.start(replicas: 0)
    #expect(try await run(set, "topology", "--shards", "3").error == [])
    let home = try await set.home(of: "fl:{0}")
    for shard in 1...2 where try await set.home(of: "fl:{\(shard)}") !== home {
      #expect(try await set.move(shard: shard, to: home).exit == .exited(0))
    }
    let topology = try await run(set, "topology")
    #expect(topology.error.first?.hasPrefix("all shards are at \(set.place(home))") == true)
    #expect(topology.status == 0)
  }

  @Test func pushGoesOnWhenAPrimaryDies() async throws {
    let set = try await ClusterSet.start()
    #expect(try await run(set, "topology", "--shards", "4", "--partitions", "1").status == 0)
    let names = (0..<4).map { ClusterFleet.shop(of: $0, Topology(shards: 4, partitions: 1)) }
    func lines(_ range: ClosedRange<Int>) -> String {
      range.flatMap { number in
        names.map { name in
          Line.open("c\(number)", customer: "one", shop: name).dropLast()
            + #","source":"g","n":\#(number)}"# + "\n"
        }
      }.joined()
    }
    func count(_ number: Int64) async throws -> Bool {
      for index in 0..<4 {
        guard let home = try? await set.home(of: "fl:{\(index)}").connected(),
          try await home.send("LLEN", "fl:{\(index)}:in:0").integer ?? 0 >= number
        else { return false }
      }
      return true
    }
    let pipe = try InputPipe()
    let push = try pipe.start("push", "--redis", set.url, "--replicas", "1")
    pipe.write(lines(1...25))
    try await eventually("the first events are there") { try await count(25) }
    try await set.home(of: "fl:{0}").kill()
    pipe.write(lines(26...50))
    pipe.close()
    // A replica that was promoted has none of its own: what needs one waits until the dead one is back.
    try await eventually("all events are there") { try await count(50) }
    for server in set.servers { try await server.start() }
    #expect(try await push.wait(within: .seconds(60)) == .exited(0), "\(push.standardError)")
    #expect(push.standardOutput.first == "200 events pushed")
    for index in 0..<4 {
      let home = try await set.home(of: "fl:{\(index)}").connected()
      let events = try await home.send("LRANGE", "fl:{\(index)}:in:0", "0", "-1").array ?? []
      let numbers = events.compactMap(\.text).compactMap {
        $0.split(separator: ":").last.flatMap { Int($0.dropLast()) }
      }
      // Repeats are allowed, gaps and other orders are not.
      var last = 0
      for number in numbers {
        #expect(number <= last + 1)
        last = max(last, number)
      }
      #expect(last == 50)
    }
  }

  /// A cluster client that is told to ask ahead does so for functions too.
  @Test func aGatewayThatAsksAheadIsToldToTryAgain() async throws {
    let set = try await ClusterSet.start(replicas: 0)
    #expect(try await run(set, "topology").status == 0)
    let old = try await set.home(of: "fl:{0}")
    let other = try #require(set.servers.first { $0 !== old })
    let (here, there) = (try await old.connected(), try await other.connected())
    for node in [here, there] { try await Functions.load(on: node) }
    try await here.send("RPUSH", "fl:{0}:in:1", "first")
    let (from, to) = (
      try await here.send("CLUSTER", "MYID").text ?? "", try await there.send("CLUSTER", "MYID").text ?? ""
    )
    try await there.send("CLUSTER", "SETSLOT", "13907", "IMPORTING", from)
    try await here.send("CLUSTER", "SETSLOT", "13907", "MIGRATING", to)
    let asked = await #expect(throws: RedisError.self) {
      try await here.send("FCALL", "fl_push", "1", "{0}", "1", "x")
    }
    #expect("\(String(describing: asked))".contains("ASK 13907"))
    try await there.send("ASKING")
    let early = await #expect(throws: RedisError.self) {
      try await there.send("FCALL", "fl_push", "1", "{0}", "1", "x")
    }
    #expect("\(String(describing: early))".contains("TRYAGAIN the shard is moving"))
    #expect(try await there.send("CLUSTER", "COUNTKEYSINSLOT", "13907").integer == 0)
    #expect(try await set.move(shard: 0, to: other).exit == .exited(0))
    #expect(try await there.send("FCALL", "fl_push", "1", "{0}", "1", "x").text == "OK")
    #expect(try await there.send("LLEN", "fl:{0}:in:1").integer == 2)
  }
}
