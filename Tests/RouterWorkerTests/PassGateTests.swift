import Foundation
import Synchronization
import Testing

@testable import RouterWorker

/// Who may be at work at the same time as whom within one process.
@Suite struct PassGateTests {
  /// What is going on behind the gate, and what was seen of it.
  private final class Inside: Sendable {
    let together = Atomic<Int>(0)
    let alone = Atomic<Int>(0)
    let most = Atomic<Int>(0)
    let broken = Atomic<Int>(0)
    let turns = Atomic<Int>(0)

    func beside() {
      let now = together.add(1, ordering: .sequentiallyConsistent).newValue
      most.max(now, ordering: .sequentiallyConsistent)
      if alone.load(ordering: .sequentiallyConsistent) != 0 { broken.add(1, ordering: .relaxed) }
      Thread.sleep(forTimeInterval: 0.001)
      together.subtract(1, ordering: .sequentiallyConsistent)
    }

    func byItself() {
      let now = alone.add(1, ordering: .sequentiallyConsistent).newValue
      let others = together.load(ordering: .sequentiallyConsistent)
      if now != 1 || others != 0 { broken.add(1, ordering: .relaxed) }
      Thread.sleep(forTimeInterval: 0.001)
      alone.subtract(1, ordering: .sequentiallyConsistent)
      turns.add(1, ordering: .relaxed)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func nobodyIsAtWorkBesideWhoIsAloneAndWhoWaitsForThatGetsIt() async {
    let gate = PassGate()
    let inside = Inside()
    await withTaskGroup(of: Void.self) { group in
      // Threads of their own, as the loops have: they block.
      for _ in 0..<4 {
        group.addTask {
          await onThread {
            // So many that, without a right of way for who waits to be alone, it would hardly ever get in.
            while inside.turns.load(ordering: .relaxed) < 60 { gate.together { inside.beside() } }
          }
        }
      }
      for _ in 0..<2 {
        group.addTask { await onThread { for _ in 0..<30 { gate.alone { inside.byItself() } } } }
      }
    }
    #expect(inside.broken.load(ordering: .relaxed) == 0)
    #expect(inside.turns.load(ordering: .relaxed) == 60)
    #expect(inside.most.load(ordering: .relaxed) > 1, "nobody was ever at work beside another")
  }

  @Test(.timeLimit(.minutes(1)))
  func anErrorOpensTheGateAgain() {
    struct Broken: Error {}
    let gate = PassGate()
    #expect(throws: Broken.self) { try gate.alone { throw Broken() } }
    #expect(throws: Broken.self) { try gate.together { throw Broken() } }
    #expect(gate.alone { 1 } == 1)
    #expect(gate.together { 2 } == 2)
  }
}

private func onThread(_ body: @escaping @Sendable () -> Void) async {
  await withCheckedContinuation { done in
    Thread.detachNewThread {
      body()
      done.resume()
    }
  }
}
