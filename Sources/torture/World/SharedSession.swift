/// A session in which several worlds are played side by side: most of a trial is waiting, and a fault that is local to
/// a world does not mind its neighbours.
actor SharedSession {
  /// What all of them have found so far.
  private(set) var session: Session
  /// Faults that are being done, whose outcome is not known yet.
  private var underWay = 0
  private var isBroken = false

  init(_ session: Session) { self.session = session }

  /// The seed of the next world; nil when enough is done.
  func nextWorld() -> UInt64? {
    guard !isBroken, session.wants(beside: underWay) else { return nil }
    return session.random.next()
  }

  /// Whether one more fault shall be done. Each has to be settled.
  func claim() -> Bool {
    guard !isBroken, session.wants(beside: underWay) else { return false }
    underWay += 1
    return true
  }

  /// A fault was done.
  func settle(met: Bool) {
    underWay -= 1
    if met { session.count() } else { session.miss() }
  }

  /// A world has come to its end.
  func take(_ verdict: Verdict, at place: String) { session.take(verdict, at: place) }

  /// Something made it impossible to go on; no new world is begun.
  func fail(_ error: any Error, at place: String) {
    isBroken = true
    session.blame(["it could not go on: \(error)"], at: place)
  }
}
