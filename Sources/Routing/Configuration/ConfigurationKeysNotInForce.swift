/// Which keys this version checks without acting upon them, so that no option silently does nothing.
///
/// The list names what *is* in force. A key forgotten here is warned of without need, which somebody will notice;
/// the other way round nobody would.
public enum ConfigurationKeysNotInForce {
  /// The keys that this version routes by. `*` is any id, `[]` any element of a list; below a key that is named
  /// without more, everything is in force.
  static let inForce =
    [
      "shop", "timezone", "levels", "default.group", "default.mode", "offline_grace", "heartbeat",
      "capacity_scope",
      "agents.*.name", "agents.*.groups", "agents.*.groups[].group", "agents.*.capacity",
      "retention.conversations", "retention.customers",
    ] + groupKeys.flatMap { ["groups.*.\($0)", "group_defaults.\($0)"] }

  private static let groupKeys = [
    "name", "strategy", "capacity", "idle_timeout", "queue.enabled", "queue.limit", "queue.handle_time",
    "queue.hide",
  ]

  /// Values that are not in force though their keys are.
  static let valuesNotInForce: [String: Set<String>] = [
    "capacity_scope": ["group"],
    "groups.*.strategy": ["most-skilled", "weighted"],
    "group_defaults.strategy": ["most-skilled", "weighted"],
    "groups.*.queue.handle_time": ["measured"],
    "group_defaults.queue.handle_time": ["measured"],
  ]

  /// Keys of which only a part is in force, and which.
  static let partlyInForce = [
    "agents.*.groups[].capacity": "counts only towards the agent's own capacity in this version"
  ]

  /// One warning for each kind of key (`groups.*.hours`) that the file sets and that is not in force, at its first
  /// place; a part of the file of which nothing is in force (`rules`) is named as a whole. `texts` are the places of
  /// what looks like a key and is part of a text.
  static func warnings(
    for root: ConfigurationNode, without texts: Set<SourcePlace>
  ) -> [ConfigurationWarning] {
    var search = Search(texts: texts)
    search.visit(root, InForce.tree, pattern: "", trail: .root)
    return search.found.map(\.warning)
  }
}

/// The keys in force as a tree, so that a file is compared with it in one walk.
private final class InForce: Sendable {
  let children: [String: InForce]
  /// Whether all below is in force.
  let isWhole: Bool

  static let tree = InForce(
    ConfigurationKeysNotInForce.inForce.map { $0.replacing("[]", with: ".[]").split(separator: ".") })

  private init(_ paths: [[Substring]]) {
    isWhole = paths.allSatisfy(\.isEmpty)
    let byFirst = Dictionary(grouping: paths.filter { !$0.isEmpty }, by: { String($0[0]) })
    children = byFirst.mapValues { paths in InForce(paths.map { Array($0.dropFirst()) }) }
  }
}

private struct Search {
  struct Found {
    let pattern: String
    let line: Int
    let keyPath: String
    var others = 0

    var warning: ConfigurationWarning {
      let partly = ConfigurationKeysNotInForce.partlyInForce[pattern]
      let message = partly ?? "is checked but not in force in this version"
      let more = others == 0 ? "" : ", and so for \(others) more of its kind"
      return ConfigurationWarning(line: line, keyPath: keyPath, message: message + more)
    }
  }

  private let texts: Set<SourcePlace>
  private(set) var found: [Found] = []
  private var indices: [String: Int] = [:]

  init(texts: Set<SourcePlace>) { self.texts = texts }

  mutating func visit(_ node: ConfigurationNode, _ known: InForce, pattern: String, trail: KeyTrail) {
    if let values = ConfigurationKeysNotInForce.valuesNotInForce[pattern],
      case .scalar(let text, isPlain: _) = node.content, values.contains(text)
    {
      note(pattern + ": " + text, line: node.place.line) { "\(trail): \(text)" }
    }
    guard !known.isWhole else { return }
    switch node.content {
    case .scalar:
      return
    case .list(let elements):
      guard let child = known.children["[]"] else { return }
      for (index, element) in elements.enumerated() {
        visit(element, child, pattern: pattern + "[]", trail: .index(trail, index))
      }
    case .mapping(let entries):
      for entry in entries where entry.half == nil || !texts.contains(entry.place) {
        let isNamed = known.children["*"] == nil
        let step = isNamed ? entry.key : "*"
        let below = pattern.isEmpty ? step : pattern + "." + step
        if let child = known.children[step] {
          visit(entry.value, child, pattern: below, trail: .key(trail, entry.key))
        } else {
          note(below, line: entry.place.line) { KeyTrail.key(trail, entry.key).description }
        }
      }
    }
  }

  private mutating func note(_ pattern: String, line: Int, keyPath: () -> String) {
    if let index = indices[pattern] {
      found[index].others += 1
    } else {
      indices[pattern] = found.count
      found.append(Found(pattern: pattern, line: line, keyPath: keyPath()))
    }
  }
}
