import Foundation

/// What `fenliu bench commits` found, as `--json` prints it.
struct BenchCommitsResult: Codable, Equatable {
  /// The frequent kinds of commits.
  enum Kind: String, Codable, CaseIterable {
    case open = "open with an assignment"
    case customerMessage = "message of the customer"
    case agentMessage = "message of the agent"
    case close
    case closeWithFollowUp = "close with a follow-up"
  }

  /// CPU time of Redis for one event, in microseconds.
  struct Cost: Codable, Equatable {
    var commit: Double
    /// The same writes as plain commands.
    var plain: Double
  }

  /// One kind: the medians over the rounds.
  struct Commit: Codable, Equatable {
    var kind: Kind
    /// Plain commands for one event.
    var writes: Double
    var cost: Cost
    /// How many times as much as its plain writes a commit costs.
    var ratio: Double

    init(kind: Kind, writes: Double, rounds: [Cost]) {
      self.kind = kind
      self.writes = writes
      cost = Cost(
        commit: rounds.map(\.commit).median.digits(2), plain: rounds.map(\.plain).median.digits(2))
      ratio = rounds.map { $0.commit / $0.plain }.median.digits(3)
    }

    enum CodingKeys: String, CodingKey {
      case kind, ratio
      case writes = "writes_per_event"
      case cost = "redis_cpu_us_per_event"
    }
  }

  var machine: BenchResult.Machine
  var conversations: Int
  var rounds: Int
  var commits: [Commit]

  /// For people.
  var table: String {
    var rows = [["", "Redis, µs per event", "plain writes, µs", "writes", "times"]]
    for commit in commits {
      rows.append([
        commit.kind.rawValue, String(format: "%.1f", commit.cost.commit),
        String(format: "%.1f", commit.cost.plain), String(format: "%.1f", commit.writes),
        String(format: "%.2f", commit.ratio),
      ])
    }
    return machine.text + "\n" + BenchTable.aligned(rows)
  }
}
