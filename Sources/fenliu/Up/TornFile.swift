import Foundation
import Logging

/// The append-only file of a private Redis whose machine fell while it wrote.
///
/// Redis' own cure, to cut behind the last whole command, can leave half of a transaction in the file: the next start
/// leaves it out, and the one after that executes it together with what was written since (seen with 7.0.15). So
/// `redis-check-aof --fix`, which cuts before the transaction, goes over the file before Redis starts.
struct TornFile {
  let directory: DataDirectory
  let logger: Logger

  private var folder: String { "\(directory.path)/appendonlydir" }
  /// By its whole name: a fall may leave one with `temp-` before it.
  private var manifest: String { "\(folder)/appendonly.aof.manifest" }
  private var report: String { "\(directory.path)/check.log" }

  /// Looks at the file and mends its end where that is torn. What is cut off is kept beside it.
  ///
  /// - Throws: ``CommandFailure`` for damage that is not at the end: to cut there would take more than a fall did.
  func mend() async throws {
    guard FileManager.default.fileExists(atPath: manifest) else { return }
    guard let checker = Executables.find("redis-check-aof") else {
      logger.warning(
        "redis-check-aof is not there (Debian: redis-tools): whether the data is torn was not looked at")
      return
    }
    defer { unlink(report) }
    guard try await check([checker, manifest]) != .exited(0) else { return }
    // Where it cannot say what is wrong, Redis may.
    guard let damage = damage(), try isLast(damage.file) else { return }
    let path = "\(folder)/\(damage.file)"
    let tail = try tail(of: path, from: damage.whole)
    guard TornTail.isTorn(tail) else {
      throw CommandFailure(
        """
        \(path) is damaged at byte \(damage.whole), and \(tail.count) bytes follow. That is not what a fall of the machine \
        leaves at the end of a file, so nothing was changed. Keep a copy of \(directory.path); then \
        `redis-check-aof --fix \(manifest)` cuts the file there
        """)
    }
    let kept = "\(directory.path)/torn-\(Int(Date().timeIntervalSince1970 * 1_000)).aof"
    try Data(tail).write(to: URL(fileURLWithPath: kept))
    guard try await check(["/bin/sh", "-c", #"echo y | "$0" --fix "$1""#, checker, manifest]) == .exited(0)
    else {
      throw CommandFailure("redis-check-aof could not mend \(path): \(said().suffix(300))")
    }
    logger.warning(
      """
      the data ended in the middle of a write, as after a fall of the machine: the last \(tail.count) bytes, which make no \
      whole step, were cut off and are kept in \(kept)
      """)
  }

  /// Runs the checker; what it says goes to ``report``.
  private func check(_ words: [String]) async throws -> ManagedProcess.Exit {
    unlink(report)
    let process = try await ManagedProcess.start(
      words[0], Array(words.dropFirst()), log: report, inheriting: directory.serverLock.descriptor)
    return await process.end()
  }

  private func said() -> String {
    String(decoding: FileManager.default.contents(atPath: report) ?? Data(), as: UTF8.self)
  }

  /// Which file is not whole, and how much of it is: from `AOF analyzed: filename=…, size=…, ok_up_to=…, … diff=…`.
  private func damage() -> (file: String, whole: Int)? {
    for line in said().split(separator: "\n") where line.hasPrefix("AOF analyzed: ") {
      var values: [Substring: Substring] = [:]
      for part in line.dropFirst(14).split(separator: ", ") {
        let pair = part.split(separator: "=", maxSplits: 1)
        if pair.count == 2 { values[pair[0]] = pair[1] }
      }
      guard values["diff"] != "0", let file = values["filename"],
        let whole = values["ok_up_to"].flatMap({ Int($0) })
      else { continue }
      return (String(file), whole)
    }
    return nil
  }

  /// Whether a file is the one that Redis wrote to last: `file NAME seq N type i`, the last such line.
  private func isLast(_ file: String) throws -> Bool {
    let lines = try String(contentsOfFile: manifest, encoding: .utf8).split(separator: "\n")
    return lines.last { $0.hasSuffix(" type i") }?.hasPrefix("file \(file) ") ?? false
  }

  private func tail(of path: String, from start: Int) throws -> [UInt8] {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    try handle.seek(toOffset: UInt64(start))
    return [UInt8](try handle.readToEnd() ?? Data())
  }
}
