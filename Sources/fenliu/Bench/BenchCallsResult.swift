import Foundation

/// What ``BenchCalls`` found, as `--json` prints it.
struct BenchCallsResult: Codable, Equatable {
  /// What is played, in this order.
  enum Kind: String, Codable, CaseIterable {
    case startUp = "start_up"
    case filling
    case apply
    case drain
  }

  /// One scene.
  struct Scene: Codable, Equatable {
    var kind: Kind
    /// By call, the longest that one took, in milliseconds; only calls that the server logged.
    var longest: [String: Double]
    /// How many calls took longer than ``BenchCalls/bound``.
    var above: Int
    /// For how many milliseconds in all the server's main thread was kept from running; nil where the system does not tell.
    var keptFromRunning: Double?

    enum CodingKeys: String, CodingKey {
      case kind = "scene"
      case longest = "longest_ms"
      case above = "calls_above_5_ms"
      case keptFromRunning = "kept_from_running_ms"
    }

    /// The call that took longest.
    var worst: (call: String, milliseconds: Double)? {
      longest.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { ($0.key, $0.value) }
    }

    /// What comes again: of each call the least of its longest times, and the least number of those above the bound. A call
    /// that the server did not log in one of the rounds was below what it logs there.
    static func ofRounds(_ rounds: [Scene]) -> Scene {
      var scene = rounds[0]
      for other in rounds.dropFirst() {
        scene.longest = scene.longest.filter { other.longest[$0.key] != nil }
          .merging(other.longest.filter { scene.longest[$0.key] != nil }, uniquingKeysWith: min)
        scene.above = min(scene.above, other.above)
        scene.keptFromRunning = [scene.keptFromRunning, other.keptFromRunning].compactMap(\.self).min()
      }
      return scene
    }
  }

  var machine: BenchResult.Machine
  var agents: Int
  var waiting: Int
  var groups: Int
  var documentBytes: Int
  var rounds: Int
  var scenes: [Scene]
  var longestCall: Double

  enum CodingKeys: String, CodingKey {
    case machine, agents, waiting, groups, rounds, scenes
    case documentBytes = "document_bytes"
    case longestCall = "longest_call_ms"
  }

  init(machine: BenchResult.Machine, world: BenchCallsWorld, rounds: Int, scenes: [Scene]) {
    self.machine = machine
    agents = world.agents
    waiting = world.waiting
    groups = world.groups
    documentBytes = world.configuration(1).utf8.count
    self.rounds = rounds
    self.scenes = scenes
    // A server that logged none had none as long as what it logs.
    longestCall = scenes.compactMap { $0.worst?.milliseconds }.max() ?? Double(BenchCalls.noted) / 1_000
  }

  /// For people: a line for each scene, and under it its slowest calls.
  var text: String {
    let load = "\(agents) agents, \(waiting) waiting, \(groups) groups, \(rounds) rounds"
    var lines = [
      machine.text,
      "\(load), a configuration of \(documentBytes) bytes",
      Self.row("scene", "longest call", "ms", "above 5 ms", "kept from running, ms"),
    ]
    for scene in scenes {
      let calls = scene.longest.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      let kept = scene.keptFromRunning.map(Self.number) ?? "unknown"
      let (call, time) = calls.first.map { ($0.key, Self.number($0.value)) } ?? ("none logged", "")
      lines.append(Self.row(scene.kind.rawValue, call, time, "\(scene.above)", kept))
      for (call, milliseconds) in calls.dropFirst().prefix(4) {
        lines.append(Self.row("", call, Self.number(milliseconds), "", ""))
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func number(_ value: Double) -> String { String(format: "%.2f", value) }

  private static func row(
    _ scene: String, _ call: String, _ milliseconds: String, _ above: String, _ kept: String
  ) -> String {
    Cells.left(scene, 10) + Cells.left(call, 28) + Cells.right(milliseconds, 8) + Cells.right(above, 12)
      + Cells.right(kept, 23)
  }
}
