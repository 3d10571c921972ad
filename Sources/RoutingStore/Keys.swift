public import Routing

/// Every Redis key, spelled once for Swift; `prelude.lua` spells the same ones for the functions.
///
/// All keys of a shard carry its hash tag `{s}`, so that they lie in one slot of a cluster.
public struct Keys: Sendable, Hashable {
  /// What every key begins with; `fl:` unless the user says otherwise.
  public let prefix: String

  /// The default prefix.
  public static let standardPrefix = "fl:"

  /// The keys under a prefix; a `:` is added if it does not end with one. Empty means the default.
  public init(prefix: String = Keys.standardPrefix) {
    self.prefix = prefix.isEmpty ? Keys.standardPrefix : prefix.hasSuffix(":") ? prefix : prefix + ":"
  }

  /// Hash: `shards`, `partitions`; `durability`, `replicas` where they were chosen.
  public var topology: String { prefix + "topology" }

  /// The keys of one shard.
  public func shard(_ index: Int) -> ShardKeys { ShardKeys(prefix: prefix, index: index) }
}

/// The keys of one shard.
public struct ShardKeys: Sendable, Hashable {
  /// Which shard, from 0.
  public let index: Int
  /// `fl:{s}`: the first key of every function call; all others are spelled from it.
  public let tag: String

  /// The keys of shard `index` under `prefix`.
  public init(prefix: String, index: Int) {
    self.index = index
    tag = "\(prefix){\(index)}"
  }

  /// List: inbound events.
  public func inbox(_ partition: Int) -> String { "\(tag):in:\(partition)" }
  /// Hash: `owner`, `epoch`, `position`, `renewal`, strikes, and a field `s:SOURCE` for each source.
  public func lease(_ partition: Int) -> String { "\(tag):lease:\(partition)" }
  /// List: commands for a gateway, oldest first.
  public func outbox(_ gateway: GatewayID) -> String { "\(tag):out:\(gateway)" }
  /// List: commands held back until replicas have them, as `GATEWAY COMMAND`; see `held.lua`.
  public var held: String { tag + ":held" }
  /// List: rejected events.
  public var dead: String { tag + ":dead" }
  /// List: what each step wrote, where an audit is kept; see `audit.lua`.
  public var audit: String { tag + ":audit" }
  /// Hash: `n`, the number of the audit's last entry. Not in a lease: who applies configurations may not write there.
  public var audited: String { tag + ":audited" }
  /// Sorted set: timers `KIND:SHOP:ID` by due time.
  public var due: String { tag + ":due" }
  /// Hash: worker → number of its beats.
  public var members: String { tag + ":members" }
  /// Hash: gateway → `seq` of its last command.
  public var gateways: String { tag + ":gateways" }
  /// Hash: gateway → how many of its commands were dropped untaken; those whose outbox was once half full.
  public var dropped: String { tag + ":dropped" }
  /// List: facts that no counter has yet; see `facts.lua`.
  public var facts: String { tag + ":facts" }
  /// Sorted set: shop → version of its configuration.
  public var shops: String { tag + ":shops" }
  /// Hash: `partitions`, `inbox_limit`: what `fl_push` needs to know; `durability`, `replicas`; to which history the
  /// data belongs: `generation`, `dataset`, `succession`, `lost_at`; and `releases`, a count that `held.lua` needs.
  public var settings: String { tag + ":settings" }

  /// The keys of one shop.
  public func shop(_ shop: ShopID) -> ShopKeys { ShopKeys(base: "\(tag):\(shop):") }
}

/// The keys of one shop.
public struct ShopKeys: Sendable, Hashable {
  /// `fl:{s}:SHOP:`
  public let base: String

  /// Hash: `version`, `document`, `settled`, the settings that functions read, and `stamp`, a digest of these.
  public var config: String { base + "config" }
  /// Hash with a time to live: a document on its way to being `config`, by a token of whoever applies it.
  public func configToCome(_ token: String) -> String { base + "config:" + token }
  /// Sorted set: the groups that have a record.
  public var groups: String { base + "groups" }
  /// Sorted set: the agents that have a record.
  public var agents: String { base + "agents" }
  /// Hash: the settings of a group and the sums over its online agents.
  public func group(_ group: GroupID) -> String { base + "group:" + group.rawValue }
  /// Sorted set: waiting conversations in the order of service.
  public func wait(_ group: GroupID) -> String { base + "wait:" + group.rawValue }
  /// Sorted set: agents who can take one more, best first.
  public func ready(_ group: GroupID) -> String { base + "ready:" + group.rawValue }
  /// Sorted set: online agents without room, by share of capacity used.
  public func busy(_ group: GroupID) -> String { base + "busy:" + group.rawValue }
  /// Sorted set: conversations that wait elsewhere and are offered to this group too.
  public func offer(_ group: GroupID) -> String { base + "offer:" + group.rawValue }
  /// Sorted set: conversations whose turn came and of whom nothing was heard.
  public func parked(_ group: GroupID) -> String { base + "parked:" + group.rawValue }
  /// Sorted set, under the order `credit` only: a group's waiting conversations of one level by time of queueing.
  public func level(_ group: GroupID, _ level: Level) -> String {
    base + "level:\(group.rawValue):\(level.rawValue)"
  }
  /// Sorted set: conversations that wait for this agent only.
  public func agentWanted(_ agent: AgentID) -> String { base + "agent:" + agent.rawValue + ":wanted" }
  /// Sorted set: `CONVERSATION:GROUP:UNITS` of slots in wrap-up, by their end; with `:2` and so on where a conversation
  /// ended more than once.
  public func agentWrap(_ agent: AgentID) -> String { base + "agent:" + agent.rawValue + ":wrap" }
  /// List: what a customer said while the assistant had the conversation, or while it waited and no rule matched.
  public func conversationTexts(_ conversation: ConversationID) -> String {
    base + "conv:" + conversation.rawValue + ":texts"
  }
  /// Hash: counters, as `shop:HOUR` or `group:HOUR:GROUP`.
  public func statistics(_ rest: String) -> String { base + "stats:" + rest }
  /// Hash: an agent.
  public func agent(_ agent: AgentID) -> String { base + "agent:" + agent.rawValue }
  /// Sorted set: the conversations that an agent holds.
  public func agentOpen(_ agent: AgentID) -> String { base + "agent:" + agent.rawValue + ":open" }
  /// Hash: a conversation.
  public func conversation(_ conversation: ConversationID) -> String {
    base + "conv:" + conversation.rawValue
  }
  /// Hash: what is stored of a customer.
  public func customer(_ customer: CustomerID) -> String { base + "customer:" + customer.rawValue }
}
