import Foundation
import Proving

/// A disk that takes its time, shown to Redis by a small preloaded library: each flush of the append-only file waits as long
/// as told before it is done. The library also keeps what the last finished flush covered, so that a fall of the machine
/// can take exactly the rest.
struct SlowDisk: Sendable {
  private static let source = """
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/mman.h>
    #include <sys/stat.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>
    struct disk { volatile long long delay, inode, flushed, began; };
    static struct disk *disk;
    __attribute__((constructor)) static void begin(void) {
      const char *path = getenv("TORTURE_DISK");
      int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
      if (file < 0) return;
      void *page = mmap(0, sizeof *disk, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      close(file);
      if (page != MAP_FAILED) disk = page;
    }
    static int grows(int file) {
      char link[64], path[1024];
      snprintf(link, sizeof link, "/proc/self/fd/%d", file);
      long length = readlink(link, path, sizeof path);
      return length > 9 && !memcmp(path + length - 9, ".incr.aof", 9);
    }
    static int flush(int file, long call) {
      struct stat before;
      struct timespec now;
      int known = disk && grows(file) && !fstat(file, &before);
      clock_gettime(CLOCK_MONOTONIC, &now);
      if (known && disk->delay) usleep(disk->delay);
      int status = syscall(call, file);
      if (known && !status) {
        disk->inode = before.st_ino;
        disk->flushed = before.st_size;
        disk->began = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
      }
      return status;
    }
    int fsync(int file) { return flush(file, SYS_fsync); }
    int fdatasync(int file) { return flush(file, SYS_fdatasync); }
    """

  private let directory: TemporaryDirectory
  private let file: FileHandle
  /// What Redis is started with.
  let environment: [String: String]

  /// Compiles the library; nil where there is no C compiler.
  static func compile(into directory: TemporaryDirectory) throws -> String? {
    try Tool.library("disk", of: source, in: directory)
  }

  /// A fast one at first.
  init(_ library: String) throws {
    directory = try TemporaryDirectory()
    let path = directory.path("disk")
    try Data(count: 32).write(to: URL(fileURLWithPath: path))
    file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    environment = ["LD_PRELOAD": library, "TORTURE_DISK": path]
  }

  /// Flushes take so long from now on.
  func slow(byMilliseconds delay: Int) throws { try write([Int64(delay) * 1_000], at: 0) }

  /// The machine has come up again: what is in the file now is on the disk, and the disk is fast.
  func recover(_ file: AppendOnlyFile) throws {
    try write([0, Int64(try file.inode), Int64(try file.size), Self.milliseconds], at: 0)
  }

  /// How much of the file is on the disk for certain, and how many milliseconds ago the flush began that saw to it.
  func flushed(of aof: AppendOnlyFile) throws -> (bytes: Int, ago: Int) {
    try file.seek(toOffset: 8)
    let bytes = [UInt8](try file.read(upToCount: 24) ?? Data())
    guard bytes.count == 24 else { throw NeverHappened(what: "what the disk has flushed", time: .zero) }
    let words = (0..<3).map { word in
      (0..<8).reduce(Int64(0)) { $0 | Int64(bytes[word * 8 + $1]) << ($1 * 8) }
    }
    guard words[0] == Int64(try aof.inode) else { return (0, 0) }
    return (Int(words[1]), Int(Self.milliseconds - words[2]))
  }

  private func write(_ words: [Int64], at offset: UInt64) throws {
    try file.seek(toOffset: offset)
    try file.write(contentsOf: words.withUnsafeBytes { Data($0) })
  }

  private static var milliseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
  }
}
