/// A piece of a configuration, as a tree: written as text, and asked which keys it has.
indirect enum Yaml {
  /// Written as it stands, quotation marks included.
  case plain(String)
  case list([Yaml])
  case map([(String, Yaml)])

  static func number(_ value: Int) -> Yaml { .plain("\(value)") }
  static func words(_ words: [String]) -> Yaml { .list(words.map { .plain($0) }) }

  /// In one line.
  var flow: String {
    switch self {
    case .plain(let text): text
    case .list(let elements): "[" + elements.map(\.flow).joined(separator: ", ") + "]"
    case .map(let entries): "{" + entries.map { "\($0): \($1.flow)" }.joined(separator: ", ") + "}"
    }
  }

  /// The keys and below, as in `queue.overflow[].after`.
  func paths(_ prefix: String) -> [String] {
    switch self {
    case .plain: [prefix]
    case .list(let elements): elements.isEmpty ? [prefix] : elements.flatMap { $0.paths(prefix + "[]") }
    case .map(let entries):
      entries.isEmpty ? [prefix] : entries.flatMap { $1.paths(prefix.isEmpty ? $0 : prefix + "." + $0) }
    }
  }
}
