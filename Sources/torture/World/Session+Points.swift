import Proving

extension Session {
  /// Tries points of a space (a step of the loop, a byte of a file), in random order, several worlds side by side,
  /// until all are tried or time is up. Most of a trial is waiting for a lease, so more of them fit beside each other.
  mutating func points<Point: Sendable>(
    _ space: [Point], sideBySide width: Int, what: String,
    _ trial: @escaping @Sendable (Point, _ seed: UInt64, _ number: Int) async throws -> Verdict
  ) async {
    var places: [Place<Point>] = []
    for (number, point) in space.shuffled(using: &random).enumerated() {
      places.append(Place(point: point, seed: random.next(), number: number))
    }
    let queue = PlaceQueue(places, until: deadline)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<width { group.addTask { await queue.work(trial) } }
    }
    let done = await queue.done
    for (place, verdict) in done { take(verdict, at: place) }
    count(done.reduce(0) { $0 + $1.1.trials })
    note("\(done.count) of \(space.count) \(what) were tried")
  }
}

/// One point and what its trial is made from.
private struct Place<Point: Sendable>: Sendable {
  let point: Point
  let seed: UInt64
  let number: Int
}

/// Points that are still to be tried, handed out to those who try them.
private actor PlaceQueue<Point: Sendable> {
  private var rest: ArraySlice<Place<Point>>
  private let deadline: ContinuousClock.Instant
  private(set) var done: [(String, Verdict)] = []

  init(_ places: [Place<Point>], until deadline: ContinuousClock.Instant) {
    rest = places[...]
    self.deadline = deadline
  }

  /// Tries points until none is left or time is up.
  func work(_ trial: @Sendable (Point, UInt64, Int) async throws -> Verdict) async {
    while ContinuousClock.now < deadline, let place = rest.popFirst() {
      let name = "\(place.point), world \(place.seed)"
      do {
        done.append((name, try await trial(place.point, place.seed, place.number)))
      } catch {
        done.append((name, Verdict(violations: ["it could not go on: \(error)"])))
      }
    }
  }
}
