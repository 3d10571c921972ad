import Foundation
import HiredisClient
import Proving
import RoutingStore

extension Fault {
  /// Another server takes over. In the mode *replicated* no gateway may notice more than a pause; in *fast*, what was lost is
  /// told by a new generation, and no number of a command is given twice.
  static let failover = Fault(
    name: "failover",
    summary:
      "the primary of three servers dies, hangs, is replaced by hand or dies ahead of its replicas; at times a worker too",
    share: 4
  ) { session in
    var times: [Duration] = []
    while session.goesOn {
      try await session.failOver(Durability(.replicated, replicas: 2), &times)
      if session.goesOn { try await session.failOver(Durability(.fast), &times) }
    }
    times.sort()
    guard let worst = times.last else { return }
    session.note("workers went on after the promotion: median \(times[times.count / 2]), worst \(worst)")
  }
}

extension Session {
  private static let failoversPerWorld = 4

  /// One world on three servers, whose primary is replaced some times.
  fileprivate mutating func failOver(_ durability: Durability, _ times: inout [Duration]) async throws {
    var plan = WorldPlan(workers: 2)
    plan.durability = durability
    plan.isLossy = durability.mode == .fast
    let set = try await SentinelSet.start()
    let seed = random.next()
    let world = try await World.start(
      plan, seed: seed, server: set.servers[0], workerURL: set.url, endpoint: set.endpoint)
    var primary = set.servers[0]
    await world.beginFeeding()
    var done = 0
    while done < Self.failoversPerWorld, done == 0 || ContinuousClock.now < deadline,
      await world.found.isEmpty
    {
      try await Task.sleep(for: .milliseconds(Int.random(in: 50...600, using: &random)))
      let old = primary
      // Whoever handed out commands may go with its primary.
      if random.percent(40) { try await world.replaceWorker(random.below(plan.workers)) }
      let promotion: Promotion
      switch durability.mode {
      case .fast: promotion = try await world.loseTail(of: old, in: set, random.below(400))
      default: promotion = try await world.replace(old, in: set, random.pick(Replacement.allCases))
      }
      primary = promotion.server
      let time = try await world.goneOn(after: promotion)
      // In the other mode workers are stopped meanwhile.
      if durability.mode == .replicated { times.append(time) }
      done += 1
      try await world.judgeGeneration(done, durability, at: primary)
      try await set.restore(old, behind: primary)
    }
    count(done)
    take(await world.finish(), at: "world \(seed), \(durability.mode)")
  }
}

/// A server that has become the primary.
private struct Promotion {
  let server: RedisServer
  let at = ContinuousClock.now
}

/// How a primary is lost.
private enum Replacement: CaseIterable {
  case killed, frozen, byHand
  /// It dies after it has gone on alone for a while: what it took and did in that time is lost with it.
  case killedAhead
}

extension World {
  /// The primary goes, and whatever a gateway has seen is with the next one.
  fileprivate func replace(
    _ old: RedisServer, in set: SentinelSet, _ how: Replacement
  ) async throws -> Promotion {
    switch how {
    case .killed: old.kill()
    case .frozen: old.freeze()
    case .byHand: try await set.failOverByHand()
    case .killedAhead:
      let replicas = try await set.cutOff(old, for: .milliseconds(300))
      old.kill()
      for replica in replicas { replica.thaw() }
    }
    let promotion = Promotion(server: try await set.promoted(after: old))
    try await follow(to: promotion.server)
    return promotion
  }

  /// The primary goes on alone for some milliseconds, and dies with what it took and did in them.
  fileprivate func loseTail(
    of old: RedisServer, in set: SentinelSet, _ milliseconds: Int
  ) async throws -> Promotion {
    let replicas = try await set.cutOff(old, for: .milliseconds(milliseconds))
    old.kill()
    // As after a crash of one server: the gateways see what is gone before numbers are given anew.
    pauseWorkers()
    for replica in replicas { replica.thaw() }
    let promotion = Promotion(server: try await set.promoted(after: old))
    try await follow(to: promotion.server)
    try await forgetWhatWasLost()
    resumeWorkers()
    return promotion
  }

  /// The judge looks at this server from now on.
  private func follow(to server: RedisServer) async throws {
    await judge.close()
    try await eventually(within: .seconds(60), "the judge is at the new primary") {
      do {
        try await judge.connect()
        if await judge.server?.address == server.tcpEndpoint?.address { return true }
      } catch let error as RedisError where error.isRetriable {
        // Sentinels do not name it yet.
      }
      await judge.close()
      return false
    }
  }

  /// How long after the promotion workers apply events at this server.
  fileprivate func goneOn(after promotion: Promotion) async throws -> Duration {
    let redis = try await promotion.server.connected()
    let before = try await position(redis)
    try await eventually(within: .seconds(60), "workers go on at the new primary") {
      try await position(redis) > before
    }
    return ContinuousClock.now - promotion.at
  }

  private func position(_ redis: RedisConnection) async throws -> Int64 {
    var sum: Int64 = 0
    for partition in 0..<4 {
      sum += try await redis.send("HGET", shard.lease(partition), "position").integer ?? 0
    }
    return sum
  }

  /// Each failover begins a generation, and says whether something may be lost.
  fileprivate func judgeGeneration(
    _ failovers: Int, _ durability: Durability, at server: RedisServer
  ) async throws {
    let redis = try await server.connected()
    let fields = try await redis.send("HMGET", shard.settings, "generation", "succession").array ?? []
    let expected = durability.mode == .fast ? "lost" : "complete"
    if fields.last?.text != expected || (fields.first?.integer ?? 0) < Int64(failovers) {
      blame(
        "failover \(failovers): \(fields.map { $0.text ?? "-" }), not a new generation that is \(expected)")
    }
  }
}

extension SentinelSet {
  /// Lets a primary go on alone for a while. Gives its replicas, which are frozen.
  fileprivate func cutOff(_ primary: RedisServer, for time: Duration) async throws -> [RedisServer] {
    let replicas = servers.filter { $0 !== primary }
    for replica in replicas { replica.freeze() }
    try await primary.connected().send("CLIENT", "KILL", "TYPE", "replica")
    try await Task.sleep(for: time)
    return replicas
  }

  /// Asks for another primary; the sentinels may be at it by themselves already.
  fileprivate func failOverByHand() async throws {
    do {
      try await sentinel(ports[0], "SENTINEL", "FAILOVER", Self.name)
    } catch RedisError.server(let refusal) where refusal.message.contains("INPROG") {
      return
    }
  }

  /// The old primary follows the new one, and all data is with everybody.
  fileprivate func restore(_ old: RedisServer, behind primary: RedisServer) async throws {
    old.thaw()
    try await old.start()
    let others = servers.filter { $0 !== primary }
    try await eventually(within: .seconds(60), "all others follow the new primary") {
      for server in others {
        guard let redis = try? await server.connected(), let port = primary.port,
          let info = try? await redis.send("INFO", "replication").text
        else { return false }
        if info.contains("master_port:\(port)"), info.contains("master_link_status:up") { continue }
        // The sentinels do it after some seconds.
        if !info.contains("master_port:\(port)") {
          _ = try? await redis.send("REPLICAOF", "127.0.0.1", "\(port)")
        }
        return false
      }
      return true
    }
    // A second failover before all have learnt of the first would be none that anybody can follow.
    for sentinel in ports {
      var last: [String?] = []
      do {
        try await eventually(within: .seconds(30), "the sentinel at \(sentinel) names the new primary") {
          let fields = try await self.sentinel(sentinel, "SENTINEL", "MASTER", Self.name).array ?? []
          func field(_ name: String) -> String? {
            fields.firstIndex { $0.text == name }.flatMap { fields[$0 + 1].text }
          }
          last = [field("port"), field("flags")]
          return last == [primary.port.map(String.init), "master"]
        }
      } catch let failure as NeverHappened {
        let roles = servers.map { "\($0.port ?? 0)\($0 === primary ? " primary" : $0 === old ? " old" : "")" }
        throw NeverHappened(what: "\(failure.what); it says \(last) of \(roles)", time: failure.time)
      }
    }
  }
}
