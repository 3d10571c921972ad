import Foundation
import HiredisClient

/// What a world grows by.
enum BenchDimension: String, CaseIterable, Codable, Sendable {
  case agents, waiting, groups, rules, shops, all
}

/// What an event costs in a large world, as a ratio to what it costs in a small one. Both are measured by turns, with the
/// same number of events of the same kinds, and as many conversations open at once.
struct BenchGrowthRun {
  var dimensions = BenchDimension.allCases
  /// A large world's sizes are multiplied by this, for smaller tries.
  var scale = 1.0
  var conversations = 10_000
  var rounds = 3

  /// The small world.
  var base: BenchWorld {
    var world = BenchWorld()
    world.conversations = conversations
    (world.agents, world.waiting, world.groups, world.rules, world.shops) = (100, 100, 5, 10, 1)
    world.open = world.allSlots / 2
    world.conversationsPerTurn = 2
    return world
  }

  /// The large one.
  func grown(by dimension: BenchDimension) -> BenchWorld {
    func size(_ full: Int, _ least: Int) -> Int { max(least, Int(Double(full) * scale)) }
    var world = base
    if [.agents, .all].contains(dimension) { world.agents = size(100_000, world.agents) }
    if [.waiting, .all].contains(dimension) { world.waiting = size(1_000_000, world.waiting) }
    if [.rules, .all].contains(dimension) { world.rules = size(10_000, world.rules) }
    if [.shops, .all].contains(dimension) { world.shops = size(10_000, world.shops) }
    if [.groups, .all].contains(dimension) {
      world.groups = size(5_000, world.groups)
      // A group without an agent has no work, and would not count.
      world.agents = max(world.agents, world.groups)
    }
    // Spread evenly over as many shops as there are groups, each shop would be a small one.
    world.isUneven = dimension == .all
    return world
  }

  func run() async throws -> BenchGrowthResult {
    var progress = BenchProgress(steps: 1 + dimensions.count * (1 + 2 * rounds))
    defer { progress.end() }
    progress.begin("setting the scene of the small world")
    return try await BenchStage.with(base) { small in
      var found: [BenchGrowthResult.Growth] = []
      for dimension in dimensions {
        let name = dimension == .all ? "all together" : dimension.rawValue
        progress.begin("\(name): setting the scene")
        let start = ContinuousClock.now
        let world = grown(by: dimension)
        let growth = try await BenchStage.with(world) { large in
          let (seconds, _) = start.duration(to: .now).components
          var (before, after): ([BenchFigure], [BenchFigure]) = ([], [])
          for round in 1...rounds {
            progress.begin("\(name), round \(round) of \(rounds): the small world")
            before.append(try await drain(small))
            progress.begin("\(name), round \(round) of \(rounds): the large world")
            after.append(try await drain(large))
          }
          return BenchGrowthResult.Growth(
            dimension, world, small: before, large: after, secondsToSet: Int(seconds))
        }
        found.append(growth)
      }
      let version = try await small.server { _, connection in try await BenchRun.version(connection) }
      return BenchGrowthResult(
        machine: .here(redis: version), conversations: conversations, rounds: rounds, small: .init(base),
        growths: found)
    }
  }

  private func drain(_ stage: BenchStage) async throws -> BenchFigure {
    try await BenchThroughput(stage: stage, load: BenchLoad(world: stage.world), workers: 1).warmDrain()
  }
}
