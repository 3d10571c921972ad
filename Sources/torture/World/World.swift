import Foundation
import HiredisClient
import Proving
import Routing
import RoutingStore

/// One private Redis, its workers and its gateways, and what they must have brought about in the end.
///
/// One task feeds events and takes commands, as a gateway does: what it is in doubt of after a fault it pushes again
/// under the same `source` and `n`, and what it has taken already it drops by `seq`. Another does the faults.
actor World {
  nonisolated let plan: WorldPlan
  nonisolated let server: RedisServer
  nonisolated let keys: Keys
  /// From which all its random choices follow.
  nonisolated let seed: UInt64
  /// Where workers find Redis, if not at its socket.
  nonisolated let workerURL: String

  var workers: [ChildProcess] = []
  /// The connection of the gateways.
  let gateway: RedisConnection
  /// The connection of whoever judges.
  let judge: RedisConnection
  var load: ChaosLoad
  var lively: LivelyLoad
  var taken = ChaosGateways(World.gateways)
  /// What the audit's checker is told of pushing and taking.
  var evidence = EvidenceMemory()
  /// Who held the partitions in which epoch, as far as somebody looked.
  var leases = LeaseWatch()
  /// What was pushed, as far as it may have to be pushed again.
  var recent: PushMemory
  /// How many events each partition was given, repeats left out, and with all repeats.
  var unique: [Int: Int] = [:]
  var attempted: [Int: Int] = [:]
  var found: [String] = []
  /// How many faults met nothing.
  var misses = 0
  /// At which event of each partition workers were ended last.
  var struck: [Int: Struck] = [:]
  var thaws: [Task<Void, Never>] = []
  /// Workers that are stopped by SIGSTOP for a time.
  var frozen: Set<Int32> = []
  var lastPush = ContinuousClock.now
  var generation: String?
  /// Events that Redis had no memory for.
  var refused: [(partition: Int, events: [String])] = []
  /// How many events were rejected beside those of the load.
  var rejectedElsewhere = 0
  var audited = 0
  /// The audit's checker, while nobody else has it.
  var reading: AuditReading?
  /// Where clocks jump: what every step held for the time.
  var moments: [Int64] = []
  var unjudged: String?
  /// How long something is waited for that should have happened: with a mutant it mostly never does.
  let patience = Duration.seconds(Mutant.current == nil ? 15 : 5)
  var feeding: Task<Void, any Error>?
  var feedsOn = false

  /// Starts everything and waits until the agents are there.
  static func start(
    _ plan: WorldPlan, seed: UInt64, server: RedisServer? = nil, prefix: String = "fl:",
    workerURL: String? = nil, endpoint: RedisEndpoint? = nil
  ) async throws -> World {
    var started = server
    if started == nil { started = try await RedisServer.start(plan.server) }
    guard let started else { throw NeverHappened(what: "start of Redis", time: .zero) }
    let world = World(plan, seed, started, prefix, workerURL, endpoint)
    try await world.open()
    return world
  }

  /// What gateways know: what they have pushed, and what must come of it.
  struct Story: Sendable {
    let load: ChaosLoad
    let lively: LivelyLoad
    let recent: PushMemory
    let unique: [Int: Int]
  }

  /// What gateways know by now.
  var story: Story { Story(load: load, lively: lively, recent: recent, unique: unique) }

  /// A world on a server that has the state of another one, or a part of it: its gateways push everything again, and a
  /// worker is started.
  static func resume(_ plan: WorldPlan, _ story: Story, on server: RedisServer) async throws -> World {
    let world = World(plan, 0, server, "fl:", nil, nil)
    try await world.resume(story)
    return world
  }

  private func resume(_ story: Story) async throws {
    (load, lively, recent, unique) = (story.load, story.lively, story.recent, story.unique)
    attempted = unique
    for partition in 0..<4 { evidence.push(recent.all(partition), to: partition) }
    try await gateway.connect()
    try await judge.connect()
    try await Functions.load(on: judge)
    await judge.use(Functions.people)
    try await pushAgain(everything: true)
    try startWorker()
    try await awaitWorkers()
  }

  private init(
    _ plan: WorldPlan, _ seed: UInt64, _ server: RedisServer, _ prefix: String, _ url: String?,
    _ endpoint: RedisEndpoint?
  ) {
    self.plan = plan
    self.server = server
    self.seed = seed
    keys = Keys(prefix: prefix)
    workerURL = url ?? server.url
    let deadlines = RedisDeadlines(connect: .seconds(1), command: .seconds(3), idle: .seconds(3))
    let endpoint = endpoint ?? server.endpoint
    gateway = RedisConnection(to: endpoint, name: "gateway", deadlines: deadlines)
    judge = RedisConnection(
      to: endpoint, name: "judge", deadlines: RedisDeadlines(command: .seconds(20), idle: .seconds(20)))
    recent = PushMemory(unsureFor: plan.unsureFor)
    load = ChaosLoad(seed: seed)
    lively = LivelyLoad(seed: seed &+ 1, keepsHours: plan.clockJumps)
  }

  deinit {
    for worker in workers { worker.kill() }
  }

  private func open() async throws {
    try await gateway.connect()
    try await judge.connect()
    if let mutant = Mutant.current?.library { try await judge.load(mutant, replace: true) }
    try await Functions.load(on: judge)
    await judge.use(Functions.people)
    let topology = try await Topology.readOrSet(keys, on: judge)
    try await plan.durability?.store(keys, topology, on: judge)
    try await plan.beforehand?(self)
    try await Audit.begin(self)
    for shop in [ChaosLoad.plenty, ChaosLoad.tight, LivelyLoad.shop] { try await apply(shop) }
    if plan.clockJumps { try await apply(LivelyLoad.shopWithHours) }
    generation = try await runID(gateway)
    for _ in 0..<plan.workers { try startWorker() }
    var online = ["p1", "p2"].map { Events.online($0, shop: "plenty") }
    online += ["t1", "t2", "t3"].map { Events.online($0, shop: "tight") }
    online = online.enumerated().map { $1.dropLast() + #","source":"first","n":\#($0 + 1)}"# }
    try await push(0, online + lively.everybodyOnline(0))
    guard plan.workers > 0 else { return }
    do {
      try await eventually(within: patience, "the agents are online") { try await backlog() == 0 }
    } catch let failure as NeverHappened {
      let last = workers.flatMap { $0.standardError.suffix(6) }.joined(separator: "\n")
      throw NeverHappened(what: failure.what + "\n" + last, time: failure.time)
    }
  }

  /// Puts a configuration in force.
  func apply(_ yaml: String) async throws {
    let shop = try ShopConfiguration.parse(yaml, file: "torture.yaml")
    _ = try await Configurations.apply(shop, document: yaml, shard: shard, on: judge)
  }

  /// The keys of the one shard.
  nonisolated var shard: ShardKeys { keys.shard(0) }
}
