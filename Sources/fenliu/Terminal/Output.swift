import ArgumentParser
import Foundation

/// Standard output and standard error, written at once, so that a program at the other end of a pipe sees
/// each line when it is there.
enum Output {
  /// Writes text to standard output.
  ///
  /// - Throws: `ExitCode` when nobody reads any more, as behind `| head`; there is nobody to tell why.
  static func write(_ text: String) throws {
    guard write(Array(text.utf8), to: STDOUT_FILENO) else { throw ExitCode.failure }
  }

  /// Writes a line to standard output.
  static func line(_ text: String) throws { try write(text + "\n") }

  /// Writes a line to standard error. That nobody reads it is no reason to stop.
  static func notice(_ text: String) { _ = write(Array((text + "\n").utf8), to: STDERR_FILENO) }

  /// Writes all bytes; false if that cannot be done.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // The other end of a terminal or pipe may have made it non-blocking for all who share it.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}
