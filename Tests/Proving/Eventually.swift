/// A condition that did not come true in time.
public struct NeverHappened: Error, CustomStringConvertible {
  /// What was waited for.
  public let what: String
  /// How long.
  public let time: Duration

  /// That `what` did not happen.
  package init(what: String, time: Duration) {
    self.what = what
    self.time = time
  }

  /// A sentence for the log of the test.
  public var description: String { "“\(what)” did not happen within \(time)" }
}

/// Asks every few milliseconds until `condition` is true.
///
/// - Throws: ``NeverHappened`` when the time is up; whatever `condition` throws, at once.
public func eventually(
  within time: Duration = .seconds(30), _ what: String,
  isolation: isolated (any Actor)? = #isolation,
  _ condition: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now + time
  while true {
    if try await condition() { return }
    guard clock.now < deadline else { throw NeverHappened(what: what, time: time) }
    try await Task.sleep(for: .milliseconds(5))
  }
}
