import Foundation
import HiredisClient
import Proving
import Routing
import RoutingStore

/// What gateways do, and what they do when they are in doubt.
extension World {
  /// Pushes events to a partition, again and again until Redis has said yes.
  func push(_ partition: Int, _ events: [String]) async throws {
    unique[partition, default: 0] += events.count
    recent.add(events, to: partition)
    let words = ["RPUSH", shard.inbox(partition)] + events
    var pending = true
    while pending {
      evidence.push(events, to: partition)
      attempted[partition, default: 0] += events.count
      // After an error it is not known whether it arrived, so it goes again under the same source and n.
      if try await pushOnce(words) {
        if !plan.isLossy { evidence.pushed(events.count, to: partition) }
        break
      }
      pending = try await !comeBack()
    }
    recent.acknowledge(partition)
    lastPush = .now
  }

  /// Whether Redis has said yes; false when it was away.
  private func pushOnce(_ words: [String]) async throws -> Bool {
    do {
      try await gateway.send(words)
      try await awaitReplicas()
      return true
    } catch {
      guard error.isRetriable else { throw error }
      return false
    }
  }

  /// What replicas do not have may be lost with its primary: it counts as pushed when they do.
  private func awaitReplicas() async throws(RedisError) {
    guard let replicas = plan.durability?.replicas, replicas > 0 else { return }
    while try await gateway.send("WAIT", "\(replicas)", "500").integer ?? 0 < replicas {}
  }

  /// Takes what is in the outboxes: read, remember, trim.
  func take() async throws {
    for name in Self.gateways {
      while try await takeSome(name) > 0 {}
    }
  }

  /// Takes some commands of a gateway; how many were there.
  private func takeSome(_ name: String) async throws -> Int {
    let key = shard.outbox(GatewayID(unchecked: name))
    do {
      let rows = try await gateway.send("LRANGE", key, "0", "499").array ?? []
      if rows.isEmpty { return 0 }
      for row in rows {
        let command = try CommandDecoder.decode(row.bytes ?? []).get()
        taken.accept(command, for: name)
        evidence.take(row.bytes ?? [], command.seq, by: name)
      }
      try await gateway.send("LTRIM", key, "\(rows.count)", "-1")
      return rows.count
    } catch let error as RedisError where error.isRetriable {
      // Whether they were trimmed is not known. To trim again without a look could remove what nobody has read.
      _ = try await comeBack()
      return 1
    }
  }

  /// The server has lost its last moments: what was taken of them has not happened. Asked before a worker is back,
  /// since numbers are given anew.
  func forgetWhatWasLost() async throws {
    let numbers = try await ask("HGETALL", shard.gateways).array ?? []
    var known: [String: Int64] = [:]
    for index in stride(from: 0, to: numbers.count - 1, by: 2) {
      known[numbers[index].text ?? ""] = numbers[index + 1].integer
    }
    for name in Self.gateways {
      // The first worker that comes lets the numbers jump, so that none is given a second time.
      taken.forget(behind: known[name] ?? 0, for: name, next: known[name].map { $0 + Generations.jump + 1 })
      evidence.forget(behind: known[name] ?? 0, by: name)
    }
  }

  /// Repeats a gateway's call while Redis is away.
  func insist<Result: Sendable>(_ call: (RedisConnection) async throws -> Result) async throws -> Result {
    while true {
      do {
        return try await call(gateway)
      } catch let error as RedisError where error.isRetriable {
        _ = try await comeBack()
      }
    }
  }

  /// Connects again, as long as it takes. Whether everything that may have been lost was pushed again.
  private func comeBack() async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        await gateway.close()
        try await gateway.connect()
        let now = try await runID(gateway)
        if plan.isLossy, now != generation {
          try await pushAgain()
          generation = now
          return true
        }
        return false
      } catch let error as RedisError {
        guard error.isRetriable, ContinuousClock.now < deadline else { throw error }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  /// Redis came back without its last moments: what was pushed in them is pushed again, in order, before anything
  /// new.
  func pushAgain(everything: Bool = false) async throws {
    for partition in 0..<4 {
      let events = everything ? recent.all(partition) : recent.unsure(partition)
      attempted[partition, default: 0] += events.count
      evidence.push(events, to: partition)
      for chunk in stride(from: 0, to: events.count, by: 200) {
        _ = try await gateway.send(
          ["RPUSH", shard.inbox(partition)] + events[chunk..<min(chunk + 200, events.count)])
      }
    }
  }

  /// Tells one life of the server from the next.
  func runID(_ connection: RedisConnection) async throws -> String? {
    let text = try await connection.send("INFO", "server").text ?? ""
    return text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("run_id:") }.map { String($0) }
  }
}

/// What gateways keep of what they pushed, as long as a crash of Redis may have lost it.
struct PushMemory: Sendable {
  private struct Chunk: Sendable {
    var events: [String]
    var acknowledged: ContinuousClock.Instant?
  }

  private let unsureFor: Duration
  private var chunks: [Int: [Chunk]] = [:]

  /// What was acknowledged longer ago is on the disk. That has to be longer than an acknowledged write can be missing
  /// in a file that is flushed every second: Redis puts a flush off for two seconds at most, and a slow disk more.
  init(unsureFor: Duration) { self.unsureFor = unsureFor }

  /// Notes events that are about to be pushed.
  mutating func add(_ events: [String], to partition: Int) {
    let old = ContinuousClock.now - unsureFor
    chunks[partition]?.removeAll { $0.acknowledged.map { $0 < old } ?? false }
    chunks[partition, default: []].append(Chunk(events: events))
  }

  /// Redis has said yes to all that was noted for the partition.
  mutating func acknowledge(_ partition: Int) {
    for index in (chunks[partition] ?? []).indices where chunks[partition]?[index].acknowledged == nil {
      chunks[partition]?[index].acknowledged = .now
    }
  }

  /// All that is remembered, in order.
  func all(_ partition: Int) -> [String] { (chunks[partition] ?? []).flatMap(\.events) }

  /// What may be lost, in order.
  func unsure(_ partition: Int) -> [String] {
    let sure = ContinuousClock.now - unsureFor
    return (chunks[partition] ?? []).drop { $0.acknowledged.map { $0 < sure } ?? false }.flatMap(\.events)
  }
}
