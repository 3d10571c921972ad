import Foundation

/// The part of the append-only file that grows.
package struct AppendOnlyFile: Sendable {
  /// Where it is.
  package let path: String
  private let folder: String

  /// The newest one in a server's directory.
  package init(in directory: String) throws {
    folder = "\(directory)/appendonlydir"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    guard
      let name = names.filter({ $0.hasSuffix(".incr.aof") }).max(by: {
        $0.count == $1.count ? $0 < $1 : $0.count < $1.count
      })
    else { throw NeverHappened(what: "an append-only file in \(folder)", time: .zero) }
    path = "\(folder)/\(name)"
  }

  /// Its bytes.
  package var size: Int {
    get throws {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return (attributes[.size] as? NSNumber)?.intValue ?? 0
    }
  }

  /// Its number in the file system.
  package var inode: Int {
    get throws {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return (attributes[.systemFileNumber] as? NSNumber)?.intValue ?? 0
    }
  }

  /// Removes a transaction that has no end, as an operator must before Redis starts on a torn file: Redis itself cuts
  /// behind the last whole command, within the transaction, and at its next start executes that part together with
  /// what came behind it (seen with 7.0.15).
  package func mend() async throws {
    // By its whole name: one that falls while it writes a new manifest leaves a second one, with `temp-` before the name.
    let checker = try ChildProcess(
      "redis-check-aof", ["--fix", "\(folder)/appendonly.aof.manifest"], input: "y\n")
    guard try await checker.wait(within: .seconds(60)) == .exited(0) else {
      throw NeverHappened(what: "mending of \(folder)", time: .zero)
    }
  }

  /// Leaves the first bytes and removes the rest.
  package func cut(at length: Int) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: UInt64(length))
    try handle.close()
  }
}
