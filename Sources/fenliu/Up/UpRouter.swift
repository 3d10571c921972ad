import HiredisClient
import Logging
import RouterWorker
import Routing
import RoutingStore
import ServiceLifecycle

/// What `fenliu up` does once there is a Redis: applies the files, runs the workers, and says where all is.
struct UpRouter: Service {
  let deployment: RedisDeployment
  /// What the private Redis promises; nil for one that is somebody else's, who chooses it.
  let durability: Durability?
  let keys: Keys
  let shops: [ConfigurationFiles.Valid]
  let workers: Int
  let logger: Logger
  /// Says where everything is, when events are served.
  let welcome: @Sendable ([ShopView]) -> Void

  /// A shop that is configured in Redis.
  struct ShopView: Sendable {
    var shop: ShopID
    /// The hash tag of its shard, as people write it.
    var shard: Int
    var version: Int64
    /// Its default group, or the first.
    var group: String
    /// The file that it was applied from just now.
    var file: String?
  }

  func run() async throws {
    let connection = RedisConnection(to: deployment.endpoint(of: keys.topology), name: "fenliu-up")
    let ready = try await cancelWhenGracefulShutdown { try await awaitServer(connection) }
    guard ready else { return }
    try await apply(on: connection)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<workers {
        let worker = RouterWorker(redis: deployment, keys: keys, logger: logger)
        group.addTask { try? await worker.run() }
      }
      group.addTask { await cancelWhenGracefulShutdown { await greet(on: connection) } }
    }
    await connection.close()
  }

  /// Waits until the server answers and has read its data; false if told to stop before. A server that
  /// refuses for good (a password, a missing permission) is a failure.
  private func awaitServer(_ connection: RedisConnection) async throws -> Bool {
    var told = false
    let start = ContinuousClock.now
    while !Task.isCancelled {
      do throws(RedisError) {
        if await !connection.isConnected { try await connection.connect() }
        try await connection.send("PING")
        return true
      } catch {
        guard error.isRetriable else { throw CommandFailure("\(error)") }
        if !told, start.duration(to: .now) > .seconds(3) {
          logger.notice("waiting for Redis: \(error)")
          told = true
        }
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
    return false
  }

  private func apply(on connection: RedisConnection) async throws {
    try await Functions.load(on: connection)
    let topology = try await Topology.readOrSet(keys, on: connection)
    try await durability?.store(keys, topology, on: connection)
    for shop in shops {
      let index = Partitioning.shard(of: shop.configuration.shop, shards: topology.shards)
      _ = try await Configurations.apply(
        shop.configuration, document: shop.text, shard: keys.shard(index), on: connection)
    }
  }

  /// Waits until every partition is somebody's, then says that all is up.
  private func greet(on connection: RedisConnection) async {
    while !Task.isCancelled {
      do {
        if await !connection.isConnected { try await connection.connect() }
        let topology = try await Topology.readOrSet(keys, on: connection)
        if try await allTaken(topology, on: connection) {
          welcome(try await configuredShops(topology, on: connection))
          return
        }
      } catch {
        logger.debug("not yet: \(error)")
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  private func allTaken(_ topology: Topology, on connection: RedisConnection) async throws -> Bool {
    for index in 0..<topology.shards {
      try await connection.turn(to: keys.shard(index).tag)
      for partition in 0..<topology.partitions {
        let owner = try await connection.send("HGET", keys.shard(index).lease(partition), "owner")
        if owner.text?.isEmpty ?? true { return false }
      }
    }
    return true
  }

  private func configuredShops(
    _ topology: Topology, on connection: RedisConnection
  ) async throws -> [ShopView] {
    var found: [ShopView] = []
    for index in 0..<topology.shards {
      let shard = keys.shard(index)
      try await connection.turn(to: shard.tag)
      let rows = try await connection.send("ZRANGE", shard.shops, "0", "-1", "WITHSCORES").array ?? []
      for place in stride(from: 0, to: rows.count - 1, by: 2) {
        guard let name = rows[place].text, let shop = ShopID(rawValue: name) else { continue }
        let group = try await connection.send("HGET", shard.shop(shop).config, "default_group").text
        found.append(
          ShopView(
            shop: shop, shard: index, version: rows[place + 1].integer ?? 0, group: group ?? "GROUP",
            file: shops.first { $0.configuration.shop == shop }?.file))
      }
    }
    return found
  }
}
