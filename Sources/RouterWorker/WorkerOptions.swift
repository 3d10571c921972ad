import HiredisClient

/// How a worker behaves. The defaults are for production; tests shorten the lease.
public struct WorkerOptions: Sendable {
  /// How long a lease must have stood still before a rival takes it. A killed worker's partitions go on
  /// after about this time plus two beats.
  public var lease = Duration.milliseconds(1_500)
  /// The most events that are peeked at once.
  public var batch = 512
  /// The longest time between two ticks of the timers.
  public var tick = Duration.milliseconds(200)
  /// A test hook: the process ends at once, as if it had crashed, when it is about to decode an event that
  /// contains this text. Nil in production.
  public var crashOn: String?
  /// A test hook: the process ends at once at this round trip to Redis. Nil in production.
  public var failPoint: FailPoint?

  /// Is called with every pipeline that a partition's loop sends: the partition, and the bytes; for the keeper's with the number
  /// of partitions. For `fenliu bench`, which replays them.
  public var recorder: (@Sendable (_ partition: Int, _ bytes: [UInt8]) -> Void)?

  /// The defaults.
  public init() {}

  /// Lets the recorder and the test hook see what a connection sends from now on.
  func watch(_ connection: isolated RedisConnection, as stream: Int) {
    connection.recorder = nil
    if let recorder { connection.recorder = { recorder(stream, $0) } }
    failPoint?.watch(connection)
  }

  /// How often a worker signs in and renews.
  var beat: Duration { lease / 5 }
  /// How long what commits leave to be counted waits for company: what is counted together is written once. A second, and
  /// shorter where a short lease says that everything shall go fast.
  var countingPatience: Duration { min(.seconds(1), lease * 2 / 3) }
  /// A loop that has not finished a pass for so long hangs, and its lease is not renewed any more. Longer than
  /// any pass can take: each of its calls has a deadline.
  var hung: Duration { .seconds(30) }
}
