/// How long a connection waits before it gives up. All times are measured on the monotonic clock.
public struct RedisDeadlines: Sendable, Hashable {
  /// For a whole `connect()`: every resolved address, and the first exchange (AUTH, SELECT, the client's name).
  public var connect: Duration
  /// For one pipeline, from sending its first byte to the arrival of its last reply. A call may bring its own.
  public var command: Duration
  /// For silence: how long, with replies outstanding, no byte may move. A call that brings its own
  /// deadline is not held to this, since silence is what a blocking command is expected to answer with.
  public var idle: Duration

  /// The given deadlines: 2 s to connect, 5 s for a command, 5 s of silence if nothing else is said.
  public init(
    connect: Duration = .seconds(2), command: Duration = .seconds(5), idle: Duration = .seconds(5)
  ) {
    self.connect = connect
    self.command = command
    self.idle = idle
  }
}
