public import HiredisClient
public import Routing

/// A conversation with all that its record says, for people who ask why it went where it went.
public struct ConversationStory: Sendable, Equatable {
  /// Its shop.
  public var shop: ShopID
  /// The conversation.
  public var conversation: ConversationID
  /// Every field of its record.
  public var fields: [String: String]
  /// While it waits: its place in its group's queue from 1 on, and how many wait there.
  public var place: (rank: Int, waiting: Int)?
  /// While it waits: the agents of its group, in order of id; at most ``agentsShown``.
  public var agents: [Agent]

  /// An agent as far as it matters for a waiting conversation.
  public struct Agent: Sendable, Equatable {
    /// The agent.
    public var id: AgentID
    /// `online`, `paused` or `offline`.
    public var status: String
    /// How much of its capacity is used.
    public var used: Int
    /// Its capacity.
    public var capacity: Int
    /// Its skills by name.
    public var skills: [String: Int]
  }

  /// How many agents are read for a waiting conversation.
  public static let agentsShown = 1_000

  /// Equal when everything is.
  public static func == (left: ConversationStory, right: ConversationStory) -> Bool {
    left.shop == right.shop && left.conversation == right.conversation && left.fields == right.fields
      && left.agents == right.agents && left.place?.rank == right.place?.rank
      && left.place?.waiting == right.place?.waiting
  }
}

extension ConversationStory {
  /// Finds a conversation in the shops of a shard, or in one of them.
  public static func find(
    _ conversation: ConversationID, of shop: ShopID?, shard: ShardKeys,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> [ConversationStory] {
    try connection.turn(to: shard.tag)
    let shops: [ShopID]
    if let shop {
      shops = [shop]
    } else {
      let listed = try connection.send("ZRANGE", shard.shops, "0", "-1")
      shops = (listed.array ?? []).compactMap(\.text).map { ShopID(unchecked: $0) }
    }
    var stories: [ConversationStory] = []
    var reads = RedisPipeline()
    for shop in shops { reads.append("HGETALL", shard.shop(shop).conversation(conversation)) }
    for (shop, record) in zip(shops, try connection.pipeline(reads)) {
      let fields = try pairs(record)
      guard !fields.isEmpty else { continue }
      stories.append(try story(conversation, shop, fields, shard: shard, on: connection))
    }
    return stories
  }

  private static func story(
    _ conversation: ConversationID, _ shop: ShopID, _ fields: [String: String], shard: ShardKeys,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> ConversationStory {
    var story = ConversationStory(
      shop: shop, conversation: conversation, fields: fields, place: nil, agents: [])
    guard fields["state"] == "waiting", let name = fields["group"] else { return story }
    let keys = shard.shop(shop)
    let group = GroupID(unchecked: name)
    let rank = try connection.send("ZRANK", keys.wait(group), conversation.rawValue).integer
    let waiting = try connection.send("ZCARD", keys.wait(group)).integer ?? 0
    story.place = rank.map { (Int($0) + 1, Int(waiting)) }
    let rows = try connection.call(
      "fl_agents", keys: [shard.tag], arguments: [shop.rawValue, name, String(agentsShown)], readOnly: true)
    let ids = (rows.array ?? []).compactMap { $0.array?.first?.text }.map { AgentID(unchecked: $0) }
    var reads = RedisPipeline()
    for id in ids { reads.append("HGETALL", keys.agent(id)) }
    for (id, record) in zip(ids, try connection.pipeline(reads)) {
      let agent = try pairs(record)
      story.agents.append(
        Agent(
          id: id, status: agent["status"] ?? "offline", used: agent["used"].flatMap { Int($0) } ?? 0,
          capacity: agent["capacity"].flatMap { Int($0) } ?? 0, skills: skills(agent["skills"] ?? "")))
    }
    return story
  }

  private static func pairs(_ reply: RedisValue) throws(RedisError) -> [String: String] {
    if case .error(let error) = reply { throw .server(error) }
    let texts = (reply.array ?? []).map { $0.text ?? "" }
    var pairs: [String: String] = [:]
    for index in stride(from: 0, to: texts.count - 1, by: 2) { pairs[texts[index]] = texts[index + 1] }
    return pairs
  }

  /// `NAME:NUMBER NAME:NUMBER …`
  public static func skills(_ text: String) -> [String: Int] {
    var skills: [String: Int] = [:]
    for word in text.split(separator: " ") {
      let parts = word.split(separator: ":")
      if parts.count == 2 { skills[String(parts[0])] = Int(parts[1]) }
    }
    return skills
  }
}
