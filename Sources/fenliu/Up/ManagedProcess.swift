import Foundation
import Synchronization

/// A child process that ends with this one.
///
/// It is started by, and waited for on, a thread of its own, because Linux sends the death signal when the
/// *thread* that started the child ends, and threads of Swift's pool come and go.
final class ManagedProcess: Sendable {
  /// How a process ended.
  enum Exit: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    var description: String {
      switch self {
      case .exited(let status): "status \(status)"
      case .signalled(let signal): "signal \(signal)"
      }
    }
  }

  /// The process id.
  let pid: pid_t
  private let ending = Mutex(Ending())

  private struct Ending {
    var exit: Exit?
    var waiting: [CheckedContinuation<Exit, Never>] = []
  }

  private init(pid: pid_t) { self.pid = pid }

  /// Starts a program; returns when it runs.
  ///
  /// - Parameters:
  ///   - executable: an absolute path.
  ///   - log: its standard output and error are appended to this file.
  ///   - inheriting: a descriptor that the child keeps open, under the same number.
  static func start(
    _ executable: String, _ arguments: [String], log: String, inheriting descriptor: Int32
  ) async throws -> ManagedProcess {
    // SIGTERM rather than SIGKILL: a Redis that is left alone still writes its file to the end.
    let words =
      Executables.find("setpriv").map { [$0, "--pdeathsig", "TERM", executable] + arguments }
      ?? [executable] + arguments
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        do {
          let pid = try spawn(words, log: log, inheriting: descriptor)
          let process = ManagedProcess(pid: pid)
          continuation.resume(returning: process)
          process.awaitEnd()
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }

  /// How it ended, or nil while it runs.
  var exit: Exit? { ending.withLock { $0.exit } }

  /// Waits until it ends.
  func end() async -> Exit {
    await withCheckedContinuation { continuation in
      let exit = ending.withLock { ending in
        if ending.exit == nil { ending.waiting.append(continuation) }
        return ending.exit
      }
      if let exit { continuation.resume(returning: exit) }
    }
  }

  /// Sends a signal; nothing happens if it has ended.
  func send(_ signal: Int32) {
    // Under the lock, so that the number is not given to another process in between.
    ending.withLock { ending in
      if ending.exit == nil { _ = kill(pid, signal) }
    }
  }

  private func awaitEnd() {
    var information = siginfo_t()
    // Only looks; the process is collected below under the lock.
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    let (exit, waiting) = ending.withLock { ending in
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7F
      let exit = signal == 0 ? Exit.exited((status >> 8) & 0xFF) : .signalled(signal)
      ending.exit = exit
      defer { ending.waiting = [] }
      return (exit, ending.waiting)
    }
    for continuation in waiting { continuation.resume(returning: exit) }
  }

  /// Starts a program with no blocked signal, the default action for each, and a process group of its own:
  /// Ctrl-C in the terminal is for this program, which ends its child when the worker has handed over.
  private static func spawn(_ words: [String], log: String, inheriting descriptor: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // To itself: that takes the mark “close on exec” off.
    posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let argv = words.map { strdup($0) }
    let environment = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") }
    defer { for text in argv + environment { free(text) } }
    var pid = pid_t()
    let code = posix_spawn(&pid, words[0], &actions, &attributes, argv + [nil], environment + [nil])
    guard code == 0 else {
      throw CommandFailure("cannot start \(words[0]): \(String(cString: strerror(code)))")
    }
    return pid
  }
}

/// Programs on PATH.
enum Executables {
  /// The absolute path of a program, or nil if there is none.
  static func find(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first {
      $0.hasPrefix("/") && access($0, X_OK) == 0
    }
  }
}
