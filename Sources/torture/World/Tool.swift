import Foundation

/// Programs of the system that do one thing and end.
enum Tool {
  /// Runs a command silently; whether it ended well.
  static func run(_ words: [String]) -> Bool {
    guard let child = start(words, output: FileHandle.nullDevice) else { return false }
    child.waitUntilExit()
    return child.terminationStatus == 0
  }

  /// What a command writes, without the last line end; nil if it did not end well.
  static func output(_ words: [String]) -> String? {
    let pipe = Pipe()
    guard let child = start(words, output: pipe) else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    child.waitUntilExit()
    guard child.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  private static func start(_ words: [String], output: Any) -> Process? {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    child.arguments = words
    child.standardInput = FileHandle.nullDevice
    child.standardOutput = output
    child.standardError = FileHandle.nullDevice
    return (try? child.run()) == nil ? nil : child
  }
}
