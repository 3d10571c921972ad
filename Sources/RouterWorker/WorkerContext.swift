import HiredisClient
import Logging
import RoutingStore

/// What all parts of a worker share within one shard.
struct WorkerContext: Sendable {
  /// The worker's name, fresh for each process.
  var owner: String
  /// Where the shard is: in a cluster, the node that has it at the time.
  var endpoint: RedisEndpoint
  /// The shard.
  var shard: ShardKeys
  /// How many partitions the shard has.
  var partitions: Int
  /// How the worker behaves.
  var options: WorkerOptions
  /// The estimate of the server's time.
  var clock: ServerClock
  /// Parsed configurations.
  var configurations: ConfigurationCache
  /// Where to say what happens.
  var logger: Logger
}
