/// Replies that are taken later: commands that go out with others, in the same write, whose answer is not waited for yet.
///
///     let replies = try connection.pipeline(work + wait, leaving: 1, patience: .seconds(6))
///     …                                                    // what the work has answered is handled
///     let reply = try connection.takeLeft()                // and only now is waited
extension RedisConnection {
  /// Replies to the last commands of a pipeline that are still to be taken.
  struct Left {
    var count: Int
    var patience: Duration
  }

  /// Sends all commands together, as ``pipeline(_:deadline:)``, but returns without the replies to the last `count` of
  /// them, which are for ``takeLeft()``. Until that was called everything else that would send throws
  /// ``RedisError/repliesLeft``, so that no reply can be taken for another command's.
  ///
  /// Where a function was not known the ``library`` is loaded, and those commands are sent once more that call it; so are
  /// the last ones, behind them. These must be such that may be done twice.
  ///
  /// - Parameters:
  ///   - patience: how long ``takeLeft()`` waits; for a blocking command more than the time it blocks.
  ///   - deadline: until the last reply that is not left, in place of `deadlines.command` and `deadlines.idle`.
  public func pipeline(
    _ commands: RedisPipeline, leaving count: Int, patience: Duration, deadline: Duration? = nil
  ) throws(RedisError) -> [RedisValue] {
    var replies = [RedisValue](repeating: .null, count: max(0, commands.count - count))
    let left = count > 0 ? Left(count: min(count, commands.count), patience: patience) : nil
    try pipeline(commands, leaving: left, deadline) { index, reply in replies[index] = reply.value }
    return replies
  }

  /// Waits for the replies that the last pipeline has left, in the order of their commands; error replies are values.
  /// Empty if nothing was left.
  public func takeLeft() throws(RedisError) -> [RedisValue] {
    guard isConnected else { throw .notConnected }
    guard let left else { return [] }
    var replies = [RedisValue](repeating: .null, count: left.count)
    try exchange([], left.count, left.patience) { index, reply in replies[index] = reply.value }
    self.left = nil
    return replies
  }

  /// A pipeline, the replies to whose last commands may be left.
  func pipeline(
    _ commands: RedisPipeline, leaving last: Left?, _ deadline: Duration?,
    _ receive: (Int, borrowing RedisReply) -> Void
  ) throws(RedisError) {
    guard let library else { return try exchange(commands, leaving: last, deadline, receive) }
    var unknown: [Int] = []
    try exchange(commands, leaving: last, deadline) { index, reply in
      if reply.kind == .error, reply.error?.kind == .functionNotFound {
        unknown.append(index)
      } else {
        receive(index, reply)
      }
    }
    guard !unknown.isEmpty else { return }
    // What was left has seen a world in which those commands were not done.
    _ = try takeLeft()
    try load(library)
    let behind = commands.count - (last?.count ?? 0)..<commands.count
    try exchange(commands.selecting(unknown + behind), leaving: last, deadline) { index, reply in
      receive(unknown[index], reply)
    }
  }
}
