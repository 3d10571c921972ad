import Foundation

/// What `fenliu bench shards` found, as `--json` prints it.
struct BenchShardsResult: Codable, Equatable {
  /// CPU time of one event in microseconds.
  struct Cost: Codable, Equatable {
    /// Of the workers, over all events.
    var worker: Double
    /// Of each server, over the events of its shard.
    var servers: [Double]
  }

  /// How much more two do than one.
  struct Gain: Codable, Equatable {
    /// By the CPU time of the servers: the sum of what each does in a second of its core.
    var servers: Double
    /// By that of the workers.
    var workers: Double
    /// By that of both together.
    var together: Double
    /// By whichever of the two has more to do, as on machines on which each has a core of its own.
    var busiest: Double

    init(_ one: Cost, _ two: Cost) {
      let server = one.servers.first ?? 0
      servers = two.servers.reduce(0) { $0 + server / $1 }
      workers = Double(two.servers.count) * one.worker / two.worker
      together = two.servers.reduce(0) { $0 + (server + one.worker) / ($1 + two.worker) }
      busiest = two.servers.reduce(0) { $0 + max(server, one.worker) / max($1, two.worker) }
    }

    /// The median of each.
    init(_ gains: [Gain]) {
      servers = gains.map(\.servers).median.digits(3)
      workers = gains.map(\.workers).median.digits(3)
      together = gains.map(\.together).median.digits(3)
      busiest = gains.map(\.busiest).median.digits(3)
    }
  }

  var machine: BenchResult.Machine
  /// Conversations in each shard.
  var conversations: Int
  var rounds: Int
  /// One plain server and one worker: the median over the rounds.
  var one: Cost
  /// The same with a cluster of one server.
  var alone: Cost
  /// A cluster of two servers, and two workers.
  var two: Cost
  /// Two by one: the median over the rounds, in each of which all are measured one right after the other.
  var gain: Gain
  /// Two by a cluster of one.
  var gainInCluster: Gain

  enum CodingKeys: String, CodingKey {
    case machine, conversations, rounds, gain
    case one = "one_cpu_us_per_event"
    case alone = "cluster_of_one_cpu_us_per_event"
    case two = "two_cpu_us_per_event"
    case gainInCluster = "gain_in_cluster"
  }

  init(machine: BenchResult.Machine, conversations: Int, rounds: Int, one: [Cost], alone: [Cost], two: [Cost])
  {
    (self.machine, self.conversations, self.rounds) = (machine, conversations, rounds)
    (self.one, self.alone, self.two) = (Self.median(one), Self.median(alone), Self.median(two))
    gain = Gain(zip(one, two).map { Gain($0, $1) })
    gainInCluster = Gain(zip(alone, two).map { Gain($0, $1) })
  }

  private static func median(_ costs: [Cost]) -> Cost {
    let servers = costs.first?.servers.count ?? 0
    return Cost(
      worker: costs.map(\.worker).median.digits(2),
      servers: (0..<servers).map { index in costs.map { $0.servers[index] }.median.digits(2) })
  }

  /// For people.
  var table: String {
    var rows = [["CPU µs per event", "plain server", "cluster of one", "cluster of two"]]
    rows.append(["worker"] + [one, alone, two].map { Self.plain($0.worker) })
    for index in two.servers.indices {
      rows.append(
        ["Redis of shard \(index)"]
          + [one, alone, two].map { index < $0.servers.count ? Self.plain($0.servers[index]) : "" })
    }
    let gains = [
      ["two do so many times the work of", "plain server", "cluster of one"],
      ["by the servers' CPU"] + [gain, gainInCluster].map { Self.ratio($0.servers) },
      ["by the workers' CPU"] + [gain, gainInCluster].map { Self.ratio($0.workers) },
      ["by both together"] + [gain, gainInCluster].map { Self.ratio($0.together) },
      ["by whichever has more to do (more than 1.8 is asked for)"]
        + [gain, gainInCluster].map { Self.ratio($0.busiest) },
    ]
    return """
      \(machine.text)
      \(conversations) conversations in each shard, \(rounds) rounds
      \(BenchTable.aligned(rows))

      \(BenchTable.aligned(gains))
      """
  }

  private static func plain(_ value: Double) -> String { String(format: "%.1f", value) }
  private static func ratio(_ value: Double) -> String { String(format: "%.2f", value) }
}
