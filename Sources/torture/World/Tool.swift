import Foundation

/// Programs of the system that do one thing and end.
enum Tool {
  /// Runs a command silently; whether it ended well.
  static func run(_ words: [String]) -> Bool {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    child.arguments = words
    child.standardInput = FileHandle.nullDevice
    child.standardOutput = FileHandle.nullDevice
    child.standardError = FileHandle.nullDevice
    guard (try? child.run()) != nil else { return false }
    child.waitUntilExit()
    return child.terminationStatus == 0
  }
}
