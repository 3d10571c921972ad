import Foundation
import Proving
import Synchronization

extension Fault {
  /// A connection that ends within a commit: whether it was done is not known to the worker, and does not matter.
  static let wireCut = Fault(
    name: "wire-cut",
    summary: "the connection is cut at each byte of a commit's request and of its reply", share: 10,
    owed: .everyPoint
  ) { session in
    let server = try await RedisServer.start()
    var space: [WireCuts] = []
    for kind in [CutCommit.opening, .close] {
      let (request, reply) = try await WireCuts.measure(kind, server, session.random.next())
      session.note("a commit of \(kind) has \(request) bytes, its reply \(reply)")
      // Numbers in it grow by a digit now and then. A cut behind the end is one between request and reply.
      space += WireCuts.all(kind, .request, 0..<(request + 4), each: 10)
      space += WireCuts.all(kind, .reply, 0..<(reply + 1), each: 8)
    }
    space += WireCuts.all(.pipeline, .request, 0..<6_000, each: 300)
    await session.points(space, sideBySide: 3, standingFor: \.count) { cuts, seed, number in
      try await cuts.run(server, seed, prefix: "c\(number):")
    }
  }
}

/// What is cut.
private enum CutCommit: Sendable {
  /// The commit of one opening.
  case opening
  /// The commit of one close.
  case close
  /// Several commits that are sent together, at some bytes only.
  case pipeline
}

/// Some bytes at which a commit is cut, one commit for each.
private struct WireCuts: Sendable, CustomStringConvertible {
  private static let plan = WorldPlan(workers: 1, lease: .milliseconds(100))
  /// How often a cut that met no commit is tried again.
  private static let repeats = 5
  /// At every so many bytes whole pipelines are cut.
  private static let coarse = 23

  let kind: CutCommit
  let way: Proxy.Way
  let bytes: Range<Int>

  var description: String { "\(way) of \(kind), \(bytes)" }
  /// How many cuts these are.
  var count: Int { lengths.count }

  private var lengths: [Int] {
    Array(stride(from: bytes.lowerBound, to: bytes.upperBound, by: kind == .pipeline ? Self.coarse : 1))
  }

  static func all(_ kind: CutCommit, _ way: Proxy.Way, _ bytes: Range<Int>, each size: Int) -> [WireCuts] {
    stride(from: bytes.lowerBound, to: bytes.upperBound, by: size).map {
      WireCuts(kind: kind, way: way, bytes: $0..<min($0 + size, bytes.upperBound))
    }
  }

  /// How long a commit of this kind and its reply are.
  static func measure(_ kind: CutCommit, _ server: RedisServer, _ seed: UInt64) async throws -> (Int, Int) {
    (try await length(.request, of: kind, server, seed), try await length(.reply, of: kind, server, seed))
  }

  /// How many bytes go this way. The proxy looks at pieces as they come, and now and then a commit comes in two.
  private static func length(
    _ way: Proxy.Way, of kind: CutCommit, _ server: RedisServer, _ seed: UInt64
  ) async throws -> Int {
    for attempt in 1...repeats {
      let trap = CutTrap(way, at: .max)
      let cuts = WireCuts(kind: kind, way: way, bytes: 0..<1)
      let verdict = try await cuts.run(server, seed, prefix: "m\(kind)\(way)\(attempt):", traps: [trap])
      if let wrong = verdict.violations.first { throw NeverHappened(what: wrong, time: .zero) }
      if let length = trap.length { return length }
    }
    throw NeverHappened(what: "a commit of \(kind) on the wire", time: .zero)
  }

  func run(_ server: RedisServer, _ seed: UInt64, prefix: String) async throws -> Verdict {
    try await run(server, seed, prefix: prefix, traps: lengths.map { CutTrap(way, at: $0) })
  }

  private func run(
    _ server: RedisServer, _ seed: UInt64, prefix: String, traps: [CutTrap]
  ) async throws -> Verdict {
    let proxy = try Proxy(to: server.socketPath)
    defer { proxy.stop() }
    let world = try await World.start(
      Self.plan, seed: seed, server: server, prefix: prefix, workerURL: proxy.url)
    var cut = 0
    var missed = 0
    for (number, trap) in traps.enumerated() {
      var trap = trap
      try await set(trap, in: world, behind: proxy, partition: number % 4)
      // The proxy looks at pieces as they come, and now and then a commit comes in two.
      for _ in 0..<Self.repeats where !trap.hasSprung {
        missed += 1
        trap = trap.another
        try await set(trap, in: world, behind: proxy, partition: number % 4)
      }
      if trap.hasSprung { cut += 1 } else { missed += 1 }
    }
    var verdict = await world.finish()
    (verdict.trials, verdict.misses) = (cut, missed)
    return verdict
  }

  /// Sets one trap and lets a commit run into it.
  private func set(_ trap: CutTrap, in world: World, behind proxy: Proxy, partition: Int) async throws {
    let single = kind == .pipeline ? nil : await world.nextSingle(partition)
    if let single, kind == .close {
      try await world.push(partition, [single.open])
      try await world.awaitCommits()
    }
    proxy.use { trap.act($0, $1) }
    if let single {
      try await world.push(partition, [kind == .close ? single.close : single.open])
    } else {
      try await world.push(partition, world.nextEvents(partition))
    }
    try await world.awaitCommits()
    proxy.use { _, _ in .pass }
    if let single, kind == .opening { try await world.push(partition, [single.close]) }
  }
}

extension World {
  /// Waits until the lists are empty.
  fileprivate func awaitCommits() async throws {
    try await eventually(within: .seconds(10), "the commit is done") { try await backlog() == 0 }
  }
}

/// Cuts one commit's request, or the reply to it, once.
private final class CutTrap: Sendable {
  private enum State {
    case armed
    case replyExpected
    /// With the length of what was cut.
    case sprung(Int)
  }

  private static let mark = Array("_commit\r\n".utf8)
  /// What a call is answered whose first event is committed, perhaps behind what was read in the same write.
  private static let reply = Array("$9\r\ncommitted\r\n".utf8)
  let way: Proxy.Way
  private let place: Int
  private let state = Mutex(State.armed)

  /// Behind the last byte of a piece means that it comes through.
  init(_ way: Proxy.Way, at place: Int) {
    self.way = way
    self.place = place
  }

  /// The same trap, set anew.
  var another: CutTrap { CutTrap(way, at: place) }

  /// Whether a commit has been cut.
  var hasSprung: Bool { length != nil }

  /// How long the piece was that was cut.
  var length: Int? {
    state.withLock { if case .sprung(let length) = $0 { length } else { nil } }
  }

  func act(_ way: Proxy.Way, _ piece: ArraySlice<UInt8>) -> Proxy.Act {
    state.withLock { state in
      switch (state, way) {
      case (.armed, .request) where piece.contains(Self.mark):
        if self.way == .reply {
          state = .replyExpected
          return .pass
        }
        state = .sprung(piece.count)
        return .cut(place)
      case (.replyExpected, .reply) where piece.contains(Self.reply):
        state = .sprung(piece.count)
        return .cut(place)
      default: return .pass
      }
    }
  }
}
