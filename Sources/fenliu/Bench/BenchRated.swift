import Foundation
import HiredisClient
import Histogram
import Routing
import RoutingStore

/// Latency under a steady load: gateways push at moments that are fixed beforehand, whatever becomes of the events before.
///
/// Times count from the moment for which a push was planned, not from when it was sent, so that a hold-up is felt by all
/// that it holds up. Source: Gil Tene, "How NOT to Measure Latency" (coordinated omission).
struct BenchRated {
  let stage: BenchStage
  let load: BenchLoad
  let workers: Int
  let gateways: Int

  /// What a steady load showed.
  struct Outcome: Sendable {
    /// From the planned push of an opening to its assignment in the outbox.
    var latency: BenchTimes
    var longestCall: Double
  }

  private static let warmUp = Duration.seconds(1)

  /// The events of one gateway, in order, and which opening stands where.
  private struct Script: Sendable {
    var events: [(partition: Int, text: String)] = []
    var openings: [ConversationID: Int] = [:]
  }

  /// Pushes so many events a second, over all gateways, for so long.
  func run(eventsPerSecond rate: Double, for time: Duration) async throws -> Outcome {
    let seconds = Double((time + Self.warmUp).components.seconds)
    let share = rate / Double(gateways)
    let scripts = (0..<gateways).map { script(of: $0, events: Int(share * seconds)) }
    return try await stage.server { server, connection in
      try await BenchWorkers.with(workers, server.endpoint, stage.keys) {
        let first = ContinuousClock.now + .milliseconds(200)
        let times = try await withThrowingTaskGroup(of: Histogram<UInt64>?.self) { group in
          for (gateway, script) in scripts.enumerated() {
            // One after the other, not all at the same moments.
            let start = first + .seconds(Double(gateway) / rate)
            let pusher = try await server.connect()
            let taker = try await server.connect()
            group.addTask {
              try await push(script, rate: share, from: start, on: pusher)
              return nil
            }
            group.addTask {
              try await take(Self.name(gateway), script, rate: share, from: start, on: taker)
            }
          }
          var times = Histogram<UInt64>.ofNanoseconds()
          for try await part in group {
            if let part { times.add(part) }
          }
          return times
        }
        // Before the check of everything, which is a long call itself.
        let longest = try await SlowCalls.longest(connection)
        try await stage.verify(on: connection)
        return Outcome(latency: BenchTimes(times), longestCall: longest)
      }
    }
  }

  private static func name(_ gateway: Int) -> String { "web\(gateway)" }

  private func script(of gateway: Int, events count: Int) -> Script {
    var script = Script()
    let window = max(1, load.world.allSlots / 2 / gateways)
    var open: [(number: Int, step: Int)] = []
    var next = gateway
    // Any of them goes on: were it their turn, all would open and all would close at the same time, and the load be none
    // that is steady.
    var random = SeededRandom(seed: UInt64(gateway))
    for turn in 0..<count {
      let index: Int
      if open.count < window {
        open.append((next, 0))
        next += gateways
        index = open.count - 1
      } else {
        index = Int.random(in: 0..<open.count, using: &random)
      }
      let (number, step) = open[index]
      let mark = #""source":"\#(Self.name(gateway))-\#(number % BenchWorld.partitions)","n":\#(turn + 1)"#
      let text: String
      switch step {
      case 0:
        text = load.open(number, gateway: Self.name(gateway), mark: mark)
        script.openings[BenchLoad.conversation(number)] = turn
      case load.world.messages + 1: text = load.close(number, mark: mark)
      default: text = load.message(number, from: step % 2 == 1 ? "agent" : "customer", mark: mark)
      }
      script.events.append((number % BenchWorld.partitions, text))
      open[index].step += 1
      if open[index].step == load.eventsPerConversation { open.remove(at: index) }
    }
    return script
  }

  private func push(
    _ script: Script, rate: Double, from start: ContinuousClock.Instant,
    on connection: isolated RedisConnection
  ) throws {
    Self.sleepExactly()
    var sent = 0
    while sent < script.events.count {
      let elapsed = start.duration(to: .now) / .seconds(1)
      let due = min(script.events.count, Int(elapsed * rate) + 1)
      guard elapsed >= 0, due > sent else {
        // Until the next one is planned: who looks more often takes the time that is to be measured.
        usleep(UInt32(max(1, (Double(sent) / rate - elapsed) * 1e6)))
        continue
      }
      var pipeline = RedisPipeline()
      for event in script.events[sent..<due] {
        pipeline.append("RPUSH", stage.shard.inbox(event.partition), event.text)
      }
      sent = due
      for reply in try connection.pipeline(pipeline) {
        if let error = reply.error { throw RedisError.server(error) }
      }
    }
  }

  /// A sleep of the connection's own thread is more exact than one of a task, and more so if the kernel may not put its end
  /// together with others', up to 50 µs later.
  private static func sleepExactly() {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self"),
      let thread = own.split(separator: "/").last
    else { return }
    try? Data("1".utf8).write(to: URL(fileURLWithPath: "/proc/\(thread)/timerslack_ns"))
  }

  private func take(
    _ gateway: String, _ script: Script, rate: Double, from start: ContinuousClock.Instant,
    on connection: isolated RedisConnection
  ) throws -> Histogram<UInt64> {
    let outbox = stage.shard.outbox(GatewayID(unchecked: gateway))
    var waiting = RedisPipeline()
    waiting.append("BLPOP", outbox, "30")
    waiting.append("LPOP", outbox, "500")
    var times = Histogram<UInt64>.ofNanoseconds()
    var awaited = script.openings.count
    while awaited > 0 {
      // The second waits in the server for the first, and takes all that have come by then.
      let replies = try connection.pipeline(waiting, deadline: .seconds(40))
      for case .error(let error) in replies { throw RedisError.server(error) }
      guard let first = replies[0].array?.last?.bytes else {
        throw CommandFailure("no command came within 30 s")
      }
      let rest = replies[1].array?.compactMap(\.bytes) ?? []
      let now = ContinuousClock.now
      for text in [first] + rest {
        guard case .success(let command) = CommandDecoder.decode(text), command.type == .assigned,
          let turn = command.conversation.flatMap({ script.openings[$0] })
        else { continue }
        awaited -= 1
        let planned = start + .seconds(Double(turn) / rate)
        guard planned >= start + Self.warmUp else { continue }
        let (seconds, attoseconds) = planned.duration(to: now).components
        times.record(UInt64(clamping: seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
      }
    }
    return times
  }
}
