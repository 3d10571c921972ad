import Foundation
import Synchronization
import TestSupport

/// The program in a terminal of its own, and what a person sees and types there.
final class PseudoTerminal: Sendable {
  private let pid: pid_t
  private let master: Int32
  private let ended = Mutex<ChildProcess.Exit?>(nil)
  private let received = Mutex<[UInt8]>([])

  // TIOCSPTLCK, TIOCGPTN and POSIX_SPAWN_SETSID, which Swift does not import.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430
  private static let setSession: Int16 = 0x80

  /// Starts the program in a terminal of this size.
  init(
    _ arguments: [String], on server: RedisServer?, columns: UInt16 = 100, rows: UInt16 = 40,
    environment: [String: String] = [:]
  ) throws {
    // `posix_openpt` and its companions are not visible here; this is what they do on Linux.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var unlocked: Int32 = 0
    var number: Int32 = 0
    guard master >= 0, ioctl(master, Self.setLock, &unlocked) == 0,
      ioctl(master, Self.getNumber, &number) == 0
    else { throw SystemFailure("open a terminal", errno) }
    let name = "/dev/pts/\(number)"
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The test runner blocks SIGTERM, which the program would inherit. A session of its own makes the terminal
    // its terminal, and ends it with SIGHUP if the tests die.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Self.setSession)

    let variables = ProcessInfo.processInfo.environment.merging(Program.variables(server)) { $1 }
      .filter { $0.key != "NO_COLOR" }.merging(environment) { $1 }
    let words = ([try Program.path] + arguments).map { strdup($0) }
    let settings = variables.map { strdup("\($0)=\($1)") }
    defer { for text in words + settings { free(text) } }
    var pid = pid_t()
    let code = posix_spawn(&pid, try Program.path, &actions, &attributes, words + [nil], settings + [nil])
    guard code == 0 else { throw SystemFailure("posix_spawn", code) }
    self.pid = pid
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
  }

  deinit {
    if exit == nil {
      _ = Foundation.kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    close(master)
  }

  /// Everything written so far.
  var output: String {
    received.withLock { received in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(master, &buffer, buffer.count)
        guard count > 0 else { break }
        received += buffer.prefix(count)
      }
      return String(decoding: received, as: UTF8.self)
    }
  }

  /// What stood between the last two beginnings of a frame, without what follows: the last whole frame.
  var frame: String {
    let end = "\u{1B}[?2026l"
    let parts = output.components(separatedBy: "\u{1B}[?2026h").filter { $0.contains(end) }
    return parts.last?.components(separatedBy: end).first ?? ""
  }

  /// Waits until this was written.
  func shows(_ text: String) async throws {
    try await eventually("the terminal shows “\(text)”") { output.contains(text) }
  }

  /// Waits until the last whole frame contains this.
  func frameShows(_ text: String) async throws {
    try await eventually("a frame shows “\(text)”") { frame.contains(text) }
  }

  /// Presses keys.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// Gives the terminal another size, of which the program is told.
  func resize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    send(signal: SIGWINCH)
  }

  /// Sends a signal.
  func send(signal: Int32) {
    if exit == nil { _ = Foundation.kill(pid, signal) }
  }

  /// Whether keys are echoed and gathered into lines, as a shell expects.
  var isCooked: Bool {
    var settings = termios()
    guard tcgetattr(master, &settings) == 0 else { return false }
    let wanted = tcflag_t(ICANON | ECHO | ISIG)
    return settings.c_lflag & wanted == wanted
  }

  /// How it ended, or nil while it runs.
  var exit: ChildProcess.Exit? {
    ended.withLock { ended in
      var status: Int32 = 0
      if ended == nil, waitpid(pid, &status, WNOHANG) == pid {
        ended = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
      }
      return ended
    }
  }

  /// Waits until it has ended.
  func wait() async throws -> ChildProcess.Exit? {
    try await eventually("the program ends; it wrote \(output.suffix(500))") { exit != nil }
    return exit
  }
}
