/// One thing wrong with a configuration, and where.
public struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
  /// The file, as the caller named it.
  public var file: String
  /// From 1.
  public var line: Int
  /// From 1, in Unicode scalars.
  public var column: Int
  /// The key, as `groups.presale.queue.limit` or `rules[2].who`; empty for the file as a whole.
  public var keyPath: String
  /// What is wrong and what was expected.
  public var message: String
  /// What may have been meant.
  public var suggestion: String?
  /// The line of the file, for pointing at the place.
  public var sourceLine: String

  /// Makes a problem.
  public init(
    file: String, line: Int, column: Int, keyPath: String, message: String, suggestion: String? = nil,
    sourceLine: String = ""
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.keyPath = keyPath
    self.message = message
    self.suggestion = suggestion
    self.sourceLine = sourceLine
  }

  /// `shop.yaml:12:7: groups.presale.queue.limt: unknown key; did you mean 'limit'?`, and below it the line
  /// with a caret under the place.
  public var description: String {
    var text = "\(file):\(line):\(column): "
    if !keyPath.isEmpty { text += "\(keyPath): " }
    text += message
    if let suggestion { text += "; did you mean '\(suggestion)'?" }
    let excerpt = SourceExcerpt(line: sourceLine, column: column)
    if !excerpt.text.isEmpty { text += "\n  \(excerpt.text)\n  \(excerpt.caret)" }
    return text
  }
}

/// Everything wrong with a configuration, in file order.
public struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
  /// The first problems, at most `most`.
  public var problems: [ConfigurationProblem]
  /// How many more there were at least.
  public var omitted: Int

  /// How many problems are told at once.
  public static let most = 50

  /// Makes an error of problems.
  public init(problems: [ConfigurationProblem], omitted: Int = 0) {
    self.problems = problems
    self.omitted = omitted
  }

  /// The problems one below the other.
  public var description: String {
    var lines = problems.map(\.description)
    if omitted > 0 { lines.append("and at least \(omitted) more") }
    return lines.joined(separator: "\n")
  }
}
