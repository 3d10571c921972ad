internal import CHiredis
import Glibc

/// The jobs of one ``RedisThread`` and the thread that runs them.
///
/// It is apart from the executor so that the running thread keeps only this alive: were it to hold the
/// executor itself, the executor's `deinit`, which ends the thread, would never come.
///
/// `@unchecked Sendable`: everything mutable is read and written only while `mutex` is held. `Mutex` of the
/// standard library cannot be used, since it has no condition variable to wait on.
final class JobQueue: @unchecked Sendable {
  /// A job with a strong reference to its executor, which must outlive the run of the job.
  private struct Entry {
    let job: UnownedJob
    let executor: RedisThread
  }

  private let name: String
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let arrived: UnsafeMutablePointer<pthread_cond_t>
  private var pending: [Entry] = []
  private var isStopping = false
  /// Whether a thread has been started that has not yet decided to end.
  private var hasThread = false
  private var runner: pthread_t?

  init(name: String) {
    self.name = name
    mutex = .allocate(capacity: 1)
    arrived = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrived, nil)
  }

  deinit {
    pthread_cond_destroy(arrived)
    pthread_mutex_destroy(mutex)
    arrived.deallocate()
    mutex.deallocate()
  }

  var isCurrentThread: Bool {
    locked { runner.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  }

  func add(_ job: UnownedJob, for executor: RedisThread) {
    locked {
      pending.append(Entry(job: job, executor: executor))
      if hasThread {
        pthread_cond_signal(arrived)
      } else {
        startThread()
      }
    }
  }

  func stop() {
    locked {
      isStopping = true
      pthread_cond_signal(arrived)
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Called with the mutex held.
  private func startThread() {
    isStopping = false
    hasThread = true
    var thread = pthread_t()
    let box = Unmanaged.passRetained(self)
    let failure = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<JobQueue>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    // A job cannot be refused: whoever awaits it would wait for ever. The Swift runtime ends the program
    // too when it gets no thread.
    precondition(failure == 0, "no thread for “\(name)”: \(String(cString: strerror(failure)))")
    pthread_detach(thread)
  }

  private func run() {
    fenliu_name_thread(String(decoding: name.utf8.prefix(15), as: UTF8.self))
    locked { runner = pthread_self() }
    var batch: [Entry] = []
    while takeBatch(&batch) {
      for entry in batch {
        entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor())
      }
      // This may release the executor, whose `deinit` calls `stop()`: the mutex must not be held here.
      batch.removeAll(keepingCapacity: true)
    }
  }

  /// Waits for jobs and moves all of them to `batch`; false when the thread has to end.
  private func takeBatch(_ batch: inout [Entry]) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while pending.isEmpty {
      if isStopping {
        hasThread = false
        runner = nil
        return false
      }
      pthread_cond_wait(arrived, mutex)
    }
    swap(&batch, &pending)
    return true
  }
}
