import Foundation
import Synchronization

/// Lets the loops of one process go on side by side, or one of them alone.
///
/// A process that ends takes all of its loops with it. So an event that is under suspicion is touched alone: were another
/// loop at work beside it, an event there could end the process, and this one would be blamed for it.
final class PassGate: Sendable {
  private struct Passes {
    var together = 0
    var alone = false
    /// How many wait to be alone; nobody else begins meanwhile, so that they need not wait for long.
    var waiting = 0
  }

  private let condition = NSCondition()
  private let passes = Mutex(Passes())

  /// Does something beside what other loops do; waits as long as one of them is alone or waits for that.
  func together<Result>(_ body: () throws -> Result) rethrows -> Result {
    enter { passes in
      guard !passes.alone, passes.waiting == 0 else { return false }
      passes.together += 1
      return true
    }
    defer { leave { $0.together -= 1 } }
    return try body()
  }

  /// Does something while no other loop does anything; waits until they have done what they are at.
  func alone<Result>(_ body: () throws -> Result) rethrows -> Result {
    passes.withLock { $0.waiting += 1 }
    enter { passes in
      guard !passes.alone, passes.together == 0 else { return false }
      passes.alone = true
      passes.waiting -= 1
      return true
    }
    defer { leave { $0.alone = false } }
    return try body()
  }

  private func enter(_ entered: (inout Passes) -> Bool) {
    condition.lock()
    defer { condition.unlock() }
    while !passes.withLock({ entered(&$0) }) { condition.wait() }
  }

  private func leave(_ change: (inout Passes) -> Void) {
    condition.lock()
    defer { condition.unlock() }
    passes.withLock { change(&$0) }
    condition.broadcast()
  }
}
