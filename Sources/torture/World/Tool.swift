import Foundation
import Proving

/// Programs of the system that do one thing and end.
enum Tool {
  /// Compiles a small library to be preloaded; its path, or nil where there is no C compiler.
  static func library(_ name: String, of source: String, in directory: TemporaryDirectory) throws -> String? {
    let (text, library) = (directory.path(name + ".c"), directory.path(name + ".so"))
    try Data(source.utf8).write(to: URL(fileURLWithPath: text))
    let made = ["cc", "clang"].contains { run([$0, "-shared", "-fPIC", "-O1", "-o", library, text]) }
    return made ? library : nil
  }

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
