import Foundation
import Proving
import Synchronization

extension Fault {
  /// Everything else that a network does.
  static let wireTrouble = Fault(
    name: "wire-trouble",
    summary: "half-open connections, delays, one-byte segments, resets, and replies that are no replies",
    share: 2
  ) { session in
    while session.goesOn {
      let seed = session.random.next()
      let server = try await RedisServer.start()
      let proxy = try Proxy(to: server.socketPath)
      let world = try await World.start(
        WorldPlan(workers: 2), seed: seed, server: server, workerURL: proxy.url)
      await world.beginFeeding()
      var done = 0
      var missed = 0
      while done < 60, done == 0 || ContinuousClock.now < session.deadline {
        try await Task.sleep(for: .milliseconds(1 + session.random.below(120)))
        let trouble = Trouble(&session.random)
        // While there is work; and if no piece was spoilt at once, a little longer.
        _ = try await world.aimAtAll()
        proxy.use { trouble.act($0, $1) }
        try await Task.sleep(for: .milliseconds(1 + session.random.below(150)))
        let patience = ContinuousClock.now + .milliseconds(300)
        while !trouble.wasMet, ContinuousClock.now < patience { try await Task.sleep(for: .milliseconds(5)) }
        proxy.use { _, _ in .pass }
        done += 1
        if !trouble.wasMet { missed += 1 }
        if done % 15 == 0 { try await world.checkNow() }
      }
      // What is swallowed or delayed stays so until the connection ends; a network would end it some time.
      proxy.cutAll()
      session.count(done - missed)
      session.miss(missed)
      session.take(await world.finish(), at: "world \(seed)")
      proxy.stop()
    }
  }
}

/// One kind of trouble, for the pieces of a short time.
private final class Trouble: Sendable {
  private let kind: Int
  private let random: Mutex<SeededGenerator>
  private let met = Mutex(false)

  init(_ random: inout SeededGenerator) {
    kind = random.below(5)
    self.random = Mutex(SeededGenerator(seed: random.next()))
  }

  /// Whether any piece was spoilt.
  var wasMet: Bool { met.withLock { $0 } }

  func act(_ way: Proxy.Way, _ piece: ArraySlice<UInt8>) -> Proxy.Act {
    let act = choose(way, piece)
    if case .pass = act { return act }
    met.withLock { $0 = true }
    return act
  }

  private func choose(_ way: Proxy.Way, _ piece: ArraySlice<UInt8>) -> Proxy.Act {
    random.withLock { random in
      switch kind {
      // Later commits of this connection come late, and may come when the lease has passed on.
      case 0: return .delay(.milliseconds(random.below(500)))
      case 1: return .drip
      case 2: return random.percent(50) ? .reset(random.below(piece.count + 1)) : .pass
      case 3: return random.percent(20) ? .swallow : .pass
      default:
        guard way == .reply, random.percent(50) else { return .pass }
        return .garble(Self.nonsense[random.below(Self.nonsense.count)])
      }
    }
  }

  /// Things that no Redis says.
  private static let nonsense: [[UInt8]] = [
    Array("?what\r\n".utf8), Array("$-7\r\n".utf8), Array("*99999999999999999999\r\n".utf8), [0, 0, 0, 0],
    Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), Array("$x\r\n".utf8), Array("*-5\r\n".utf8),
    [0xFF, 0xFE, 0x0D, 0x0A],
  ]
}
