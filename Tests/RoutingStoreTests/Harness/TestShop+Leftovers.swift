import HiredisClient
import Routing
import RoutingStore

/// What `fl_check` does not look at: that no record carries on what belonged to an earlier state, and that a
/// conversation stands in the lists that its record says and in no other.
extension TestShop {
  private static let fieldsOfWaiting: Set<String> = [
    "waiting_since", "excluded", "excluded_until", "only", "only_reason", "only_until", "offered", "steps",
    "promoted", "relaxed", "estimate", "told", "look_at", "sign_at", "parked_at", "manual", "credit",
  ]

  /// The whole hash of a record: `record("conv:c1")`.
  func record(_ key: String) throws -> [String: String] {
    let flat = try redis("HGETALL", "\(store.shard.tag):\(store.shop):\(key)").array ?? []
    let texts = flat.map { $0.text ?? "?" }
    return Dictionary(
      uniqueKeysWithValues: stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) })
  }

  /// Who stands in a list, in its order: `list("wait:presale")`.
  func list(_ key: String) throws -> [String] {
    try redis("ZRANGE", "\(store.shard.tag):\(store.shop):\(key)", "0", "-1").array?.compactMap(\.text) ?? []
  }

  /// The timers that are set, without those that look after each group for ever.
  var timers: [String] {
    get throws {
      let due = try redis("ZRANGE", "\(store.shard.tag):due", "0", "-1").array ?? []
      return due.compactMap(\.text).filter { !$0.hasPrefix("mend:") }
    }
  }

  /// Every field and place that has outlived its state; empty when all is tidy.
  var leftovers: [String] {
    get throws {
      let prefix = "\(store.shard.tag):\(store.shop):"
      let keys = (try redis("KEYS", prefix + "*").array ?? []).compactMap { $0.text?.dropFirst(prefix.count) }
      var expected: Set<String> = []
      var found: [String] = []
      for key in keys.map(String.init) where key.hasPrefix("conv:") && !key.hasSuffix(":texts") {
        let id = String(key.dropFirst(5))
        let fields = try record(key)
        if fields["state"] == "waiting" {
          expected.formUnion(Self.places(of: id, fields))
        } else {
          for name in fields.keys where Self.fieldsOfWaiting.contains(name) {
            found.append("\(fields["state"] ?? "?") conversation \(id) still has \(name)")
          }
        }
      }
      var actual: Set<String> = []
      for key in keys.map(String.init) where Self.isListOfConversations(key) {
        for id in try list(key) { actual.insert("\(key) \(id)") }
      }
      found += expected.subtracting(actual).map { "missing in " + $0 }
      found += actual.subtracting(expected).map { "left in " + $0 }
      return found.sorted()
    }
  }

  private static func isListOfConversations(_ key: String) -> Bool {
    ["wait:", "offer:", "parked:", "level:"].contains { key.hasPrefix($0) } || key.hasSuffix(":wanted")
  }

  private static func places(of id: String, _ fields: [String: String]) -> [String] {
    let group = fields["group"] ?? "?"
    if fields["parked_at"] != nil { return ["parked:\(group) \(id)"] }
    var places = ["wait:\(group) \(id)"]
    places += (fields["offered"] ?? "").split(separator: " ").map { "offer:\($0) \(id)" }
    if let agent = fields["only"] { places.append("agent:\(agent):wanted \(id)") }
    if fields["credit"] != nil { places.append("level:\(group):\(fields["level"] ?? "?") \(id)") }
    return places
  }
}
