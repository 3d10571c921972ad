import Foundation
import HiredisClient
import TestSupport
import Testing

@testable import fenliu

/// The parts of the benchmark that compare worlds of different sizes: that both do the same work is what makes them
/// comparable.
@Suite struct BenchGrowthTests {
  @Test(.redis, .timeLimit(.minutes(2))) func everyDimensionIsMeasuredBesideTheSmallWorld() async throws {
    let result = try await BenchGrowthRun(scale: 0.002, conversations: 200, rounds: 1).run()
    #expect(result.growths.map(\.dimension) == BenchDimension.allCases)
    for growth in result.growths {
      #expect(min(growth.ratio.worker, growth.ratio.redis, growth.ratio.both) > 0)
      #expect(min(growth.small.worker, growth.small.redis, growth.large.worker, growth.large.redis) > 0)
      // As many in both, but for those of the warm-up, of which each shop has one.
      #expect(growth.events[0] == growth.events[1], "\(growth.dimension)")
      // Eight of each conversation, two for every second one in the queue, without the tenth that comes before.
      #expect(growth.events[0] > 200 * 9 * 8 / 10 && growth.events[0] < 200 * 9)
    }
    #expect(result.table.split(separator: "\n").count == 3 + 1 + BenchDimension.allCases.count)
    let json = try BenchJSON.text(result)
    #expect(try JSONDecoder().decode(BenchGrowthResult.self, from: Data(json.utf8)) == result)
  }

  @Test func aWorldGrowsByWhatItIsAskedForAndTheLoadStaysTheSame() {
    let run = BenchGrowthRun(conversations: 1_000)
    let sizes = BenchDimension.allCases.map { BenchGrowthResult.Sizes(run.grown(by: $0)) }
    #expect(sizes.map(\.agents) == [100_000, 100, 5_000, 100, 100, 100_000])
    #expect(sizes.map(\.waiting) == [100, 1_000_000, 100, 100, 100, 1_000_000])
    #expect(sizes.map(\.groups) == [5, 5, 5_000, 5, 5, 5_000])
    #expect(sizes.map(\.rules) == [10, 10, 10, 10_000, 10, 10_000])
    #expect(sizes.map(\.shops) == [1, 1, 1, 1, 10_000, 10_000])
    let small = Self.shape(of: run.base)
    #expect(small.values.reduce(0, +) == 9_000)
    for dimension in BenchDimension.allCases {
      #expect(Self.shape(of: run.grown(by: dimension)) == small, "\(dimension)")
    }
  }

  /// How many events there are of each kind, and how many openings say a keyword.
  private static func shape(of world: BenchWorld) -> [String: Int] {
    let load = BenchLoad(world: world)
    var counts: [String: Int] = [:]
    for event in (0..<BenchWorld.partitions).flatMap({ load.events(of: $0) }) {
      let kind = event.split(separator: "\"").dropFirst(2).first.map(String.init) ?? ""
      let who = event.contains("crowd") ? "crowd" : event.contains("话题") ? "keyword" : ""
      counts[kind + who, default: 0] += 1
    }
    return counts
  }

  @Test func aLargeShopBesideSmallOnesHasHalfOfTheLoad() {
    var world = BenchWorld(conversations: 400, messages: 0, agents: 30, rules: 25, groups: 22, shops: 11)
    world.isUneven = true
    #expect((0..<11).map { world.agents(of: $0) } == [20] + Array(repeating: 1, count: 10))
    #expect(world.groups(of: 0) == 12 && world.rules(of: 0) == 15)
    let places = (0..<400).map { world.place(of: $0) }
    #expect(places.count { $0.shop == 0 } == 200)
    for shop in 1...10 { #expect(places.count { $0.shop == shop } == 20) }
    // Each conversation of a shop has a number of its own.
    #expect(Set(places.map { "\($0.shop) \($0.ordinal)" }).count == 400)
  }

  @Test(.redis, .timeLimit(.minutes(2))) func anIdleWorkerIsMeasuredWithFewShopsAndWithMany() async throws {
    let result = try await BenchIdleRun(shops: [2, 30], seconds: 1, rounds: 1).run()
    #expect(result.idles.map(\.shops) == [2, 30])
    for idle in result.idles {
      #expect(idle.share.worker > 0 && idle.share.redis > 0)
      // It ticks and signs in.
      #expect(idle.share.commandsPerSecond > 2)
    }
    let json = try BenchJSON.text(result)
    #expect(try JSONDecoder().decode(BenchIdleResult.self, from: Data(json.utf8)) == result)
  }

  @Test(.redis, .timeLimit(.minutes(2))) func twoShardsAreMeasuredBesideOne() async throws {
    let result = try await BenchShardsRun(conversations: 200, rounds: 1).run()
    #expect(result.one.servers.count == 1 && result.two.servers.count == 2)
    #expect(result.alone.servers.count == 1)
    #expect(min(result.one.worker, result.alone.worker, result.two.worker) > 0)
    for gain in [result.gain, result.gainInCluster] {
      #expect(min(gain.servers, gain.workers, gain.together, gain.busiest) > 0)
    }
    let json = try BenchJSON.text(result)
    #expect(try JSONDecoder().decode(BenchShardsResult.self, from: Data(json.utf8)) == result)
  }

  @Test func twoThatCostAsMuchAsOneDoTwiceAsMuch() {
    let one = BenchShardsResult.Cost(worker: 10, servers: [20])
    let same = BenchShardsResult.Gain(one, BenchShardsResult.Cost(worker: 10, servers: [20, 20]))
    #expect([same.servers, same.workers, same.together, same.busiest] == [2, 2, 2, 2])
    // The worker costs half more, but has less to do than the server all the same.
    let dearer = BenchShardsResult.Gain(one, BenchShardsResult.Cost(worker: 15, servers: [20, 25]))
    #expect(dearer.servers == 1.8 && dearer.busiest == 1.8)
    #expect(abs(dearer.workers - 4.0 / 3) < 1e-9)
    #expect(abs(dearer.together - (30.0 / 35 + 30.0 / 40)) < 1e-9)
  }

  @Test(arguments: [
    ("growth", "--only", "agents,nonsense"), ("growth", "--scale", "0"), ("idle", "--shops", "ten"),
    ("shards", "--rounds", "0"),
  ])
  func whatCannotBeMeasuredIsRefused(part: String, option: String, value: String) async throws {
    let run = try await Program.run("bench", part, option, value)
    #expect(run.status != 0)
    #expect(run.output.isEmpty)
  }
}
