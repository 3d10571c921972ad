import Foundation

/// Ends a child, and removes its files, when the test process dies without a chance to do so.
///
/// It is a shell that waits for the end of a socket whose other end only the test process holds.
/// (PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the child ends, and threads of
/// Swift's pool come and go.)
struct Watchdog: Sendable {
  private let shell: pid_t
  private let lifeline: Int32

  init(over child: pid_t, removing paths: [String]) throws {
    var ends: [Int32] = [0, 0]
    // Sockets, since `pipe2` is not visible here, and `pipe` cannot set close-on-exec at once: the next child
    // would hold the other end open as well.
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SystemFailure("socketpair", errno) }
    let (reading, writing) = (ends[0], ends[1])
    defer { close(reading) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, reading, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    let script = "read -r line; child=$1; shift; kill -9 $child; rm -rf -- \"$@\""
    do {
      shell = try spawn(
        "/bin/sh", ["-c", script, "watchdog", String(child)] + paths,
        variables: ["PATH": "/usr/bin:/bin"], actions: &actions)
    } catch {
      close(writing)
      throw error
    }
    lifeline = writing
  }

  /// Ends the watchdog without effect. Must come as soon as the child has been waited for: from then on the
  /// system may give its number to another process.
  func dismiss() {
    kill(shell, SIGKILL)
    var status: Int32 = 0
    while waitpid(shell, &status, 0) < 0, errno == EINTR {}
    close(lifeline)
  }
}
