public import HiredisClient
public import Logging
import Routing
public import RoutingStore
public import ServiceLifecycle

#if canImport(Glibc)
  import Glibc
#endif

/// One router worker: it takes its share of the partitions beside all other workers, and holds nothing that
/// it could not lose.
///
/// For each shard one ``ShardMember`` signs in, renews and watches; for each partition that is this worker's,
/// one ``PartitionLoop`` applies events, on a thread of its own. See CONTRIBUTING.md for the way of an event.
public struct RouterWorker: Service {
  /// The worker's name in leases and logs: host, process, and some random digits.
  public let name: String
  private let redis: RedisDeployment
  private let keys: Keys
  private let options: WorkerOptions
  private let logger: Logger

  /// A worker that has not started, on one server or a set with sentinels.
  public init(
    endpoint: RedisEndpoint, keys: Keys = Keys(), options: WorkerOptions = WorkerOptions(), logger: Logger
  ) {
    self.init(redis: RedisDeployment(endpoint), keys: keys, options: options, logger: logger)
  }

  /// A worker that has not started.
  public init(
    redis: RedisDeployment, keys: Keys = Keys(), options: WorkerOptions = WorkerOptions(), logger: Logger
  ) {
    self.redis = redis
    self.keys = keys
    self.options = options
    name = Self.freshName()
    var logger = logger
    logger[metadataKey: "worker"] = "\(name)"
    self.logger = logger
  }

  /// Works until a graceful shutdown or cancellation, then hands its partitions over.
  public func run() async throws {
    let topology = await awaitTopology()
    guard let topology else { return }
    logger.info(
      "worker started",
      metadata: ["shards": "\(topology.shards)", "partitions": "\(topology.partitions)"])
    let gate = PassGate()
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        for index in 0..<topology.shards {
          let member = ShardMember(context(shard: index, partitions: topology.partitions, gate: gate))
          group.addTask { await member.run() }
        }
      }
    }
    logger.info("worker ended")
  }

  private func context(shard: Int, partitions: Int, gate: PassGate) -> WorkerContext {
    var logger = logger
    logger[metadataKey: "shard"] = "\(shard)"
    let shard = keys.shard(shard)
    return WorkerContext(
      owner: name, endpoint: redis.endpoint(of: shard.tag), shard: shard, partitions: partitions,
      options: options, clock: ServerClock(), gate: gate, configurations: ConfigurationCache(), logger: logger
    )
  }

  /// Waits for Redis as long as it takes, warns of risky settings, and reads the topology. Nil when told to
  /// stop before.
  private func awaitTopology() async -> Topology? {
    let connection = RedisConnection(
      to: redis.endpoint(of: keys.topology), name: "fenliu-\(name)-start")
    return await cancelWhenGracefulShutdown {
      var backoff = Backoff()
      while !Task.isCancelled {
        do throws(RedisError) {
          try await connection.connect()
          let durability = try await Durability.read(keys, on: connection)
          for risk in try await ServerRisks.read(durability, on: connection) { logger.warning("\(risk)") }
          if durability == nil {
            let mode = try await Durability.inferred(on: connection).mode
            logger.notice("no durability is chosen (fenliu topology --durability), so it is \(mode)")
          }
          let topology = try await Topology.readOrSet(keys, on: connection)
          await warnOfOthers(topology, connection)
          await connection.close()
          return topology
        } catch {
          logger.warning("Redis is not to be had, trying on", metadata: ["error": "\(error)"])
          await connection.close()
          try? await Task.sleep(for: backoff.next())
        }
      }
      return nil
    }
  }

  /// Warns of risky settings of the other nodes that have shards. Where one is away it is left at that: the others'
  /// shards shall be served.
  private func warnOfOthers(_ topology: Topology, _ connection: RedisConnection) async {
    guard redis.isCluster else { return }
    var known: Set<RedisEndpoint?> = [await connection.server]
    for shard in (0..<topology.shards).map(keys.shard) {
      guard (try? await connection.turn(to: shard.tag)) != nil else { return }
      let server = await connection.server
      guard known.insert(server).inserted else { continue }
      let place = "\(server.map { "\($0)" } ?? "")"
      for risk in (try? await ServerRisks.read(on: connection)) ?? [] {
        logger.warning("\(risk)", metadata: ["node": "\(place)"])
      }
    }
  }

  private static func freshName() -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let named = gethostname(&buffer, buffer.count - 1) == 0
    let host = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let random = String(UInt32.random(in: .min ... .max), radix: 16)
    return "\(named && !host.isEmpty ? host : "worker").\(getpid()).\(random)"
  }
}

/// Growing pauses between attempts, with a bound: 50 ms to 1 s. Short, since recovery counts from the moment
/// Redis is back, and one connection attempt a second costs nothing.
struct Backoff {
  private var pause = Duration.milliseconds(50)

  /// The pause before the next attempt.
  mutating func next() -> Duration {
    defer { pause = min(pause * 2, .seconds(1)) }
    return pause
  }

  /// An attempt succeeded.
  mutating func reset() { pause = .milliseconds(50) }
}
