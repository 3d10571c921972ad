import HiredisClient
import Routing
import RoutingStore
import UnixSignals

/// One play from the first connection to the last check.
struct PlaySession {
  let deployment: RedisDeployment
  let keys: Keys
  let shop: ConfigurationFiles.Valid
  let speed: Double
  let live: Bool
  /// Makes the plan; called when the shop is ready.
  let plan: PlayPlan

  private var id: ShopID { shop.configuration.shop }

  func run() async throws -> PlaySummary {
    let connection = RedisConnection(to: deployment.endpoint(of: keys.topology), name: "fenliu-play")
    try await connection.connect()
    try await Functions.load(on: connection)
    let topology = try await Topology.readOrSet(keys, on: connection)
    let shard = keys.shard(Partitioning.shard(of: id, shards: topology.shards))
    let endpoint = deployment.endpoint(of: shard.tag)
    _ = try await Configurations.apply(
      shop.configuration, document: shop.text, shard: shard, on: connection)
    let now = try await serverTime(connection)
    let cast = Cast(shop: id, run: String(now, radix: 36))
    let say: @Sendable (String) -> Void = { Output.notice("fenliu play: \($0)") }

    let (batches, outgoing) = AsyncStream<[PlayEvent]>.makeStream()
    let sender = GatewaySender(
      connection: RedisConnection(to: endpoint, name: "fenliu-play-push"), shard: shard,
      partitions: topology.partitions, source: cast.source, complain: say)
    let sending = Task { await sender.run(batches) }
    defer { sending.cancel() }
    try await empty(EmptyShop(cast: cast, shard: shard, connection: connection), outgoing)

    let clock = ShopClock(
      begin: plan.begin, start: .now, speed: speed, serverStart: try await serverTime(connection))
    let names = ShopNames(shop.configuration)
    let player = Player(
      PlayEngine(plan: plan, cast: cast, clock: clock, names: names), sendingTo: outgoing)
    var receiving: [Task<Void, Never>] = []
    for gateway in [cast.web, cast.desk] {
      let first = try await GatewayReceiver.lastSequence(of: gateway, in: shard, on: connection)
      let receiver = GatewayReceiver(
        connection: RedisConnection(to: endpoint, name: "fenliu-play-\(gateway)"),
        outbox: shard.outbox(gateway), complain: say)
      receiving.append(Task { await receiver.run(after: first) { await player.take($0) } })
    }
    defer { for task in receiving { task.cancel() } }

    let interrupted = try await play(player, names)
    let violations = try? await connection.send(
      "FCALL_RO", "fl_check", "1", shard.tag, deadline: .seconds(30))
    await connection.close()
    return await PlaySummary(
      engine: player.state, names: names, traffic: player.traffic, interrupted: interrupted,
      violations: violations.map { ($0.array ?? []).compactMap(\.text) })
  }

  /// Plays and shows; returns whether a signal ended it.
  private func play(_ player: Player, _ names: ShopNames) async throws -> Bool {
    let stage = Stage(names: names, speed: speed, live: live)
    let playing = Task { try await player.run() }
    let showing = Task { await stage.run { await player.view } }
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let listening = Task {
      for await _ in signals { playing.cancel() }
    }
    let outcome = await playing.result
    // Not under the cancellation, so that what was closed at the end is still seen to be.
    await player.settle()
    showing.cancel()
    await showing.value
    listening.cancel()
    try outcome.get()
    return playing.isCancelled
  }

  /// Ends what an interrupted play left in the shop.
  private func empty(
    _ shop: EmptyShop, _ outgoing: AsyncStream<[PlayEvent]>.Continuation
  ) async throws {
    var leftovers = try await shop.leftovers()
    guard !leftovers.isEmpty else { return }
    outgoing.yield(leftovers)
    let deadline = ContinuousClock.now + .seconds(15)
    while !leftovers.isEmpty {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure(
          "shop \(id) still has conversations of an earlier play, and no router answers. "
            + "Start one with `fenliu up` or `fenliu route` on the same Redis and prefix")
      }
      try await Task.sleep(for: .milliseconds(50))
      leftovers = try await shop.leftovers()
    }
  }

  private func serverTime(_ connection: RedisConnection) async throws -> Int64 {
    let parts = try await connection.send("TIME").array ?? []
    guard parts.count == 2, let seconds = parts[0].integer, let microseconds = parts[1].integer else {
      throw RedisError.unexpectedReply("TIME")
    }
    return seconds * 1_000 + microseconds / 1_000
  }
}
