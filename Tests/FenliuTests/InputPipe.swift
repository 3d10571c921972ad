import Foundation
import TestSupport

/// A named pipe to a program's standard input.
struct InputPipe {
  private let directory: TemporaryDirectory
  private let descriptor: Int32

  init() throws {
    directory = try TemporaryDirectory()
    guard mkfifo(directory.path("pipe"), 0o600) == 0 else { throw SystemFailure("mkfifo", errno) }
    // Both directions, so that opening does not wait for the program.
    descriptor = open(directory.path("pipe"), O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemFailure("open", errno) }
  }

  func start(_ arguments: String..., on server: RedisServer? = nil) throws -> ChildProcess {
    try ChildProcess(
      "/bin/sh",
      ["-c", "pipe=$1; shift; exec \"$@\" <\"$pipe\"", "sh", directory.path("pipe"), Program.path]
        + arguments,
      environment: Program.variables(server))
  }

  func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
  }

  func close() { Foundation.close(descriptor) }
}
