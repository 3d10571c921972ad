import Foundation

/// A lock on a file, held as long as a descriptor of it is open: it falls when the last process that has one
/// ends, however it ends.
final class FileLock: Sendable {
  /// The file.
  let path: String
  /// The open file. Closed on exec, unless a child is given it on purpose.
  let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Takes the lock, or returns nil if another holds it.
  static func take(_ path: String) throws -> FileLock? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw CommandFailure("\(path): cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      guard code == EWOULDBLOCK else {
        throw CommandFailure("\(path): cannot be locked: \(String(cString: strerror(code)))")
      }
      return nil
    }
    return FileLock(path: path, descriptor: descriptor)
  }

  /// Writes who holds the lock, for messages.
  func note(_ text: String) {
    ftruncate(descriptor, 0)
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// What its holder wrote.
  static func note(in path: String) -> String {
    FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    } ?? ""
  }

  /// The processes that have the file open, as far as this user may see them (Linux only).
  static func holders(of path: String) -> [pid_t] {
    let files = FileManager.default
    let processes = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    return processes.filter { pid in
      pid != getpid()
        && ((try? files.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []).contains {
          (try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")) == path
        }
    }
  }
}
