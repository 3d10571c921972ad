import Foundation
import HiredisClient
import Routing

/// A history on which model and store differ, made as short as it can be within bounds, as text for a person.
enum Failure {
  /// How often a history is played again to make it shorter.
  static let replays = 200

  static func report(
    _ history: History, _ difference: Replay.Difference, seed: UInt64, on connection: isolated RedisConnection
  ) throws -> String {
    // Statistics are looked at rarely; the first step after which they differ is found by looking always.
    var known = try Replay.play(history, longLooks: 1, on: connection) ?? difference
    var short = history
    var shrinking = Shrinking<History.Step>(budget: replays)
    short.steps = try shrinking.shrunk(Array(history.steps[...known.step])) { steps in
      var shorter = history
      shorter.steps = steps
      guard let found = try Replay.play(shorter, longLooks: 1, on: connection) else { return nil }
      known = found
      return found.step
    }
    let final = try Replay.play(short, longLooks: 1, on: connection) ?? known
    return """
      seed \(seed): model and store differ (FENLIU_SEED=\(seed) repeats it); \
      \(history.steps.count) steps made \(short.steps.count)
      \(final.lines.joined(separator: "\n"))

      The events, in \(keep("events.jsonl", short.eventLines.joined(separator: "\n") + "\n", seed)):
      \(short.eventLines.joined(separator: "\n"))

      The configuration, in \(keep("shop.yaml", short.text, seed)):
      \(short.text)
      What else happens:
      \(short.otherLines.joined(separator: "\n"))
      """
  }

  /// Writes a file that `fenliu` can read; gives its path.
  private static func keep(_ name: String, _ text: String, _ seed: UInt64) -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fenliu-history-\(seed)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent(name)
    guard (try? text.write(to: file, atomically: true, encoding: .utf8)) != nil else { return "no file" }
    return file.path
  }
}
