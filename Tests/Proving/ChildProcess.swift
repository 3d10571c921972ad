import Foundation
import Synchronization

/// A program started by a test, which never outlives it.
///
/// It starts with no blocked signal and the default action for each, unlike a child of Foundation's `Process`,
/// which inherits the test runner's blocked SIGTERM. Its output goes to files, so that nothing has to be read
/// for it to make progress.
public final class ChildProcess: Sendable {
  /// How a process ended.
  public enum Exit: Sendable, Equatable {
    /// By itself, with this status.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)
  }

  /// The process id.
  public let pid: Int32
  private let files: TemporaryDirectory
  private let watchdog: Watchdog
  private let outcome = Mutex<Exit?>(nil)

  /// Starts `executable` (a path, or a name looked up on PATH).
  ///
  /// - Parameters:
  ///   - environment: in addition to, or in place of, the variables of the test.
  ///   - input: what it reads from standard input; nothing if nil.
  ///   - directory: where it runs; where the test runs if nil.
  ///   - doomed: a directory to be removed too if the test process dies without a chance to tidy up.
  public init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
    input: String? = nil, directory: String? = nil, doomed: String? = nil
  ) throws {
    files = try TemporaryDirectory()
    if let input { try Data(input.utf8).write(to: URL(fileURLWithPath: files.path("in"))) }
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    pid = try spawn(
      executable, arguments, variables: variables, directory: directory,
      input: input == nil ? "/dev/null" : files.path("in"),
      output: files.path("out"), error: files.path("err"))
    do {
      watchdog = try Watchdog(over: pid, removing: [files.path] + (doomed.map { [$0] } ?? []))
    } catch {
      _ = Foundation.kill(pid, SIGKILL)
      throw error
    }
  }

  deinit {
    if exit == nil { kill() }
  }

  /// Sends a signal; nothing happens if it has ended.
  public func send(signal: Int32) {
    // Under the lock, so that nobody collects the process (and frees its number) in between.
    outcome.withLock { outcome in
      if outcome == nil { _ = Foundation.kill(pid, signal) }
    }
  }

  /// How it ended, or nil while it runs.
  public var exit: Exit? {
    outcome.withLock { outcome in
      if outcome == nil, let status = collect(WNOHANG) {
        outcome = status
        watchdog.dismiss()
      }
      return outcome
    }
  }

  /// Whether it has not ended.
  public var isRunning: Bool { exit == nil }

  /// Waits until it ends.
  ///
  /// - Throws: ``NeverHappened`` if it has not ended in time, with the end of what it wrote.
  @discardableResult
  public func wait(within time: Duration = .seconds(20)) async throws -> Exit {
    let clock = ContinuousClock()
    let deadline = clock.now + time
    while clock.now < deadline {
      if let exit { return exit }
      try await Task.sleep(for: .milliseconds(5))
    }
    let last = (standardOutput + standardError).suffix(5).joined(separator: "\n")
    throw NeverHappened(what: "end of process \(pid), which wrote:\n\(last)\n", time: time)
  }

  /// Ends it by SIGKILL, also when it is stopped, and waits for that.
  public func kill() {
    outcome.withLock { outcome in
      guard outcome == nil else { return }
      _ = Foundation.kill(pid, SIGKILL)
      outcome = collect(0) ?? .signalled(SIGKILL)
      watchdog.dismiss()
    }
  }

  /// The lines it has written to standard output so far.
  public var standardOutput: [String] { lines("out") }

  /// The lines it has written to standard error so far.
  public var standardError: [String] { lines("err") }

  private func lines(_ name: String) -> [String] {
    guard let data = FileManager.default.contents(atPath: files.path(name)) else { return [] }
    let text = String(decoding: data, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // What follows the last line end is a line only if there is something.
    return lines.dropLast(lines.last == "" ? 1 : 0).map { String($0) }
  }

  private func collect(_ options: Int32) -> Exit? {
    var status: Int32 = 0
    var result = waitpid(pid, &status, options)
    while result < 0, errno == EINTR { result = waitpid(pid, &status, options) }
    guard result == pid else { return nil }
    // What the macros WIFEXITED and so on do, which Swift cannot import.
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
  }

  /// The path of an executable of this package, beside the running test bundle.
  public static func product(_ name: String) throws -> String {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
  }
}
