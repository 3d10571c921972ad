/// What a key of a shard is for. `Keys.swift` and `prelude.lua` spell the keys; this reads them back.
enum AuditedKey: Hashable {
  case inbox(Int)
  case lease(Int)
  case outbox(String)
  /// Commands that wait for replicas.
  case heldBack
  case dead
  case due
  case facts
  case gateways
  case dropped
  case shops
  /// Written by workers' beats, by people, by whoever is about to apply a configuration, and by the audit itself: not
  /// part of what entries tell.
  case aside
  case config(shop: String)
  case groups(shop: String)
  case agents(shop: String)
  case group(Name)
  case ready(Name)
  case busy(Name)
  case agent(Name)
  /// The conversations that an agent holds.
  case held(Name)
  case wrap(Name)
  /// A list in which conversations wait, and which of the kinds it is.
  case waiting(Waiting, Name)
  case conversation(Name)
  case texts(Name)
  case customer(Name)
  case statistics
  case unknown

  /// Something of a shop: a group, an agent, a conversation.
  struct Name: Hashable {
    var shop: String
    var id: String
  }

  /// The lists in which a waiting conversation stands.
  enum Waiting: Hashable {
    /// Its group's, in the order of service.
    case wait
    /// Of a group that it is offered to.
    case offer
    /// Its group's, of those of whom nothing was heard.
    case parked
    /// Its group's and level's, under the order `credit`.
    case level
    /// Of the agent whom it waits for.
    case wanted
  }

  /// The meaning of a key, given without the shard's tag and the colon behind it: `in:3`, `acme:conv:c`.
  init(_ key: Substring) {
    let parts = key.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    switch (parts.count, parts[0]) {
    case (1, "dead"): self = .dead
    case (1, "held"): self = .heldBack
    case (1, "due"): self = .due
    case (1, "facts"): self = .facts
    case (1, "gateways"): self = .gateways
    case (1, "dropped"): self = .dropped
    case (1, "shops"): self = .shops
    case (1, "audit"), (1, "audited"), (1, "members"), (1, "settings"): self = .aside
    case (2, "in"): self = Int(parts[1]).map { .inbox($0) } ?? .unknown
    case (2, "lease"): self = Int(parts[1]).map { .lease($0) } ?? .unknown
    case (2, "out"): self = .outbox(parts[1])
    case (2, let shop): self = Self.ofShop(shop, parts[1])
    case (3, let shop): self = Self.record(parts[1], Name(shop: shop, id: parts[2]))
    case (4, let shop): self = Self.part(parts[1], Name(shop: shop, id: parts[2]), parts[3])
    case (5, _) where parts[1] == "stats": self = .statistics
    default: self = .unknown
    }
  }

  private static func ofShop(_ shop: String, _ kind: String) -> AuditedKey {
    switch kind {
    case "config": .config(shop: shop)
    case "groups": .groups(shop: shop)
    case "agents": .agents(shop: shop)
    default: .unknown
    }
  }

  private static func record(_ kind: String, _ name: Name) -> AuditedKey {
    switch kind {
    case "group": .group(name)
    case "ready": .ready(name)
    case "busy": .busy(name)
    case "agent": .agent(name)
    case "wait": .waiting(.wait, name)
    case "offer": .waiting(.offer, name)
    case "parked": .waiting(.parked, name)
    case "conv": .conversation(name)
    case "customer": .customer(name)
    case "config": .aside
    default: .unknown
    }
  }

  private static func part(_ kind: String, _ name: Name, _ part: String) -> AuditedKey {
    switch (kind, part) {
    case ("agent", "open"): .held(name)
    case ("agent", "wrap"): .wrap(name)
    case ("agent", "wanted"): .waiting(.wanted, name)
    case ("conv", "texts"): .texts(name)
    case ("level", _): .waiting(.level, name)
    case ("stats", _): .statistics
    default: .unknown
    }
  }
}

/// The keys of one shard, by its tag.
struct AuditedKeys {
  /// `fl:{0}:`
  let base: String

  init(tag: String) { base = tag + ":" }

  /// What a key is for; `unknown` for one that is not the shard's.
  func meaning(of key: String) -> AuditedKey {
    key.hasPrefix(base) ? AuditedKey(key.dropFirst(base.utf8.count)) : .unknown
  }

  func lease(_ partition: Int) -> String { "\(base)lease:\(partition)" }
  var due: String { base + "due" }
  var gateways: String { base + "gateways" }
  var dropped: String { base + "dropped" }
  func config(_ shop: String) -> String { base + shop + ":config" }
  func group(_ name: AuditedKey.Name) -> String { key(name, "group") }
  func agent(_ name: AuditedKey.Name) -> String { key(name, "agent") }
  func held(_ agent: AuditedKey.Name) -> String { key(agent, "agent") + ":open" }
  func wrap(_ agent: AuditedKey.Name) -> String { key(agent, "agent") + ":wrap" }
  func wanted(_ agent: AuditedKey.Name) -> String { key(agent, "agent") + ":wanted" }
  func conversation(_ name: AuditedKey.Name) -> String { key(name, "conv") }
  func customer(_ name: AuditedKey.Name) -> String { key(name, "customer") }
  func wait(_ group: AuditedKey.Name) -> String { key(group, "wait") }
  func offer(_ group: AuditedKey.Name) -> String { key(group, "offer") }
  func parked(_ group: AuditedKey.Name) -> String { key(group, "parked") }
  func ready(_ group: AuditedKey.Name) -> String { key(group, "ready") }
  func busy(_ group: AuditedKey.Name) -> String { key(group, "busy") }
  func level(_ group: AuditedKey.Name, _ level: Int) -> String { key(group, "level") + ":\(level)" }

  private func key(_ name: AuditedKey.Name, _ kind: String) -> String {
    base + name.shop + ":" + kind + ":" + name.id
  }
}
