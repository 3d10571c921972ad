import Yams

/// What Yams says of a text that is no YAML, with a hint for the mistakes that people make most.
struct YamlProblem {
  private let place: SourcePlace?
  private let message: String

  init(_ error: any Error) {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, yaml: _),
      YamlError.parser(let context, let problem, let mark, yaml: _),
      YamlError.composer(let context, let problem, let mark, yaml: _):
      place = SourcePlace(line: mark.line, column: mark.column)
      let text = problem.drop { $0 == " " }
      message = "no valid YAML: " + (context.map { "\($0.text), " } ?? "") + text
    case YamlError.reader(let problem, offset: _, value: _, yaml: _):
      place = nil
      message = "no valid YAML: \(problem)"
    default:
      place = nil
      message = "no valid YAML: \(error)"
    }
  }

  func report(to problems: ProblemCollector, text: String) {
    let lines = SourceLines(text)
    // libYAML names some errors at the very end, one line beyond the last.
    let place = place ?? Self.firstUnreadable(in: text, lines)
    let line = lines.text(ofLine: place.line).unicodeScalars
    let character = line.dropFirst(place.column - 1).first
    problems.report(at: place, .root, message + hint(at: character))
  }

  private func hint(at character: Unicode.Scalar?) -> String {
    if message.contains("cannot start any token") {
      if character == "\t" { return " (YAML is indented with spaces, not tabs)" }
      return " (a text that begins so must be quoted)"
    }
    if message.contains("mapping values are not allowed") {
      return " (check the indentation; a text that contains ': ' must be quoted)"
    }
    if message.contains("alphabetic or numeric character") || message.contains("undefined alias") {
      return " (a text that begins with * or & must be quoted)"
    }
    if message.contains("invalid Unicode character escape code") {
      return " (write the character itself instead of \\uD83D\\uDE00 and the like)"
    }
    if message.contains("another document") { return " (one file holds one shop)" }
    return ""
  }

  /// Where the first character stands that YAML's character set leaves out.
  private static func firstUnreadable(in text: String, _ lines: SourceLines) -> SourcePlace {
    var offset = 0
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x80..<0x85, 0x86..<0xA0, 0xFEFF, 0xFFFE, 0xFFFF: return lines.place(ofOffset: offset)
      default: offset += scalar.utf8.count
      }
    }
    return .start
  }
}
