import Routing
import Synchronization

/// The worker's estimate of the Redis server's clock.
///
/// Functions take the time as an argument, so that they are deterministic; all workers must mean the same
/// clock by it. Each beat brings the server's time; between beats the estimate advances with the monotonic
/// clock, so jumps of this machine's wall clock do not matter.
final class ServerClock: Sendable {
  private struct State {
    /// Server time minus monotonic time, in milliseconds.
    var offset: Int64
    /// The round trip of the beat that gave the offset, and when it was.
    var roundTrip: Duration
    var sampled: ContinuousClock.Instant
  }

  private let origin = ContinuousClock.now
  private let state: Mutex<State?> = Mutex(nil)

  /// A clock that knows no time yet.
  init() {}

  /// Takes in what the server said: `time` in milliseconds, asked at `sent` and heard now. A sample replaces a
  /// better one (of a shorter round trip) only when that is old, or when the server's clock was set.
  func synchronise(time: Int64, sent: ContinuousClock.Instant) {
    let now = ContinuousClock.now
    let roundTrip = sent.duration(to: now)
    let offset = time - milliseconds(at: sent.advanced(by: roundTrip / 2))
    state.withLock { state in
      if let known = state, roundTrip > known.roundTrip, known.sampled.duration(to: now) < .seconds(10),
        abs(known.offset - offset) <= 1_000
      {
        return
      }
      state = State(offset: offset, roundTrip: roundTrip, sampled: now)
    }
  }

  /// The server's time now; nil before the first beat.
  var now: Moment? {
    let monotonic = milliseconds(at: .now)
    return state.withLock { state in state.map { Moment($0.offset + monotonic) } }
  }

  private func milliseconds(at instant: ContinuousClock.Instant) -> Int64 {
    let (seconds, attoseconds) = origin.duration(to: instant).components
    return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
  }
}
