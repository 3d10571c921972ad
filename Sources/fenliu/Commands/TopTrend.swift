import Routing
import RoutingStore

/// What an overview shows only beside the one before: speeds, and who has fallen silent.
struct TopTrend {
  /// Events applied a second, by shard and partition; empty at the first look.
  private(set) var rates: [Place: Double] = [:]
  private var last: Overview?
  private var lastBeat: [String: (beats: Int64, at: Moment)] = [:]

  /// A partition of a shard.
  struct Place: Hashable {
    var shard: Int
    var partition: Int
  }

  /// Takes in the next overview.
  mutating func look(_ overview: Overview) {
    defer { last = overview }
    var beats: [String: (beats: Int64, at: Moment)] = [:]
    for worker in overview.workers {
      let known = lastBeat[worker.name]
      beats[worker.name] =
        known.flatMap { $0.beats == worker.beats ? $0 : nil } ?? (worker.beats, overview.at)
    }
    lastBeat = beats
    rates = [:]
    guard let last, overview.at > last.at else { return }
    let seconds = Double(overview.at.rawValue - last.at.rawValue) / 1_000
    var before: [Place: Int64] = [:]
    for partition in last.partitions { before[partition.place] = partition.position }
    for partition in overview.partitions {
      guard let position = before[partition.place], position <= partition.position else { continue }
      rates[partition.place] = Double(partition.position - position) / seconds
    }
  }

  /// Events applied a second over all partitions; nil at the first look.
  var rate: Double? { rates.isEmpty ? nil : rates.values.reduce(0, +) }

  /// For how long a worker has not signed in while we looked; nil at the first look.
  func silence(of worker: String) -> Milliseconds? {
    guard let last, let beat = lastBeat[worker] else { return nil }
    return Milliseconds(last.at.rawValue - beat.at.rawValue)
  }
}

extension Overview.Partition {
  /// Where it is.
  var place: TopTrend.Place { TopTrend.Place(shard: shard, partition: partition) }
}
