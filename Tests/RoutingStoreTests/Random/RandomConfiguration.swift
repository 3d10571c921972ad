import Routing

/// One configuration of a random shop: the text of a file, piece by piece, so that pieces can change.
struct RandomConfiguration {
  /// Top-level keys without groups, agents and rules.
  var keys: [String: Yaml] = [:]
  var groups: [(id: String, settings: Yaml)] = []
  var agents: [String: Yaml] = [:]
  var rules: [Yaml] = []

  /// The file, a line for each group, agent and rule.
  var text: String {
    var lines = ["shop: \(RandomShop.shop)"]
    lines += keys.sorted { $0.key < $1.key }.map { "\($0): \($1.flow)" }
    lines += ["groups:"] + groups.map { "  \($0): \($1.flow)" }
    if !agents.isEmpty { lines.append("agents:") }
    lines += agents.sorted { $0.key < $1.key }.map { "  \($0): \($1.flow)" }
    if !rules.isEmpty { lines.append("rules:") }
    lines += rules.map { "  - \($0.flow)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Which keys it gives, ids as `*`.
  var paths: Set<String> {
    var paths: Set<String> = ["shop"]
    for (key, value) in keys {
      if key == "schedules", case .entries(let schedules) = value {
        paths.formUnion(schedules.flatMap { $0.value.paths("schedules.*") })
      } else {
        paths.formUnion(value.paths(key))
      }
    }
    paths.formUnion(groups.flatMap { $1.paths("groups.*") })
    paths.formUnion(agents.values.flatMap { $0.paths("agents.*") })
    paths.formUnion(rules.flatMap { $0.paths("rules[]") })
    return paths
  }

  /// What the router makes of it.
  func parsed() throws -> ShopConfiguration { try ShopConfiguration.parse(text, file: "random.yaml") }
}
