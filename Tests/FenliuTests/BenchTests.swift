import Foundation
import HiredisClient
import RoutingStore
import TestSupport
import Testing

@testable import fenliu

/// The benchmark is an instrument: what it says of its own load and of others' figures has to be right.
@Suite struct BenchTests {
  /// A small world in which all that can be asked for is there.
  private static let small = BenchWorld(
    conversations: 40, messages: 3, agents: 6, waiting: 7, rules: 4, groups: 3, shops: 2)

  /// What a run gives. Where so much else goes on that the events were done before anybody looked, it does what the error
  /// says: takes more of them.
  private static func measured(conversations: Int) async throws -> BenchResult {
    var world = small
    world.conversations = conversations
    do {
      return try await BenchRun(
        world: world, workers: 2, gateways: 2, rate: 300, rounds: 1, memory: 200
      ).run()
    } catch let failure as CommandFailure
      where "\(failure)".contains("take more --conversations") && conversations < 16_000
    {
      return try await measured(conversations: 2 * conversations)
    }
  }

  @Test(.redis, .timeLimit(.minutes(2))) func everythingIsMeasuredOverASmallWorld() async throws {
    let result = try await Self.measured(conversations: 2_000)
    #expect(result.eventsPerSecond > 0)
    #expect(result.ceilingEventsPerSecond > 0)
    #expect(result.ceilingShare > 0)
    #expect(result.conversationsPerSecond < result.eventsPerSecond)
    #expect(result.workerCPU > 0 && result.redisCPU > 0)
    #expect(result.pingPong.p50 > 0 && result.pingPong.p50 <= result.pingPong.p99)
    #expect(result.idleLatency.p50 > 0 && result.idleLatency.p99 <= result.idleLatency.max)
    #expect(result.latency.p50 > 0 && result.rate == 300)
    let bytes = try #require(result.bytes)
    #expect(min(bytes.waiting, bytes.active, bytes.closed) > 100)
    #expect(!result.machine.redis.isEmpty && result.machine.cores > 0)

    // What is printed can be read again, and compared with itself it is the same throughout.
    let json = try result.json
    let read = try JSONDecoder().decode(BenchResult.self, from: Data(json.utf8))
    #expect(read == result)
    let ratios = BenchTable.comparison(result, read).split(separator: "\n").dropFirst()
    #expect(ratios.count == 23)
    #expect(ratios.allSatisfy { $0.hasSuffix(" 1.000") }, "\(ratios)")
    for name in [
      "events_per_second", "conversations_per_second", "ceiling_share", "worker_cpu_us_per_event",
      "redis_cpu_us_per_event", "latency_ms", "pingpong_ms", "bytes", "longest_call_ms",
    ] { #expect(json.contains("\"\(name)\":"), "\(name)") }
  }

  @Test func theLoadHoldsWhatWasAskedFor() {
    let load = BenchLoad(world: Self.small)
    let events = (0..<BenchWorld.partitions).flatMap { load.events(of: $0) }
    #expect(events.count == load.events)
    #expect(events.count { $0.contains("conversation.open") && !$0.contains("crowd") } == 40)
    #expect(events.count { $0.contains("conversation.message") } == 120)
    #expect(events.count { $0.contains("conversation.close") && !$0.contains("crowd") } == 40)
    #expect(events.count { $0.contains("crowd") } == 8)
    for shop in ["bench0", "bench1"] { #expect(events.contains { $0.contains(shop) }) }
    let prelude = Self.small.prelude()
    // Three agents in each of two shops, ten who are busy with a hundred, and seven who wait.
    let people = prelude.map(\.count).reduce(0, +)
    #expect(people == 6 + 10 + 100 + 7)
    let first = Self.small.configuration(of: 0)
    #expect(first.contains("crowd0") && !Self.small.configuration(of: 1).contains("crowd0"))
  }

  @Test func aRecordingIsTakenApartByCommands() {
    var pipeline = RedisPipeline()
    pipeline.append("LRANGE", "in", "0", "31")
    pipeline.append("FCALL", "fl_x_commit", "1", "{0}")
    pipeline.append("HMGET", "a", "b\r\nc")
    // A wait for events would block whoever sends it again; the look behind it is work like any other.
    var look = RedisPipeline()
    look.append("LRANGE", "in", "0", "511")
    let recording = BenchRecording()
    recording.keep(1, pipeline.bytes + RedisPipeline.blmove.bytes + look.bytes)
    recording.keep(1, RedisPipeline.blmove.bytes)
    #expect(recording.joined(1, size: 1 << 20).map(\.count) == [4])
    #expect(recording.joined(1, size: 1 << 20)[0].bytes == pipeline.bytes + look.bytes)
    #expect(recording.joined(1, size: 1 << 20, where: BenchRun.isCommit).map(\.count) == [1])
    #expect(recording.joined(0, size: 1 << 20).isEmpty)
    recording.clear()
    #expect(recording.joined(1, size: 1 << 20).isEmpty)
  }

  @Test(arguments: [
    ("fl_x_commit", true),
    ("fl_x_conversation_context", false), ("fl_x_agent_configure", false), ("fl_x_tick", false),
    ("LRANGE", false), ("fl_x_lease_attempt", false),
  ])
  func whatAppliesAnEventIsACommit(name: String, isCommit: Bool) {
    #expect(BenchRun.isCommit(name) == isCommit)
  }

  @Test func whatIsNoResultCannotBeCompared() async throws {
    let run = try await Program.run("bench", "compare", "/dev/null", "/nonsense")
    #expect(run.status == 1)
    #expect(run.output.isEmpty)
  }
}

extension RedisPipeline {
  fileprivate static var blmove: RedisPipeline {
    var pipeline = RedisPipeline()
    pipeline.append("BLMOVE", "in", "in", "LEFT", "LEFT", "1")
    return pipeline
  }
}
