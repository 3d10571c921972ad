import Foundation
import Routing

/// What a benchmark found.
struct BenchReport {
  let load: BenchLoad
  let drained: [BenchFigure]
  let replayed: [BenchFigure]

  private func median(_ figures: [BenchFigure], _ value: (BenchFigure) -> Double) -> Double {
    let sorted = figures.map(value).sorted()
    return sorted[sorted.count / 2]
  }

  /// Median over the rounds of what the worker reached of the ceiling measured right after it.
  var share: Double {
    let shares = zip(drained, replayed).map { $0.eventsPerSecond / $1.eventsPerSecond }.sorted()
    return shares[shares.count / 2]
  }

  /// For people.
  var table: String {
    func whole(_ value: Double) -> String { String(Int(value.rounded())) }
    func fine(_ value: Double) -> String { String(format: "%.2f", value) }
    let rows: [(String, String)] = [
      ("events per second", whole(median(drained, \.eventsPerSecond))),
      (
        "conversations per second",
        whole(median(drained, \.eventsPerSecond) / Double(load.messages + 2))
      ),
      ("the ceiling's events per second", whole(median(replayed, \.eventsPerSecond))),
      ("share of the ceiling", String(format: "%.0f %%", share * 100)),
      ("worker: CPU µs per event", fine(median(drained, \.clientPerEvent))),
      ("Redis: CPU µs per event", fine(median(drained, \.redisPerEvent))),
      ("Redis under the ceiling: CPU µs per event", fine(median(replayed, \.redisPerEvent))),
      ("bare clients: CPU µs per event", fine(median(replayed, \.clientPerEvent))),
    ]
    let width = rows.map(\.0.count).max() ?? 0
    return
      ([
        "\(load.conversations) conversations, \(load.messages) messages each, \(load.agents) agents,"
          + " one worker, \(drained.count) rounds, \(ProcessInfo.processInfo.activeProcessorCount) cores"
      ] + rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 })
      .joined(separator: "\n")
  }

  /// For programs.
  var json: String {
    var json = JSONText()
    json.beginObject()
    json.field("conversations", Int64(load.conversations))
    json.field("events", Int64(load.events))
    json.field("rounds", Int64(drained.count))
    func figure(_ key: StaticString, _ value: Double) {
      json.key(key)
      json.value(value)
    }
    figure("events_per_second", median(drained, \.eventsPerSecond))
    figure("conversations_per_second", median(drained, \.eventsPerSecond) / Double(load.messages + 2))
    figure("ceiling_events_per_second", median(replayed, \.eventsPerSecond))
    figure("ceiling_share", share)
    figure("worker_cpu_us_per_event", median(drained, \.clientPerEvent))
    figure("redis_cpu_us_per_event", median(drained, \.redisPerEvent))
    figure("ceiling_redis_cpu_us_per_event", median(replayed, \.redisPerEvent))
    json.endObject()
    return json.text
  }
}
