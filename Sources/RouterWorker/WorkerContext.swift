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
  /// Lets the worker's loops, of all shards, go on side by side or one of them alone.
  var gate: PassGate
  /// Parsed configurations.
  var configurations: ConfigurationCache
  /// What is known of commands that are held back.
  var heldBack = HeldBack()
  /// The history of data in which a lease was taken; nil if the user may not ask for it.
  var history: String?
  /// Where to say what happens.
  var logger: Logger
}
