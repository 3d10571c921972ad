/// A piece of a configuration, as a tree: written as text, and asked which keys it has.
indirect enum Yaml {
  /// Written as it stands, quotation marks included.
  case plain(String)
  case list([Yaml])
  case entries([Entry])

  struct Entry {
    let key: String
    let value: Yaml
  }

  static func map(_ entries: [(String, Yaml)]) -> Yaml {
    .entries(entries.map { Entry(key: $0, value: $1) })
  }

  static func number(_ value: Int) -> Yaml { .plain("\(value)") }
  static func words(_ words: [String]) -> Yaml { .list(words.map { .plain($0) }) }

  /// In one line.
  var flow: String {
    switch self {
    case .plain(let text): text
    case .list(let elements): "[" + elements.map(\.flow).joined(separator: ", ") + "]"
    case .entries(let entries):
      "{" + entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", ") + "}"
    }
  }

  /// The keys and below, as in `queue.overflow[].after`.
  func paths(_ prefix: String) -> [String] {
    switch self {
    case .plain: [prefix]
    case .list(let elements): elements.isEmpty ? [prefix] : elements.flatMap { $0.paths(prefix + "[]") }
    case .entries(let entries):
      entries.isEmpty
        ? [prefix] : entries.flatMap { $0.value.paths(prefix.isEmpty ? $0.key : prefix + "." + $0.key) }
    }
  }
}
