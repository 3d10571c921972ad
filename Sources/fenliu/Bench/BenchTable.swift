import Foundation

/// A result for people, and two of them side by side.
enum BenchTable {
  private typealias Figure = (title: String, value: @Sendable (BenchResult) -> Double?, digits: Int)

  private static let figures: [Figure] = [
    ("events per second", { $0.eventsPerSecond }, 0),
    ("conversations per second", { $0.conversationsPerSecond }, 0),
    ("the ceiling's events per second", { $0.ceilingEventsPerSecond }, 0),
    ("share of the ceiling, %", { $0.ceilingShare * 100 }, 1),
    ("worker: CPU µs per event", { $0.workerCPU }, 2),
    ("Redis: CPU µs per event", { $0.redisCPU }, 2),
    ("worker's CPU as a share of Redis', %", { $0.workerCPU / $0.redisCPU * 100 }, 1),
    ("commits' share of Redis' CPU, %", { $0.commitShare * 100 }, 1),
    ("ping-pong by BLMOVE, p50 ms", { $0.pingPong.p50 }, 3),
    ("ping-pong by BLMOVE, p99 ms", { $0.pingPong.p99 }, 3),
    ("idle: push to command, p50 ms", { $0.idleLatency.p50 }, 3),
    ("idle: push to command, p99 ms", { $0.idleLatency.p99 }, 3),
    ("idle: p50 in ping-pongs", { $0.idleLatency.p50 / $0.pingPong.p50 }, 2),
    ("idle: p99 in ping-pongs", { $0.idleLatency.p99 / $0.pingPong.p99 }, 2),
    ("steady load, events per second", { $0.rate }, 0),
    ("steady load: push to command, p50 ms", { $0.latency.p50 }, 3),
    ("steady load: push to command, p99 ms", { $0.latency.p99 }, 3),
    ("steady load: push to command, max ms", { $0.latency.max }, 3),
    ("steady load: p99 in ping-pongs", { $0.latency.p99 / $0.pingPong.p99 }, 2),
    ("bytes of a waiting conversation", { $0.bytes?.waiting }, 0),
    ("bytes of an active conversation", { $0.bytes?.active }, 0),
    ("bytes of a closed conversation", { $0.bytes?.closed }, 0),
    ("longest call to Redis, ms", { $0.longestCall }, 2),
  ]

  /// One result.
  static func text(_ result: BenchResult) -> String {
    var rows = [[head(result), ""]]
    for figure in figures {
      if let value = figure.value(result) { rows.append([figure.title, number(value, figure.digits)]) }
    }
    return aligned(rows)
  }

  /// Two results, and how the second stands to the first.
  static func comparison(_ first: BenchResult, _ second: BenchResult) -> String {
    var rows = [["", "first", "second", "second / first"]]
    for figure in figures {
      guard let one = figure.value(first), let other = figure.value(second) else { continue }
      rows.append([
        figure.title, number(one, figure.digits), number(other, figure.digits),
        one == 0 ? "–" : number(other / one, 3),
      ])
    }
    var notes: [String] = []
    if first.machine != second.machine {
      notes.append("The two were measured on different machines or servers.")
    }
    if first.load != second.load { notes.append("The two had different loads.") }
    return ([aligned(rows)] + notes).joined(separator: "\n")
  }

  private static func head(_ result: BenchResult) -> String {
    let load = result.load
    return """
      \(result.machine.text)
      \(load.conversations) conversations of \(load.messages) messages, \(load.agents) agents, \(load.groups) groups, \
      \(load.rules) rules, \(load.shops) shops, \(load.waiting) waiting, \(load.workers) workers, \
      \(load.gateways) gateways, \(load.rounds) rounds
      """
  }

  private static func number(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  /// Rows in columns as wide as what stands in them; all but the first to the right.
  static func aligned(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let table = rows.filter { $0.count == columns && !$0[0].contains("\n") }
    let widths = (0..<columns).map { column in table.map { Cells.width(of: $0[column]) }.max() ?? 0 }
    return rows.map { row in
      guard !row[0].contains("\n") else { return row[0] }
      return row.enumerated().map { column, text in
        column == 0 ? Cells.left(text, widths[0]) : Cells.right(text, widths[column])
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
