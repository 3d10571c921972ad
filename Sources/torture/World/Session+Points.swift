import Proving

extension Session {
  /// Tries points of a space (a step of the loop, a byte of a file), in random order, several worlds side by side,
  /// until all are tried or time is up. Most of a trial is waiting for a lease, so more of them fit beside each other.
  /// All of them are owed; a point that stands for several says for how many.
  mutating func points<Point: Sendable>(
    _ space: [Point], sideBySide width: Int, standingFor trials: (Point) -> Int = { _ in 1 },
    _ trial: @escaping @Sendable (Point, _ seed: UInt64, _ number: Int) async throws -> Verdict
  ) async {
    owe(points: space.reduce(0) { $0 + trials($1) })
    var places: [Place<Point>] = []
    for (number, point) in space.shuffled(using: &random).enumerated() {
      places.append(Place(point: point, seed: random.next(), number: number))
    }
    let queue = PlaceQueue(places, until: deadline)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<width { group.addTask { await queue.work(trial) } }
    }
    for (place, verdict) in await queue.done {
      take(verdict, at: place)
      count(verdict.trials)
      miss(verdict.misses)
    }
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
  private var violations = 0

  init(_ places: [Place<Point>], until deadline: ContinuousClock.Instant) {
    rest = places[...]
    self.deadline = deadline
  }

  /// Tries points until none is left or time is up.
  func work(_ trial: @Sendable (Point, UInt64, Int) async throws -> Verdict) async {
    // Beyond so many violations it is known that something is broken.
    while ContinuousClock.now < deadline, violations < 20, let place = rest.popFirst() {
      let name = "\(place.point), world \(place.seed)"
      var verdict: Verdict
      do {
        verdict = try await trial(place.point, place.seed, place.number)
      } catch {
        verdict = Verdict(violations: ["it could not go on: \(error)"])
      }
      violations += verdict.violations.count
      done.append((name, verdict))
    }
  }
}
