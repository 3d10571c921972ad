import Foundation
import Proving

extension Fault {
  /// Clocks that are set while everything runs: of Redis, whose time counts, and of each worker, whose does not.
  static let clock = Fault(
    name: "clock",
    summary: "the wall clock of Redis, or of one worker alone, jumps by a second to a year, either way",
    share: 2
  ) { session in
    let directory = try TemporaryDirectory()
    guard let library = try FakeClock.compile(into: directory) else {
      session.skipped = "there is no C compiler (cc or clang) for the library that shifts clocks"
      return
    }
    while session.goesOn {
      let seed = session.random.next()
      var clocks = JumpingClocks(
        ofRedis: try FakeClock(library), ofWorkers: try (0..<3).map { _ in try FakeClock(library) })
      var plan = WorldPlan(workers: 0, server: RedisServer.Options(environment: clocks.ofRedis.environment))
      plan.clockJumps = true
      let world = try await World.start(plan, seed: seed)
      for clock in clocks.ofWorkers { try await world.startWorker(environment: clock.environment) }
      try await world.awaitWorkers()
      try await eventually(within: world.patience, "the agents are online") { try await world.backlog() == 0 }
      await world.beginFeeding()
      var done = 0
      while done < 40, done == 0 || ContinuousClock.now < session.deadline, await world.found.isEmpty {
        try await Task.sleep(for: .milliseconds(20 + session.random.below(150)))
        try clocks.jump(&session.random)
        done += 1
        if done % 8 == 0 { try await world.checkNow() }
      }
      session.count(done)
      var verdict = await world.finish()
      verdict.violations += clocks.judge(await world.moments)
      session.take(verdict, at: "world \(seed)")
    }
  }
}

/// The clock of Redis and those of workers, each of which goes its own way.
private struct JumpingClocks {
  let ofRedis: FakeClock
  let ofWorkers: [FakeClock]
  private let begin = Date()
  /// By how many seconds Redis' clock was ever off.
  private var offsets: Set<Int> = [0]

  init(ofRedis: FakeClock, ofWorkers: [FakeClock]) {
    self.ofRedis = ofRedis
    self.ofWorkers = ofWorkers
  }

  /// One of them jumps. Workers' jumps differ from those of Redis, so that nobody can take one for the other.
  mutating func jump(_ random: inout SeededGenerator) throws {
    let sign = random.percent(50) ? 1 : -1
    if random.percent(50) {
      let offset = sign * random.pick([1, 5, 60, 3_600, 86_400, 31_536_000])
      offsets.insert(offset)
      try ofRedis.jump(by: offset)
    } else {
      try random.pick(ofWorkers).jump(by: sign * random.pick([600, 7_200, 259_200, 34_560_000]))
    }
  }

  /// Every step was made at a time that Redis' clock showed, whatever a worker's own clock said.
  func judge(_ moments: [Int64]) -> [String] {
    let (first, last) = (Int64(begin.timeIntervalSince1970), Int64(Date().timeIntervalSince1970) + 1)
    // Between two beats a worker goes by what it knows, as long as a machine under load may take for one.
    let slack: Int64 = 20
    let strange = moments.filter { moment in
      !offsets.contains { (first - slack...last + slack).contains(moment / 1_000 - Int64($0)) }
    }
    guard let moment = strange.first else { return [] }
    return ["\(strange.count) steps at a time that Redis never had, the first at \(moment)"]
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
    try Tool.library("clock", of: source, in: directory)
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
