import Foundation

/// On what a run was done, for the line above its table.
struct Circumstances: Sendable {
  private let begin = Date()
  private let load = Self.firstWords(1, of: "/proc/loadavg")

  /// A sentence in Markdown.
  func text(_ arguments: [String], seed: UInt64) -> String {
    let words = arguments.contains("--seed") ? arguments : arguments + ["--seed", "\(seed)"]
    let call = (["scripts/torture"] + words).joined(separator: " ")
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return "`\(call)` on \(date), commit \(commit), \(build) build, \(system), \(redis), \(cores) cores, "
      + "load at the beginning \(load ?? "not known"):"
  }

  private var date: String {
    let form = DateFormatter()
    form.locale = Locale(identifier: "en_GB")
    form.dateFormat = "d MMMM yyyy"
    return form.string(from: begin)
  }

  private var commit: String {
    guard let commit = Tool.output(["git", "rev-parse", "--short", "HEAD"]) else { return "not known" }
    let changes = Tool.output(["git", "status", "--porcelain", "--untracked-files=no"]) ?? ""
    return commit + (changes.isEmpty ? "" : " with changes")
  }

  private var build: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }

  private var system: String {
    let lines = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8))?.split(separator: "\n")
    let name = lines?.first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst(12)
    return name.map { $0.filter { $0 != "\"" } } ?? "a system without a name"
  }

  private var redis: String {
    let words = Tool.output(["redis-server", "--version"])?.split(separator: " ") ?? []
    return "Redis " + (words.first { $0.hasPrefix("v=") }?.dropFirst(2) ?? "of no known version")
  }

  private static func firstWords(_ count: Int, of path: String) -> String? {
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    return text?.split(separator: " ").prefix(count).joined(separator: " ")
  }
}
