import Foundation
import Routing

/// The directory of one `fenliu up`: the append-only file, the log, the socket, and two locks.
///
/// `lock` is held by `up` itself. `redis.lock` is also held by the redis-server that `up` starts, which
/// inherits it; so a server that outlived its `up` is found, and nothing is started beside it.
final class DataDirectory: Sendable {
  /// Its absolute path.
  let path: String
  /// The Unix socket of the server.
  let socketPath: String
  /// Held while a server runs on the data, and given to it.
  let serverLock: FileLock
  private let lock: FileLock
  /// The directory of the socket, if the data directory's own path is too long for one.
  private let socketDirectory: String?

  /// What the server says.
  var logPath: String { "\(path)/redis.log" }

  /// The longest path of a Unix socket, in bytes: `sun_path` has 108 with the closing zero.
  static let longestSocketPath = 107

  /// Creates the directory if it is not there, takes it for this process, and ends what a dead `up` left.
  init(_ name: String) async throws {
    path = try Self.create(name)
    let lockPath = "\(path)/lock"
    guard let lock = try FileLock.take(lockPath) else {
      let holder = FileLock.note(in: lockPath)
      throw CommandFailure(
        "\(path) is in use by another fenliu up\(holder.isEmpty ? "" : " (process \(holder))"); "
          + "end that one, or choose another directory with --data")
    }
    lock.note("\(getpid())\n")
    self.lock = lock
    serverLock = try await Self.takeFromLeftOver("\(path)/redis.lock")

    let inside = "\(path)/redis.sock"
    if inside.utf8.count <= Self.longestSocketPath {
      (socketDirectory, socketPath) = (nil, inside)
    } else {
      // A name that the next start finds again.
      let short = "/tmp/fenliu-\(getuid())-\(String(CRC32.checksum(path), radix: 16))"
      (socketDirectory, socketPath) = (short, "\(short)/redis.sock")
    }
  }

  /// Makes room for the socket. To be called just before the server starts.
  func prepareSocket() throws {
    if let socketDirectory { try makeShortDirectory(socketDirectory) }
    unlink(socketPath)
  }

  /// Removes what is not data. To be called when the server has ended.
  func tidy() {
    unlink(socketPath)
    if let socketDirectory { rmdir(socketDirectory) }
    lock.note("")
  }

  /// The last lines of the server's log, for messages.
  func endOfLog(lines: Int = 3) -> String {
    let data = FileManager.default.contents(atPath: logPath) ?? Data()
    let text = String(decoding: data.suffix(4_096), as: UTF8.self)
    return text.split(separator: "\n").suffix(lines).map { "  \($0)" }.joined(separator: "\n")
  }

  private static func create(_ name: String) throws -> String {
    let url = URL(fileURLWithPath: name)
    do {
      try FileManager.default.createDirectory(
        at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw CommandFailure("\(name): cannot be created as a directory; choose another one with --data")
    }
    guard let real = realpath(url.path, nil) else {
      throw CommandFailure("\(name): \(String(cString: strerror(errno)))")
    }
    defer { free(real) }
    return String(cString: real)
  }

  /// Takes the server's lock; a server that still has it has lost its `up` and is ended first.
  private static func takeFromLeftOver(_ path: String) async throws -> FileLock {
    for attempt in 0..<300 {
      if let lock = try FileLock.take(path) { return lock }
      // It was told to end when its `up` died; after 10 s it is not asked any more.
      for holder in FileLock.holders(of: path) where attempt % 50 == 0 {
        kill(holder, attempt < 200 ? SIGTERM : SIGKILL)
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    let holders = FileLock.holders(of: path).map { "\($0)" }.joined(separator: ", ")
    throw CommandFailure(
      "a redis-server of an earlier run does not end (process \(holders)); end it with kill -9, "
        + "then start again")
  }

  /// Makes a directory of this user alone, or finds the one that an earlier run made.
  private func makeShortDirectory(_ short: String) throws {
    guard mkdir(short, 0o700) != 0 else { return }
    var status = stat()
    guard errno == EEXIST, lstat(short, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == getuid(), status.st_mode & 0o077 == 0
    else {
      throw CommandFailure(
        "\(path) is too long for a Unix socket and \(short) belongs to somebody else; "
          + "choose a directory with a shorter path with --data")
    }
  }
}
