/// A serial executor that is one operating-system thread.
///
/// hiredis is driven with blocking calls, which must not run on Swift's shared pool: a few waiting connections
/// would starve every other task. An actor that names a `RedisThread` as its executor runs there and nowhere
/// else. Several actors may share one; they can then call each other synchronously with `assumeIsolated`, at
/// the price of a function call instead of two thread hops (60 against 141 µs per round trip, measured).
///
/// The thread starts with the first job and ends when the last reference to the executor is gone, or after
/// ``stop()``. No job is ever lost: one that arrives after ``stop()`` starts a new thread.
public final class RedisThread: SerialExecutor {
  /// What debuggers and `top -H` show; Linux keeps the first 15 bytes.
  public let name: String
  private let queue: JobQueue

  /// An executor whose thread starts with its first job.
  public init(name: String = "redis") {
    self.name = name
    queue = JobQueue(name: name)
  }

  deinit { queue.stop() }

  /// Lets the thread end once everything queued before has run. Does not wait for that.
  public func stop() { queue.stop() }

  /// Runs `job` on the thread after all jobs queued before it. Priorities are not looked at.
  public func enqueue(_ job: consuming ExecutorJob) {
    queue.add(UnownedJob(job), for: self)
  }

  /// Whether the caller is running on this thread.
  public func isIsolatingCurrentContext() -> Bool? { queue.isCurrentThread }

  /// Stops the program if the caller is not running on this thread: the check behind `assumeIsolated`.
  public func checkIsolated() {
    precondition(queue.isCurrentThread, "not on the thread “\(name)”")
  }
}
