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
    // Long enough that no primary is given up because the machine is busy.
    let set = try await SentinelSet.start(downAfter: .seconds(2))
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
      guard try await set.restore(old, behind: primary) else {
        note("world \(seed) was left, not judged: sentinels gave up a primary by themselves")
        await world.endFeeding()
        await world.forgetWorkers()
        return
      }
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
    await pauseWorkers()
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

  /// How long after the promotion workers have settled its data's history and hold all partitions. What is pushed may wait
  /// for the old server to come back as a replica.
  fileprivate func goneOn(after promotion: Promotion) async throws -> Duration {
    let redis = try await promotion.server.connected()
    let history = try await Dataset.read(on: redis)?.history
    try await eventually(within: .seconds(60), "workers go on at the new primary") {
      guard try await redis.send("HGET", shard.settings, "dataset").text == history else { return false }
      for partition in 0..<4 {
        let owner = try await redis.send("HGET", shard.lease(partition), "owner").text ?? ""
        if owner.isEmpty { return false }
      }
      return true
    }
    return ContinuousClock.now - promotion.at
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

  /// The old primary follows the new one, all data is with everybody, and every sentinel knows. False if sentinels have
  /// chosen yet another one by themselves.
  fileprivate func restore(_ old: RedisServer, behind primary: RedisServer) async throws -> Bool {
    old.thaw()
    try await old.start()
    var isOther = false
    try await eventually(within: .seconds(60), "all sentinels and servers know the new primary") {
      let named = try await primaries()
      isOther = Set(named).count == 1 && named.first != primary.port.map(String.init)
      if isOther { return true }
      guard Set(named).count == 1 else { return false }
      for server in servers where server !== primary {
        guard try await follows(server, primary) else { return false }
      }
      return true
    }
    return !isOther
  }

  /// What each sentinel takes for the primary's port; with its state, unless all is well.
  private func primaries() async throws -> [String] {
    var named: [String] = []
    for sentinel in ports {
      let fields = try await self.sentinel(sentinel, "SENTINEL", "MASTER", Self.name).array ?? []
      func field(_ name: String) -> String {
        fields.firstIndex { $0.text == name }.flatMap { fields[$0 + 1].text } ?? ""
      }
      named.append(field("port") + (field("flags") == "master" ? "" : " \(field("flags"))"))
    }
    return named
  }

  /// Whether a server has all data of the primary; it is told to follow it if it does not.
  private func follows(_ server: RedisServer, _ primary: RedisServer) async throws -> Bool {
    guard let redis = try? await server.connected(), let port = primary.port,
      let info = try? await redis.send("INFO", "replication").text
    else { return false }
    if info.contains("master_port:\(port)") { return info.contains("master_link_status:up") }
    // The sentinels do it after some seconds.
    _ = try? await redis.send("REPLICAOF", "127.0.0.1", "\(port)")
    return false
  }
}
