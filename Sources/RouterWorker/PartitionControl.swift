import Synchronization

/// What the shard's member and a partition's loop tell each other across their threads.
final class PartitionControl: Sendable {
  private struct State {
    var stop = false
    var ended = false
    var lastPass = ContinuousClock.now
    var clientID: Int64?
  }

  private let state = Mutex(State())

  /// Asks the loop to finish its pass and hand the partition over.
  func requestStop() { state.withLock { $0.stop = true } }
  /// Whether the loop shall end.
  var stopRequested: Bool { state.withLock { $0.stop } }

  /// The loop is at the beginning of a pass.
  func notePass() { state.withLock { $0.lastPass = .now } }
  /// How long ago that was.
  var sinceLastPass: Duration { state.withLock { $0.lastPass.duration(to: .now) } }

  /// The loop has ended, for whatever reason.
  func noteEnd() { state.withLock { $0.ended = true } }
  /// Whether it has.
  var ended: Bool { state.withLock { $0.ended } }

  /// The server's number of the loop's connection, by which a blocked wait is woken.
  var clientID: Int64? {
    get { state.withLock { $0.clientID } }
    set { state.withLock { $0.clientID = newValue } }
  }
}
