/// A value of the file, with its place: what is left of YAML once texts, anchors and styles are sorted out.
///
/// Every scalar keeps its text as written. YAML's own reading of it never happens: a group called `no` stays
/// `no`, and `2026-11-11` stays a text until something asks for a date.
struct ConfigurationNode {
  /// Where the value begins; behind an alias, where the anchor stands.
  let place: SourcePlace
  /// What it is.
  let content: Content

  enum Content {
    /// `isPlain` is whether it was written without quotes, as numbers and flags must be.
    case scalar(String, isPlain: Bool)
    case list([ConfigurationNode])
    case mapping([Entry])
  }

  struct Entry {
    let key: String
    let place: SourcePlace
    let value: ConfigurationNode
    /// Set where this may be no key at all but the rest of the text before it; see `SplitTexts`.
    var half: Half?
  }

  /// The second half of a text, if its key is not known.
  struct Half {
    /// What stands between the halves: a comma.
    let joint: String
    /// Where the same key stood before in this mapping; for a key that is known, one too many.
    let earlier: SourcePlace?
  }

  /// Whether nothing was given: `key:` alone, `~`, or `null` as JSON has it.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// Whether this is something written without quotes.
  var isPlainText: Bool {
    guard case .scalar(_, isPlain: true) = content else { return false }
    return !isNull
  }

  /// The value in the words of a problem.
  var inWords: String {
    switch content {
    case .scalar(let text, isPlain: _):
      if isNull { return "nothing" }
      return text.unicodeScalars.count > 40 ? "'\(String(text.unicodeScalars.prefix(40)))…'" : "'\(text)'"
    case .list: return "a list"
    case .mapping: return "a mapping"
    }
  }
}

/// A place in the file.
struct SourcePlace: Hashable, Comparable {
  /// From 1.
  let line: Int
  /// From 1, in Unicode scalars.
  let column: Int

  static let start = SourcePlace(line: 1, column: 1)

  static func < (left: SourcePlace, right: SourcePlace) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// The way to a value: `groups.presale.queue.overflow[2].to`. Only written out when there is a problem,
/// since a large shop has a million values and few problems.
indirect enum KeyTrail: CustomStringConvertible {
  case root
  case key(KeyTrail, String)
  case index(KeyTrail, Int)

  var description: String {
    switch self {
    case .root: ""
    case .key(.root, let key): Self.shown(key)
    case .key(let parent, let key): "\(parent).\(Self.shown(key))"
    case .index(let parent, let index): "\(parent)[\(index)]"
    }
  }

  /// A key comes from the file and may be anything; a problem is one line of readable length.
  private static func shown(_ key: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in key.unicodeScalars.prefix(80) {
      shown.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
    }
    return String(shown) + (key.unicodeScalars.count > 80 ? "…" : "")
  }
}
