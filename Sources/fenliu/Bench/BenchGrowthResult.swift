import Foundation

/// What `fenliu bench growth` found, as `--json` prints it.
struct BenchGrowthResult: Codable, Equatable {
  /// How large a world is.
  struct Sizes: Codable, Equatable {
    var agents: Int
    var waiting: Int
    var groups: Int
    var rules: Int
    var shops: Int

    init(_ world: BenchWorld) {
      (agents, waiting, groups) = (world.agents, world.waiting, world.groups)
      (rules, shops) = (world.rules, world.shops)
    }
  }

  /// CPU time of one event in microseconds, the median over the rounds.
  struct Cost: Codable, Equatable {
    var worker: Double
    var redis: Double
    var both: Double

    init(_ figures: [BenchFigure]) {
      worker = figures.map(\.clientPerEvent).median.digits(2)
      redis = figures.map(\.redisPerEvent).median.digits(2)
      both = figures.map { $0.clientPerEvent + $0.redisPerEvent }.median.digits(2)
    }
  }

  /// What an event costs in the large world by what it costs in the small one: the median over the rounds, in each of
  /// which one is measured right after the other.
  struct Ratio: Codable, Equatable {
    var worker: Double
    var redis: Double
    var both: Double

    init(_ small: [BenchFigure], _ large: [BenchFigure]) {
      func ratio(_ value: (BenchFigure) -> Double) -> Double {
        zip(small, large).map { value($1) / value($0) }.median.digits(3)
      }
      worker = ratio { $0.clientPerEvent }
      redis = ratio { $0.redisPerEvent }
      both = ratio { $0.clientPerEvent + $0.redisPerEvent }
    }
  }

  /// One world that has grown, beside the small one.
  struct Growth: Codable, Equatable {
    var dimension: BenchDimension
    var sizes: Sizes
    /// Events of one measurement in each of the two.
    var events: [Int]
    var small: Cost
    var large: Cost
    var ratio: Ratio
    /// The longest call to Redis in the large world, in milliseconds.
    var longestCall: Double
    var secondsToSet: Int

    enum CodingKeys: String, CodingKey {
      case dimension, sizes, events, ratio
      case small = "small_cpu_us_per_event"
      case large = "large_cpu_us_per_event"
      case longestCall = "longest_call_ms"
      case secondsToSet = "seconds_to_set_the_scene"
    }

    init(
      _ dimension: BenchDimension, _ world: BenchWorld, small: [BenchFigure], large: [BenchFigure],
      secondsToSet: Int
    ) {
      (self.dimension, sizes, self.secondsToSet) = (dimension, Sizes(world), secondsToSet)
      events = [small, large].map { $0.map(\.events).max() ?? 0 }
      (self.small, self.large) = (Cost(small), Cost(large))
      ratio = Ratio(small, large)
      longestCall = large.map(\.longestCall).max() ?? 0
    }
  }

  var machine: BenchResult.Machine
  var conversations: Int
  var rounds: Int
  var small: Sizes
  var growths: [Growth]
}

extension BenchGrowthResult {
  /// For people.
  var table: String {
    let head = """
      \(machine.text)
      \(conversations) conversations, \(rounds) rounds; the small world: \(small.text)
      CPU µs per event; the last three columns are large by small, of which at most 1.5 is asked for together
      """
    var rows = [
      ["large", "size", "worker", "Redis", "small: worker", "Redis", "worker", "Redis", "together"]
    ]
    for growth in growths {
      let size = growth.dimension == .all ? "" : "\(growth.sizes.of(growth.dimension))"
      rows.append(
        [growth.dimension == .all ? "all together" : growth.dimension.rawValue, size]
          + [growth.large.worker, growth.large.redis, growth.small.worker, growth.small.redis].map(Self.plain)
          + [growth.ratio.worker, growth.ratio.redis, growth.ratio.both].map { String(format: "%.2f", $0) })
    }
    return head + "\n" + BenchTable.aligned(rows)
  }

  private static func plain(_ value: Double) -> String { String(format: "%.1f", value) }
}

extension BenchGrowthResult.Sizes {
  fileprivate var text: String {
    "\(agents) agents, \(waiting) waiting, \(groups) groups, \(rules) rules, \(shops) shop"
  }

  fileprivate func of(_ dimension: BenchDimension) -> Int {
    switch dimension {
    case .agents: agents
    case .waiting: waiting
    case .groups: groups
    case .rules: rules
    case .shops, .all: shops
    }
  }
}

extension [Double] {
  /// The middle one in order of size; 0 where there is none.
  var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}

extension BenchResult.Machine {
  /// One line for people.
  var text: String { "\(cpu), \(cores) cores, \(system), Redis \(redis)" }
}
