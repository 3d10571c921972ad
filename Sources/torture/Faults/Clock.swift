import Foundation
import Proving

extension Fault {
  /// Clocks that are set while everything runs: of Redis, whose time counts, and of workers, whose does not.
  static let clock = Fault(
    name: "clock", summary: "the wall clock of Redis or of a worker jumps by a second to a year, either way",
    share: 2
  ) { session in
    let directory = try TemporaryDirectory()
    guard let library = try FakeClock.compile(into: directory) else {
      session.skipped = "there is no C compiler (cc or clang) for the library that shifts clocks"
      return
    }
    while session.goesOn {
      let seed = session.random.next()
      let ofRedis = try FakeClock(library)
      let ofWorkers = try FakeClock(library)
      var plan = WorldPlan(workers: 2, server: RedisServer.Options(environment: ofRedis.environment))
      plan.workerEnvironment = ofWorkers.environment
      plan.clockJumps = true
      plan.isAudited = false
      let world = try await World.start(plan, seed: seed)
      await world.beginFeeding()
      var done = 0
      while done < 40, done == 0 || ContinuousClock.now < session.deadline, await world.found.isEmpty {
        try await Task.sleep(for: .milliseconds(20 + session.random.below(150)))
        let jump =
          session.random.pick([1, 5, 60, 3_600, 86_400, 31_536_000]) * (session.random.percent(50) ? 1 : -1)
        if session.random.percent(50) { try ofWorkers.jump(by: jump) } else { try ofRedis.jump(by: jump) }
        done += 1
        if done % 8 == 0 { try await world.checkNow() }
      }
      session.count(done)
      session.take(await world.finish(), at: "world \(seed)")
    }
  }
}

/// The wall clock of some processes, shown to them by a small preloaded library. The monotonic clock goes on.
///
/// (Debian's libfaketime does not go together with the jemalloc of its redis-server: each asks the other first.)
struct FakeClock: Sendable {
  private static let source = """
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>
    static volatile long long *offset;
    __attribute__((constructor)) static void begin(void) {
      const char *path = getenv("TORTURE_CLOCK");
      int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
      if (file < 0) return;
      void *page = mmap(0, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
      close(file);
      if (page != MAP_FAILED) offset = page;
    }
    int clock_gettime(clockid_t clock, struct timespec *time) {
      int status = syscall(SYS_clock_gettime, clock, time);
      if (status == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += *offset;
      return status;
    }
    int gettimeofday(struct timeval *time, void *zone) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      time->tv_sec = now.tv_sec;
      time->tv_usec = now.tv_nsec / 1000;
      return 0;
    }
    time_t time(time_t *out) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (out) *out = now.tv_sec;
      return now.tv_sec;
    }
    """

  private let directory: TemporaryDirectory
  private let file: FileHandle
  /// What the processes are started with.
  let environment: [String: String]

  /// Compiles the library; nil where there is no C compiler.
  static func compile(into directory: TemporaryDirectory) throws -> String? {
    try Data(source.utf8).write(to: URL(fileURLWithPath: directory.path("clock.c")))
    for compiler in ["cc", "clang"] {
      let words = [
        compiler, "-shared", "-fPIC", "-O1", "-o", directory.path("clock.so"), directory.path("clock.c"),
      ]
      if Tool.run(words) { return directory.path("clock.so") }
    }
    return nil
  }

  /// The right time at first.
  init(_ library: String) throws {
    directory = try TemporaryDirectory()
    let path = directory.path("offset")
    try Data(count: 8).write(to: URL(fileURLWithPath: path))
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    environment = ["LD_PRELOAD": library, "TORTURE_CLOCK": path]
  }

  /// So many seconds away from the right time, from now on.
  func jump(by seconds: Int) throws {
    try file.seek(toOffset: 0)
    try file.write(contentsOf: withUnsafeBytes(of: Int64(seconds)) { Data($0) })
  }
}
