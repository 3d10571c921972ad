/// Watches values that somebody alive changes all the time, on this worker's own monotonic clock.
///
/// Leases have no TTL, since Redis expires by wall clock, and a jump of an hour would free or freeze all of
/// them. Instead a rival takes over only after it has itself seen nothing change for the lease time.
struct StandstillWatch<Key: Hashable, Value: Equatable> {
  private var seen: [Key: (value: Value, since: ContinuousClock.Instant)] = [:]

  /// Takes in all that there is now; forgets what is gone.
  mutating func look(_ values: [Key: Value], at now: ContinuousClock.Instant) {
    seen = values.reduce(into: [:]) { next, entry in
      if let known = seen[entry.key], known.value == entry.value {
        next[entry.key] = known
      } else {
        next[entry.key] = (entry.value, now)
      }
    }
  }

  /// How long the value has stood unchanged under this watch.
  func standstill(of key: Key, at now: ContinuousClock.Instant) -> Duration {
    seen[key].map { $0.since.duration(to: now) } ?? .zero
  }

  /// Forgets everything: after a time in which nothing could be seen, nothing follows from what was seen before.
  mutating func reset() { seen = [:] }
}
