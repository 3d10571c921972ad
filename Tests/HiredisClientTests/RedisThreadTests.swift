import HiredisClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct RedisThreadTests {
  private actor Counter {
    nonisolated let thread: RedisThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private(set) var count = 0
    init(on thread: RedisThread) { self.thread = thread }
    func increment() { count += 1 }
    func isAtHome() -> Bool { thread.isIsolatingCurrentContext() == true }
  }

  @Test func runsEverythingOnOneThread() async {
    let counter = Counter(on: RedisThread(name: "a name of more than fifteen bytes 客服"))
    #expect(counter.thread.isIsolatingCurrentContext() == false)
    #expect(await counter.isAtHome())
    await withTaskGroup { group in
      for _ in 0..<1000 { group.addTask { await counter.increment() } }
    }
    #expect(await counter.count == 1000)
  }

  @Test func losesNoJobWhenStopped() async {
    let counter = Counter(on: RedisThread())
    for _ in 0..<50 {
      await withTaskGroup { group in
        for _ in 0..<10 {
          group.addTask { await counter.increment() }
          group.addTask { counter.thread.stop() }
        }
      }
    }
    #expect(await counter.count == 500)
  }

  @Test func endsWithItsLastReference() async throws {
    weak var gone: RedisThread?
    do {
      let counter = Counter(on: RedisThread())
      gone = counter.thread
      await counter.increment()
    }
    // The thread may still hold the job that has just resumed this test.
    try await eventually("the executor is released") { gone == nil }
  }
}
