import HiredisClient
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A test hook: the process ends at once, as if it had crashed, right before or right after one of its round trips
/// to Redis. They are counted from 1 over all connections of the worker's memberships and partitions.
///
/// Right before means that Redis has not heard of it; right after, that Redis has done it and nothing was done with
/// the answer. Replies that were left to be taken later are an answer of their own.
public final class FailPoint: Sendable {
  private let isBefore: Bool
  private let number: Int
  private let begun = Atomic<Int>(0)
  private let ended = Atomic<Int>(0)

  /// Reads `before:17` or `after:17`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[1]), number > 0, ["before", "after"].contains(parts[0])
    else { return nil }
    isBefore = parts[0] == "before"
    self.number = number
  }

  /// Counts what this connection sends from now on, beside what its recorder does already.
  func watch(_ connection: isolated RedisConnection) {
    let recorder = connection.recorder
    connection.recorder = { bytes in
      recorder?(bytes)
      if self.begun.add(1, ordering: .relaxed).newValue == self.number, self.isBefore { Self.end() }
    }
    connection.onReplies = {
      if self.ended.add(1, ordering: .relaxed).newValue == self.number, !self.isBefore { Self.end() }
    }
  }

  private static func end() { kill(getpid(), SIGKILL) }
}
