import Foundation

/// What a benchmark found, as `--json` prints it and `fenliu bench compare` reads it.
struct BenchResult: Codable, Equatable {
  /// Where it ran.
  struct Machine: Codable, Equatable {
    var cpu: String
    var cores: Int
    var system: String
    var redis: String
  }

  /// What was measured.
  struct Load: Codable, Equatable {
    var conversations: Int
    var messages: Int
    var agents: Int
    var waiting: Int
    var rules: Int
    var groups: Int
    var shops: Int
    var workers: Int
    var gateways: Int
    var rounds: Int
  }

  var machine: Machine
  var load: Load
  /// Events of a drain, without its warm-up.
  var events: Int
  var eventsPerSecond: Double
  var conversationsPerSecond: Double
  var ceilingEventsPerSecond: Double
  /// Median over the rounds of what the workers reached of the ceiling that was measured right after.
  var ceilingShare: Double
  var workerCPU: Double
  var redisCPU: Double
  var ceilingRedisCPU: Double
  /// The part of Redis' CPU time that commits take, without peeks and reads.
  var commitShare: Double
  /// At `rate` events a second.
  var latency: BenchTimes
  var rate: Double
  var idleLatency: BenchTimes
  var pingPong: BenchTimes
  var bytes: BenchMemory?
  var longestCall: Double

  enum CodingKeys: String, CodingKey {
    case machine, load, events, rate, bytes
    case eventsPerSecond = "events_per_second"
    case conversationsPerSecond = "conversations_per_second"
    case ceilingEventsPerSecond = "ceiling_events_per_second"
    case ceilingShare = "ceiling_share"
    case workerCPU = "worker_cpu_us_per_event"
    case redisCPU = "redis_cpu_us_per_event"
    case ceilingRedisCPU = "ceiling_redis_cpu_us_per_event"
    case commitShare = "commit_share"
    case latency = "latency_ms"
    case idleLatency = "idle_latency_ms"
    case pingPong = "pingpong_ms"
    case longestCall = "longest_call_ms"
  }

  /// Takes the median over rounds for each figure, and rounds away what no clock can tell.
  init(
    machine: Machine, load: Load, drained: [BenchFigure], replayed: [BenchFigure], commits: BenchFigure,
    rated: BenchRated.Outcome, rate: Double, idle: BenchTimes, pingPong: BenchTimes, bytes: BenchMemory?
  ) {
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    self.machine = machine
    self.load = load
    events = drained.map(\.events).max() ?? 0
    eventsPerSecond = median(drained.map(\.eventsPerSecond)).rounded()
    conversationsPerSecond = (eventsPerSecond / Double(load.messages + 2)).rounded()
    ceilingEventsPerSecond = median(replayed.map(\.eventsPerSecond)).rounded()
    ceilingShare = median(zip(drained, replayed).map { $0.eventsPerSecond / $1.eventsPerSecond }).digits(3)
    workerCPU = median(drained.map(\.clientPerEvent)).digits(2)
    redisCPU = median(drained.map(\.redisPerEvent)).digits(2)
    ceilingRedisCPU = median(replayed.map(\.redisPerEvent)).digits(2)
    commitShare = (commits.redisPerEvent / median(replayed.map(\.redisPerEvent))).digits(3)
    latency = rated.latency
    self.rate = rate.rounded()
    idleLatency = idle
    self.pingPong = pingPong
    self.bytes = bytes
    longestCall = max(drained.map(\.longestCall).max() ?? 0, rated.longestCall)
  }

  /// One JSON object, its fields in the order of the alphabet.
  var json: String {
    get throws { try BenchJSON.text(self) }
  }
}

/// How results are printed for programs.
enum BenchJSON {
  /// One JSON object, its fields in the order of the alphabet.
  static func text(_ result: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(result), as: UTF8.self)
  }
}

extension Double {
  /// Rounded to so many digits behind the point.
  func digits(_ count: Int) -> Double {
    let factor = (0..<count).reduce(1.0) { factor, _ in factor * 10 }
    return (self * factor).rounded() / factor
  }
}

extension BenchResult.Machine {
  /// This one, and the server's version.
  static func here(redis version: String) -> Self {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return Self(
      cpu: model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
      cores: ProcessInfo.processInfo.activeProcessorCount,
      system: ProcessInfo.processInfo.operatingSystemVersionString, redis: version)
  }
}
