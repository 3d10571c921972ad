import Foundation
import HiredisClient
import Routing
import RoutingStore

/// What a commit of each frequent kind costs Redis, by what the same writes cost as plain commands without any check.
///
/// A worker plays one kind of event after the other, twice: once its commits are recorded, once an audit keeps what they
/// write. Before each kind the server is saved. Then, by turns, the commits are sent to a server that begins with the one,
/// and the writes to one that begins with the other, both pipelined by one bare client. The audit tells each event by itself,
/// so the plain writes acknowledge and number each by itself too, where a commit of many events does that once for all.
struct BenchCommits {
  var conversations = 4_000
  var rounds = 3

  /// Half of the slots are taken by the first conversations, all of them later.
  private var world: BenchWorld {
    var world = BenchWorld()
    (world.conversations, world.messages) = (conversations, 0)
    world.agents = conversations / BenchWorld.slots * 2
    return world
  }

  /// Events of one kind, for each partition.
  private struct Step {
    var kind: BenchCommitsResult.Kind?
    var events: [[String]]
    var count: Int { events.reduce(0) { $0 + $1.count } }
  }

  /// A kind as one of the two runs left it: where it begins, and what brings it about.
  private struct Played {
    var snapshot: String
    var pipelines: [RedisPipeline] = []
  }

  func run() async throws -> BenchCommitsResult {
    let kinds = BenchCommitsResult.Kind.allCases
    var progress = BenchProgress(steps: 2 + rounds * kinds.count)
    defer { progress.end() }
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("fenliu-bench-\(UInt32.random(in: .min ... .max))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    progress.begin("recording what a worker sends")
    let commits = try await play(in: directory.appendingPathComponent("commits").path, audited: false)
    progress.begin("recording what its commits write")
    let writes = try await play(in: directory.appendingPathComponent("writes").path, audited: true)
    var found: [BenchCommitsResult.Commit] = []
    let machine = try await BenchServer.with { server in
      BenchResult.Machine.here(redis: try await BenchRun.version(try await server.connect()))
    }
    for step in steps() {
      guard let kind = step.kind, let commit = commits[kind], let plain = writes[kind] else { continue }
      var costs: [BenchCommitsResult.Cost] = []
      for round in 1...rounds {
        progress.begin("\(kind.rawValue): round \(round) of \(rounds)")
        costs.append(
          BenchCommitsResult.Cost(
            commit: try await replay(commit, step, isWhole: true),
            plain: try await replay(plain, step, isWhole: false)))
      }
      let count = plain.pipelines.reduce(0) { $0 + $1.count }
      found.append(
        BenchCommitsResult.Commit(
          kind: kind, writes: (Double(count) / Double(step.count)).digits(1), rounds: costs))
    }
    return BenchCommitsResult(machine: machine, conversations: conversations, rounds: rounds, commits: found)
  }

  // MARK: What is played

  private func steps() -> [Step] {
    let load = BenchLoad(world: world)
    var numbers = [Int](repeating: 0, count: BenchWorld.partitions)
    func step(_ kind: BenchCommitsResult.Kind?, _ range: Range<Int>, _ text: (Int, String) -> String) -> Step
    {
      var step = Step(kind: kind, events: [[String]](repeating: [], count: BenchWorld.partitions))
      for number in range {
        let partition = number % BenchWorld.partitions
        numbers[partition] += 1
        let mark = #""source":"web-\#(partition)","n":\#(numbers[partition])"#
        step.events[partition].append(text(number, mark))
      }
      return step
    }
    let first = 0..<conversations
    // More than all slots, so that whoever of them ends is followed by another.
    let second = conversations..<(conversations * 43 / 10)
    return [
      step(.open, first) { load.open($0, gateway: "web", mark: $1) },
      step(nil, first) { load.message($0, from: "agent", mark: $1) },
      step(.customerMessage, first) { load.message($0, from: "customer", mark: $1) },
      step(.agentMessage, first) { load.message($0, from: "agent", mark: $1) },
      step(.close, first) { load.close($0, mark: $1) },
      step(nil, second) { load.open($0, gateway: "web", mark: $1) },
      step(.closeWithFollowUp, conversations..<(conversations * 2)) { load.close($0, mark: $1) },
    ]
  }

  private func play(in directory: String, audited: Bool) async throws -> [BenchCommitsResult.Kind: Played] {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    return try await BenchStage.with(world, audited: audited) { stage in
      try await stage.server { server, connection in
        let recording = BenchRecording()
        return try await BenchWorkers.with(1, server.endpoint, stage.keys, recording: recording) {
          _ = try await BenchThroughput(stage: stage, load: BenchLoad(world: world), workers: 1)
            .settledLeases(on: connection)
          var all: [BenchCommitsResult.Kind: Played] = [:]
          var total = try await stage.position(on: connection)
          for step in steps() {
            var played = Played(snapshot: "\(directory)/\(all.count).rdb")
            if step.kind != nil { try await server.save(connection, to: played.snapshot) }
            let before = try await AuditLog.state(of: stage.shard, on: connection).last
            recording.clear()
            for (partition, events) in step.events.enumerated() {
              try await stage.push(events, to: partition, on: connection)
            }
            total += step.count
            try await stage.reach(total, on: connection)
            if let kind = step.kind {
              played.pipelines =
                audited
                ? try await writes(since: before, stage, on: connection)
                : (0..<BenchWorld.partitions).flatMap {
                  recording.joined($0, size: 256 << 10, where: BenchRun.isCommit)
                }
              all[kind] = played
            }
            try await stage.settled(on: connection)
          }
          try await stage.verify(on: connection)
          return all
        }
      }
    }
  }

  private struct Entry: Decodable {
    /// The position of an event in its list; nil for what no event did.
    var pos: Int?
    var w: [[String]]
  }

  /// What events have written since this entry.
  private func writes(
    since first: Int64, _ stage: BenchStage, on connection: RedisConnection
  ) async throws -> [RedisPipeline] {
    var (pipelines, last) = ([RedisPipeline](), first)
    while true {
      let page = try await AuditLog.read(stage.shard, after: last, count: 500, on: connection)
      guard let number = page.last.flatMap(AuditLog.number) else { return pipelines }
      last = number
      var pipeline = RedisPipeline()
      for text in page {
        let entry = try JSONDecoder().decode(Entry.self, from: Data(text))
        guard entry.pos != nil else { continue }
        for words in entry.w { pipeline.append(words) }
      }
      if pipeline.count > 0 { pipelines.append(pipeline) }
    }
  }

  // MARK: What is measured

  /// CPU time of Redis for one event, in microseconds.
  ///
  /// - Parameter isWhole: whether the events must be acknowledged in the end by their positions, as commits do.
  private func replay(_ played: Played, _ step: Step, isWhole: Bool) async throws -> Double {
    try await BenchServer.with(played.snapshot) { server in
      let connection = try await server.connect()
      let stage = BenchStage(world, shard: 0)
      let before = try await stage.position(on: connection)
      for (partition, events) in step.events.enumerated() {
        try await stage.push(events, to: partition, on: connection)
      }
      let cpu = try await CPUTime.redis(connection)
      for pipeline in played.pipelines {
        for reply in try await connection.pipeline(pipeline) {
          if let error = reply.error { throw RedisError.server(error) }
        }
      }
      let used = try await CPUTime.redis(connection) - cpu
      let done = try await stage.position(on: connection) - before
      guard done == step.count else {
        throw CommandFailure("of \(step.count) events \(done) were committed when they were sent again")
      }
      await connection.close()
      return used / Double(step.count)
    }
  }
}
