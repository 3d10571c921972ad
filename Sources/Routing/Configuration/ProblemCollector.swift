/// Gathers what is wrong with one file, wherever it is noticed.
///
/// A class, because the reader's many small functions all report to the same one.
final class ProblemCollector {
  private struct Found {
    let place: SourcePlace
    let trail: KeyTrail
    let message: String
    let suggestion: String?
  }

  /// Enough to choose the first fifty in file order from, without keeping a million of the same kind.
  private static let keptAtMost = 1_000

  private var found: [Found] = []
  private var dropped = 0

  /// Whether nothing is wrong so far.
  var isEmpty: Bool { found.isEmpty }

  /// Whether so much is wrong that looking for suggestions is no longer worth its time.
  var isCrowded: Bool { found.count > 4 * ConfigurationErrors.most }

  /// Notes a problem.
  func report(at place: SourcePlace, _ trail: KeyTrail, _ message: String, suggestion: String? = nil) {
    guard found.count < Self.keptAtMost else {
      dropped += 1
      return
    }
    found.append(Found(place: place, trail: trail, message: message, suggestion: suggestion))
  }

  /// Notes that a key is there for the second time.
  func reportSecond(at place: SourcePlace, _ trail: KeyTrail, first: SourcePlace) {
    report(at: place, trail, "the key is given twice; the first time is on line \(first.line)")
  }

  /// The problems in file order, the first fifty of them, or nil if there are none.
  func errors(in text: String, file: String) -> ConfigurationErrors? {
    guard !found.isEmpty else { return nil }
    let lines = SourceLines(text)
    // Stable for problems at the same place: in the order in which they were noticed.
    let ordered = found.enumerated().sorted {
      ($0.element.place, $0.offset) < ($1.element.place, $1.offset)
    }
    let problems = ordered.prefix(ConfigurationErrors.most).map { _, found in
      ConfigurationProblem(
        file: file, line: found.place.line, column: found.place.column,
        keyPath: found.trail.description, message: found.message, suggestion: found.suggestion,
        sourceLine: lines.text(ofLine: found.place.line))
    }
    return ConfigurationErrors(problems: problems, omitted: ordered.count - problems.count + dropped)
  }
}
