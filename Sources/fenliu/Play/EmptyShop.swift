import HiredisClient
import Routing
import RoutingStore

/// Makes sure that a play begins in an empty shop: ends what an interrupted play left, and refuses a shop in
/// which somebody else's gateways are at work.
struct EmptyShop {
  let cast: Cast
  let shard: ShardKeys
  let connection: RedisConnection

  /// What ends the leftovers of an earlier play.
  func leftovers() async throws -> [PlayEvent] {
    let shop = shard.shop(cast.shop)
    var events: [PlayEvent] = []
    for agent in try await members(shop.agents).map(AgentID.init(unchecked:)) {
      let fields = try await connection.send("HMGET", shop.agent(agent), "status", "gateway").array
      for id in try await members(shop.agentOpen(agent)) { events.append(try await closing(id)) }
      guard fields?.first?.text != "offline" else { continue }
      try refuseForeign(fields?.last?.text, what: "agent \(agent)")
      events.append(cast.shift(agent, .offline))
    }
    for group in try await members(shop.groups).map(GroupID.init(unchecked:)) {
      for id in try await members(shop.wait(group)) { events.append(try await closing(id)) }
    }
    return events
  }

  private func members(_ key: String) async throws -> [String] {
    (try await connection.send("ZRANGE", key, "0", "-1").array ?? []).compactMap(\.text)
  }

  private func closing(_ id: String) async throws -> PlayEvent {
    let key = shard.shop(cast.shop).conversation(ConversationID(unchecked: id))
    let fields = try await connection.send("HMGET", key, "gateway", "customer").array
    try refuseForeign(fields?.first?.text, what: "conversation \(id)")
    var event = PlayEvent("conversation.close", shop: cast.shop)
    event.conversation = id
    event.by = "supervisor"
    event.routedBy = fields?.last?.text ?? id
    return event
  }

  private func refuseForeign(_ gateway: String?, what: String) throws {
    guard let gateway, ![cast.web.rawValue, cast.desk.rawValue].contains(gateway) else { return }
    throw CommandFailure(
      "shop \(cast.shop) is at work: \(what) belongs to gateway \(gateway). "
        + "A play needs a shop of its own: give it a file with another `shop`")
  }
}
