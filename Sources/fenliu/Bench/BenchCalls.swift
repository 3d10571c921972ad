import Foundation
import HiredisClient
import Routing
import RoutingStore

/// How long calls keep Redis from everybody else while much happens at once: a shop of many agents starts up, its queue
/// fills, a configuration that changes every agent comes into force, the queue drains.
///
/// The server's own log of slow calls tells, in time of the clock on the wall. A server that is kept from its processor in
/// the midst of a call is slow through no fault of the call. So everything is played several times, and of each call the
/// least of its longest times counts, since what the call itself takes comes again; and for each scene it is told for how
/// long in all the system kept the server's main thread, ready to run, from running. Where that is next to nothing,
/// the times are the calls' own.
struct BenchCalls {
  let world: BenchCallsWorld
  let rounds: Int

  /// Longer than this no call may take, in milliseconds.
  static let bound = 5.0
  /// Calls of at least so many microseconds are looked at.
  static let noted = 500

  private let keys = Keys()
  private var shard: ShardKeys { keys.shard(0) }

  init(world: BenchCallsWorld, rounds: Int) {
    self.world = world
    self.rounds = rounds
  }

  func run() async throws -> BenchCallsResult {
    var progress = BenchProgress(steps: rounds * BenchCallsResult.Kind.allCases.count + 1)
    defer { progress.end() }
    var played: [[BenchCallsResult.Scene]] = []
    var version = ""
    for round in 1...rounds {
      (version, played) = try await BenchServer.with { server in
        let scenes = try await play(on: server) {
          progress.begin("round \(round) of \(rounds): \($0.rawValue)")
        }
        let connection = try await server.connect()
        return (try await BenchRun.version(connection), played + [scenes])
      }
    }
    return BenchCallsResult(
      machine: .here(redis: version), world: world, rounds: rounds,
      scenes: BenchCallsResult.Kind.allCases.enumerated().map { index, _ in
        .ofRounds(played.map { $0[index] })
      })
  }

  /// All scenes, one after the other in one shop.
  private func play(
    on server: BenchServer, _ begin: (BenchCallsResult.Kind) -> Void
  ) async throws -> [BenchCallsResult.Scene] {
    var driver = try await Driver(server, shard)
    try await Functions.load(on: driver.connection)
    try await Topology(shards: 1, partitions: BenchWorld.partitions).store(keys, on: driver.connection)
    // Not the driver's: what `fenliu apply` does is a part of what is measured.
    let deployer = RedisConnection(
      to: server.endpoint, name: "fenliu-bench-apply",
      deadlines: RedisDeadlines(command: .seconds(60), idle: .seconds(60)))
    try await deployer.connect()
    try await Functions.load(on: deployer)
    var scenes: [BenchCallsResult.Scene] = []
    try await BenchWorkers.with(1, server.endpoint, keys) {
      for kind in BenchCallsResult.Kind.allCases {
        begin(kind)
        try await driver.watch()
        switch kind {
        case .startUp:
          try await apply(0, on: deployer)
          try await driver.push(world.agents) { world.online($0) }
        case .filling: try await driver.push(world.conversations) { world.open($0) }
        case .apply:
          try await apply(1, on: deployer)
          try await driver.settle(world.shop)
        case .drain: try await driver.push(world.conversations) { world.close($0) }
        }
        try await driver.rest()
        scenes.append(try await driver.scene(kind))
      }
    }
    try await driver.verify(world)
    return scenes
  }

  private func apply(_ change: Int, on connection: RedisConnection) async throws {
    let document = world.configuration(change)
    let configuration = try ShopConfiguration.parse(document, file: "bench.yaml")
    _ = try await Configurations.apply(configuration, document: document, shard: shard, on: connection)
  }
}

/// Pushes what happens, and looks at what the server says.
private struct Driver {
  let connection: RedisConnection
  let shard: ShardKeys
  private static let name = "fenliu-bench"
  private static let patience = Duration.seconds(3_600)
  /// So many events lie in the inboxes at most.
  private static let piece = 20_000
  private let process: Int64
  private var waitedBefore: Double?

  init(_ server: BenchServer, _ shard: ShardKeys) async throws {
    // On a machine that is not quiet an answer may take long, which is no reason to give up.
    connection = RedisConnection(
      to: server.endpoint, name: Self.name,
      deadlines: RedisDeadlines(command: .seconds(60), idle: .seconds(60)))
    try await connection.connect()
    self.shard = shard
    let info = try await connection.send("INFO", "server").text ?? ""
    let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("process_id:") }
    process = line.flatMap { Int64($0.dropFirst("process_id:".count)) } ?? 0
    // Amid a call the server shall not have to wait for those who load it. Who is not root cannot give it that, and sees
    // from the last column of the table what came of it.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(process), -20)
    for (setting, value) in [
      ("slowlog-log-slower-than", "\(BenchCalls.noted)"), ("slowlog-max-len", "100000"),
    ] {
      _ = try await connection.send("CONFIG", "SET", setting, value)
    }
  }

  /// Begins a scene.
  mutating func watch() async throws {
    _ = try await connection.send("SLOWLOG", "RESET")
    waitedBefore = Self.waited(process)
  }

  /// For how many milliseconds the main thread of a process has stood ready and did not run; nil where the system does not
  /// tell. Source: proc_pid_schedstat, the second figure, in nanoseconds.
  private static func waited(_ process: Int64) -> Double? {
    guard
      let text = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/schedstat", encoding: .utf8)
    else {
      return nil
    }
    let figures = text.split(separator: " ")
    return figures.count > 1 ? Double(figures[1]).map { $0 / 1_000_000 } : nil
  }

  /// Pushes so many events, partition by partition in turn, and waits until they are applied.
  func push(_ count: Int, _ event: (Int) -> String) async throws {
    for start in stride(from: 0, to: count, by: Self.piece) {
      let end = min(start + Self.piece, count)
      let before = try await position()
      for first in stride(from: start, to: end, by: 400) {
        var pushes = RedisPipeline()
        for partition in 0..<BenchWorld.partitions {
          let numbers = (first..<min(first + 400, end)).filter { $0 % BenchWorld.partitions == partition }
          if !numbers.isEmpty { pushes.append(["RPUSH", shard.inbox(partition)] + numbers.map(event)) }
        }
        for reply in try await connection.pipeline(pushes) {
          if let error = reply.error { throw RedisError.server(error) }
        }
      }
      try await until("the inboxes are drained") { try await position() >= before + end - start }
      // Gateways take their commands.
      _ = try await connection.send(
        "UNLINK", shard.outbox(GatewayID(unchecked: "web")), shard.outbox(GatewayID(unchecked: "desk")))
    }
  }

  /// Waits until all records are of the configuration in force.
  func settle(_ shop: ShopID) async throws {
    try await until("all records have the configuration") {
      let fields =
        try await connection.send("HMGET", shard.shop(shop).config, "version", "settled").array ?? []
      return fields.count == 2 && fields[0].integer == fields[1].integer
    }
  }

  /// Waits until everything is counted.
  func rest() async throws {
    try await until("the counters are folded") {
      try await connection.send("LLEN", shard.facts).integer == 0
    }
  }

  private func position() async throws -> Int {
    var reads = RedisPipeline()
    for partition in 0..<BenchWorld.partitions { reads.append("HGET", shard.lease(partition), "position") }
    return try await connection.pipeline(reads).reduce(0) { $0 + Int($1.integer ?? 0) }
  }

  private func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + Self.patience
    while try await !isSo() {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("within an hour it was not so: \(what)")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// What the server logged since `watch`, but for what the driver itself did.
  func scene(_ kind: BenchCallsResult.Kind) async throws -> BenchCallsResult.Scene {
    let reply = try await connection.send(["SLOWLOG", "GET", "-1"], deadline: .seconds(60))
    var longest: [String: Double] = [:]
    var above = 0
    for entry in reply.array ?? [] {
      guard let fields = entry.array, fields.count >= 6, let time = fields[2].integer,
        let words = fields[3].array?.compactMap(\.text), let client = fields[5].text, client != Self.name
      else { continue }
      let milliseconds = Double(time) / 1_000
      longest[Self.call(words), default: 0].raise(to: milliseconds)
      if milliseconds > BenchCalls.bound { above += 1 }
    }
    let waited = Self.waited(process)
    return BenchCallsResult.Scene(
      kind: kind, longest: longest, above: above,
      keptFromRunning: waited.flatMap { now in waitedBefore.map { (now - $0).digits(1) } })
  }

  /// What a call is called: the function without the library's name, or the command with what its key is for.
  private static func call(_ words: [String]) -> String {
    let command = words.first?.uppercased() ?? "?"
    guard words.count > 1 else { return command }
    if command.hasPrefix("FCALL") {
      return words[1].hasPrefix("fl_")
        ? words[1].split(separator: "_").dropFirst(2).joined(separator: "_") : words[1]
    }
    return "\(command) \(words[1].split(separator: ":").dropFirst(2).prefix(2).joined(separator: ":"))"
  }

  /// A figure counts only if the work was done.
  func verify(_ world: BenchCallsWorld) async throws {
    let dead = try await connection.send("LLEN", shard.dead).integer ?? 0
    guard dead == 0 else { throw CommandFailure("\(dead) events were rejected") }
    let keys = shard.shop(world.shop)
    for group in 0..<world.groups {
      let waiting = try await connection.send("ZCARD", keys.wait(world.group(group))).integer ?? 0
      guard waiting == 0 else { throw CommandFailure("\(waiting) still wait in \(world.group(group))") }
    }
    guard world.conversations <= 100_000 else { return }
    let found = try await connection.send(["FCALL_RO", "fl_check", "1", shard.tag], deadline: .seconds(300))
    let violations = (found.array ?? []).compactMap(\.text)
    guard found.array != nil, violations.isEmpty else {
      throw CommandFailure("fl_check finds: \(violations.prefix(3))")
    }
  }
}

extension Double {
  fileprivate mutating func raise(to other: Double) { self = Swift.max(self, other) }
}
