import Foundation
import Proving
import Synchronization

extension Fault {
  /// A connection that ends within a commit: whether it was done is not known to the worker, and does not matter.
  static let wireCut = Fault(
    name: "wire-cut",
    summary: "the connection is cut at each byte of a commit's request and of its reply", share: 4
  ) { session in
    let server = try await RedisServer.start()
    // A request of one opening has some 500 bytes, its answer 15. A cut behind the end is one between the two.
    let request = stride(from: 0, to: 640, by: 10).map { WireCuts(way: .request, bytes: $0..<($0 + 10)) }
    let reply = stride(from: 0, to: 16, by: 8).map { WireCuts(way: .reply, bytes: $0..<($0 + 8)) }
    let pipelines = stride(from: 0, to: 6_000, by: 300).map {
      WireCuts(way: .request, bytes: $0..<($0 + 300), step: 23)
    }
    await session.points(reply + request + pipelines, sideBySide: 3, what: "ranges of bytes") {
      cuts, seed, number in
      try await cuts.run(server, seed, prefix: "c\(number):")
    }
  }
}

/// Some bytes at which a commit is cut, one commit for each.
private struct WireCuts: Sendable, CustomStringConvertible {
  let way: Proxy.Way
  let bytes: Range<Int>
  /// More than one: whole pipelines of commits are cut, at every so many bytes.
  var step = 1

  var description: String { "\(way) \(bytes)\(step > 1 ? " of a pipeline" : "")" }

  func run(_ server: RedisServer, _ seed: UInt64, prefix: String) async throws -> Verdict {
    let proxy = try Proxy(to: server.socketPath)
    defer { proxy.stop() }
    let plan = WorldPlan(workers: 1, lease: .milliseconds(100))
    let world = try await World.start(plan, seed: seed, server: server, prefix: prefix, workerURL: proxy.url)
    var cut = 0
    for length in stride(from: bytes.lowerBound, to: bytes.upperBound, by: step) {
      let trap = CutTrap(way, at: length)
      proxy.use { trap.act($0, $1) }
      let partition = cut % 4
      let single = step == 1 ? await world.nextSingle(partition) : nil
      if let single {
        try await world.push(partition, [single.open])
      } else {
        try await world.push(partition, world.nextEvents(partition))
      }
      try await eventually(within: .seconds(10), "the commit is done after the cut") {
        try await world.backlog() == 0
      }
      proxy.use { _, _ in .pass }
      if let single { try await world.push(partition, [single.close]) }
      if trap.hasSprung { cut += 1 }
    }
    var verdict = await world.finish()
    verdict.trials = cut
    return verdict
  }
}

/// Cuts one commit's request, or the reply to it, once.
private final class CutTrap: Sendable {
  private enum State {
    case armed
    case replyExpected
    case sprung
  }

  private static let mark = Array("_conversation_".utf8)
  private let way: Proxy.Way
  private let length: Int
  private let state = Mutex(State.armed)

  init(_ way: Proxy.Way, at length: Int) {
    self.way = way
    self.length = length
  }

  /// Whether a commit has been cut.
  var hasSprung: Bool { state.withLock { $0 == .sprung } }

  func act(_ way: Proxy.Way, _ piece: ArraySlice<UInt8>) -> Proxy.Act {
    state.withLock { state in
      switch (state, way) {
      case (.armed, .request) where piece.contains(Self.mark):
        if self.way == .reply {
          state = .replyExpected
          return .pass
        }
        state = .sprung
        return .cut(length)
      case (.replyExpected, .reply) where piece.starts(with: Array("$".utf8)):
        state = .sprung
        return .cut(length)
      default: return .pass
      }
    }
  }
}
