import HiredisClient
import Routing
import RoutingStore

/// What a supervisor's rules are tried with: shops written as YAML, and customers who say things.
extension TestShop {
  /// Runs `body` with a new shop, configured as a supervisor would, on the suite's server.
  static func run<Result: Sendable>(
    yaml: String, _ name: String = #function,
    _ body: @Sendable (TestShop, isolated RedisConnection) throws -> Result
  ) async throws -> Result {
    try await run(try ShopConfiguration.parse(yaml, file: "shop.yaml"), name, body)
  }

  /// A customer asks for somebody, with all that a gateway may tell.
  func arrive(
    _ conversation: String, customer: String? = nil, text: String? = nil, category: String? = nil,
    channel: String? = nil, params: [String: String] = [:], group: String? = nil, agent: String? = nil,
    name: String? = nil, vip: Bool? = nil, level: Int? = nil, tags: [String]? = nil,
    attributes: [String: Event.AttributeValue]? = nil, gateway: String = "w"
  ) throws {
    let profile = Event.Customer(
      id: CustomerID(unchecked: customer ?? "u-" + conversation), name: name, vip: vip, level: level,
      tags: tags, attributes: attributes)
    let opening = Event.Open(
      conversation: ConversationID(unchecked: conversation), customer: profile,
      gateway: GatewayID(unchecked: gateway), channel: channel, text: text, category: category,
      params: params,
      group: group.map { GroupID(unchecked: $0) }, agent: agent.map { AgentID(unchecked: $0) })
    try play(.open(opening), gateway: gateway)
  }

  /// Somebody says something.
  func say(_ conversation: String, _ from: Event.Speaker = .customer, text: String) throws {
    try play(
      .message(conversation: ConversationID(unchecked: conversation), from: from, text: text, agent: nil))
  }

  func accept(_ conversation: String, by agent: String) throws {
    try play(
      .accept(conversation: ConversationID(unchecked: conversation), agent: AgentID(unchecked: agent)),
      gateway: "w")
  }

  func rate(_ conversation: String, _ score: Int, comment: String? = nil) throws {
    try play(
      .rate(conversation: ConversationID(unchecked: conversation), score: score, comment: comment),
      gateway: "w")
  }

  func update(
    _ customer: String, vip: Bool? = nil, level: Int? = nil, tags: [String]? = nil,
    attributes: [String: Event.AttributeValue]? = nil, dedicated: Event.DedicatedChange = .keep
  ) throws {
    let told = Event.Customer(
      id: CustomerID(unchecked: customer), vip: vip, level: level, tags: tags, attributes: attributes)
    try play(.customerUpdate(customer: told, dedicatedAgent: dedicated))
  }

  func forget(_ customer: String) throws {
    try play(.customerForget(customer: CustomerID(unchecked: customer)))
  }

  func emergency(_ on: Bool, notice: String? = nil) throws { try play(.emergency(on: on, notice: notice)) }

  /// One field of a record in Redis: `field("conv:c1", "level")`.
  func field(_ key: String, _ name: String) throws -> String? {
    let kept = try redis("HGET", "\(store.shard.tag):\(store.shop):\(key)", name).text
    guard kept == nil, key.hasPrefix("conv:") else { return kept }
    return Self.implied(name, by: try record(key))
  }

  /// What a field means that a conversation's record does not have (deploy/routing.md, "Records").
  private static func implied(_ name: String, by record: [String: String]) -> String? {
    switch name {
    case "mode": record.isEmpty ? nil : "human-first"
    case "first_level": record["level"]
    case "queued_at", "asked_at": record["opened_at"]
    case "waiting_since": record["state"] == "waiting" ? record["opened_at"] : nil
    case "assigned_at": record["agent"].flatMap { _ in record["opened_at"] }
    case "waited_ms": record["agent"].map { _ in "0" }
    case "greeted": record["state"] == "active" ? "1" : nil
    case "close_reason": record["state"] == "closed" ? record["closed_by"] : nil
    default: nil
    }
  }

  /// A counter, over all hours: `counted("group", "presale", "assigned")`; the id is empty for the shop.
  func counted(_ kind: String, _ id: String = "", _ counter: String) throws -> Int {
    try redis("FCALL", Functions.work.name + "_facts_fold", "1", store.shard.tag)
    let keys = try redis("KEYS", "\(store.shard.tag):\(store.shop):stats:\(kind):*").array ?? []
    var total: Int64 = 0
    for key in keys.compactMap(\.text) where id.isEmpty || key.hasSuffix(":" + id) {
      total += try redis("HGET", key, counter).integer ?? 0
    }
    return Int(total)
  }

  /// Sets the clock of the shop to a wall-clock time in UTC, which must not be in the past.
  func pass(until moment: Int64) throws { try pass(moment - store.now) }
}
