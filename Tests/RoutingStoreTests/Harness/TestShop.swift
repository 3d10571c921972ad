import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// A shop for state tests: a harness with short ways to say what happens and to look at what is so.
///
/// Each has a private prefix on the suite's server, so tests run side by side.
final class TestShop {
  static let gateway = GatewayID(unchecked: "w")

  let store: StoreHarness
  private let connection: RedisConnection

  init(
    _ name: String, _ configuration: ShopConfiguration, on connection: isolated RedisConnection
  ) throws {
    store = try StoreHarness(configuration, prefix: "fl:\(name):", on: connection)
    self.connection = connection
  }

  /// Runs `body` with a new shop on the suite's server, on a connection's thread.
  static func run<Result: Sendable>(
    _ configuration: ShopConfiguration = .plain(), _ name: String = #function,
    _ body: @Sendable (TestShop, isolated RedisConnection) throws -> Result
  ) async throws -> Result {
    let connection = try await RedisServer.required().connected()
    let prefix = String(name.prefix { $0 != "(" })
    return try await within(connection) { connection in
      try body(try TestShop(prefix, configuration, on: connection), connection)
    }
  }

  private static func within<Result: Sendable>(
    _ connection: isolated RedisConnection,
    _ body: @Sendable (isolated RedisConnection) throws -> Result
  ) throws -> Result {
    try body(connection)
  }

  /// All methods are called on the connection's thread, by the body of `run`; only the compiler cannot see it.
  private func onThread<Result: Sendable>(
    _ body: (StoreHarness, isolated RedisConnection) throws -> Result
  ) throws -> Result {
    nonisolated(unsafe) let store = store
    return try withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      return try connection.assumeIsolated { try body(store, $0) }
    }
  }

  // MARK: What happens

  @discardableResult
  func play(_ kind: Event.Kind, gateway: String? = nil) throws -> CommitReply {
    var event = Event(shop: store.shop, kind: kind)
    event.gateway = gateway.map { GatewayID(unchecked: $0) }
    return try send(event)
  }

  @discardableResult
  func send(_ event: Event) throws -> CommitReply {
    try onThread { store, connection in try store.play(event, on: connection) }
  }

  /// A customer of the same name as the conversation opens it.
  func open(
    _ conversation: String, group: String? = nil, level: Int? = nil, vip: Bool? = nil, gateway: String = "w",
    customer: String? = nil, params: [String: String] = [:]
  ) throws {
    var opening = Event.Open(
      conversation: ConversationID(unchecked: conversation),
      customer: Event.Customer(
        id: CustomerID(unchecked: customer ?? "u-" + conversation), vip: vip, level: level),
      gateway: GatewayID(unchecked: gateway))
    opening.group = group.map { GroupID(unchecked: $0) }
    opening.params = params
    try play(.open(opening), gateway: gateway)
  }

  func online(_ agents: String..., gateway: String = "w") throws {
    for agent in agents {
      try play(
        .agentOnline(agent: AgentID(unchecked: agent), gateway: GatewayID(unchecked: gateway)),
        gateway: gateway)
    }
  }

  func offline(_ agent: String) throws { try play(.agentOffline(agent: AgentID(unchecked: agent))) }

  func pause(_ agent: String) throws { try play(.agentPause(agent: AgentID(unchecked: agent))) }

  func close(_ conversation: String, by: Event.Party = .agent) throws {
    try play(.close(conversation: ConversationID(unchecked: conversation), by: by))
  }

  func say(_ conversation: String, _ from: Event.Speaker, agent: String? = nil) throws {
    try play(
      .message(
        conversation: ConversationID(unchecked: conversation), from: from, text: nil,
        agent: agent.map { AgentID(unchecked: $0) }))
  }

  func transfer(_ conversation: String, to target: Event.TransferTarget, by: Event.Party = .agent) throws {
    try play(
      .transfer(conversation: ConversationID(unchecked: conversation), to: target, by: by, note: nil))
  }

  func handOff(_ conversation: String, reason: String? = nil) throws {
    try play(.handoff(conversation: ConversationID(unchecked: conversation), reason: reason))
  }

  func status(_ conversation: String) throws {
    try play(.status(conversation: ConversationID(unchecked: conversation)))
  }

  /// Time goes on; every timer fires at its moment.
  func pass(_ milliseconds: Int64) throws {
    let end = store.now + milliseconds
    var next = try tick()
    while let due = next, due <= end {
      store.now = max(due, store.now)
      next = try tick()
    }
    store.now = end
    try tick()
  }

  @discardableResult
  private func tick() throws -> Int64? {
    try onThread { store, connection in try store.tick(on: connection).next }
  }

  /// A configuration comes into force and all records follow.
  func apply(_ configuration: ShopConfiguration, settled: Bool = true) throws {
    try onThread { store, connection in
      try store.apply(configuration, on: connection)
      if settled { try store.settleAll(on: connection) }
    }
  }

  // MARK: What is so

  /// Who has each open conversation, "c1 a1" or "c1 waiting g" or "c1 bot", sorted.
  var places: [String] {
    get throws {
      let prefix = "\(store.shard.tag):\(store.shop):conv:"
      let ids = (try redis("KEYS", prefix + "*").array ?? []).compactMap { $0.text?.dropFirst(prefix.count) }
      return try ids.filter { !$0.contains(":") }.sorted().compactMap { id in
        let fields = try redis("HMGET", prefix + id, "state", "group", "agent").array ?? []
        switch fields.first?.text {
        case "closed": return nil
        case "active": return "\(id) \(fields[2].text ?? "?")"
        case "waiting": return "\(id) waiting \(fields[1].text ?? "?")"
        case let state: return "\(id) \(state ?? "?")"
        }
      }
    }
  }

  /// One line of the world, by how it begins.
  func line(_ beginning: String) throws -> String? {
    try look().lines.first { $0.hasPrefix(beginning + " ") }
  }

  /// One field of a conversation, an agent or a group: `value("conv c1", "level")`.
  func value(_ record: String, _ name: String) throws -> String? {
    try line(record).flatMap { Self.field(name, $0) }
  }

  /// The commands since the last look, without numbers and times and without automatic texts, in order for each
  /// gateway.
  func commands(_ gateway: String = "w") throws -> [String] {
    try take(gateway).filter { $0.type != .reply }.map { command in
      command.short.split(separator: " ").dropFirst().filter { !$0.hasPrefix("at=") }.joined(separator: " ")
    }
  }

  /// The automatic texts since the last look, "KIND TEXT", in order.
  func replies(_ gateway: String = "w") throws -> [String] {
    try take(gateway).filter { $0.type == .reply }.map { "\($0.kind ?? "") \($0.text ?? "")" }
  }

  /// All commands since the last look.
  func take(_ gateway: String = "w") throws -> [Command] {
    let outbox = "\(store.shard.tag):out:\(gateway)"
    let rows = try redis("LRANGE", outbox, "0", "-1").array ?? []
    try redis("DEL", outbox)
    let found = untaken.removeValue(forKey: GatewayID(unchecked: gateway)) ?? []
    return try found + rows.map { try CommandDecoder.decode($0.bytes ?? []).get() }
  }

  private var untaken: [GatewayID: [Command]] = [:]

  func look() throws -> World {
    let world = try onThread { store, connection in try store.world(on: connection) }
    for (gateway, commands) in world.commands { untaken[gateway, default: []] += commands }
    return world
  }

  var violations: [String] {
    get throws { try onThread { store, connection in try store.violations(on: connection) } }
  }

  @discardableResult
  func redis(_ words: String...) throws -> RedisValue {
    try onThread { _, connection in try connection.send(words) }
  }

  private static func field(_ name: String, _ line: String) -> String? {
    line.split(separator: " ").first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
  }
}

extension ShopConfiguration {
  /// A shop whose agents, named with their capacities, all serve the groups given (`g`).
  static func plain(
    groups: [String] = ["g"], agents: KeyValuePairs<String, Int> = ["a": 1, "b": 1],
    _ change: (inout ShopConfiguration) -> Void = { _ in }
  ) -> ShopConfiguration {
    let ids = groups.map { GroupID(unchecked: $0) }
    var configuration = ShopConfiguration(
      shop: ShopID(unchecked: "s"), groups: ids.map { GroupConfiguration(id: $0) }, defaultGroup: ids[0])
    for (agent, capacity) in agents { configuration.set(agent, capacity, groups) }
    change(&configuration)
    return configuration
  }

  mutating func set(_ agent: String, _ capacity: Int, _ groups: [String]) {
    let id = AgentID(unchecked: agent)
    agents[id] = AgentConfiguration(
      id: id, groups: groups.map { AgentConfiguration.Membership(group: GroupID(unchecked: $0)) },
      capacity: capacity)
  }

  /// Changes one group, `g` unless said otherwise.
  mutating func change(_ group: String = "g", _ body: (inout GroupConfiguration) -> Void) {
    let id = GroupID(unchecked: group)
    if var found = groups[id] {
      body(&found)
      groups[id] = found
    }
  }
}

extension Event.TransferTarget {
  static func to(agent: String) -> Self { .agent(AgentID(unchecked: agent)) }
  static func to(group: String) -> Self { .group(GroupID(unchecked: group)) }
}
