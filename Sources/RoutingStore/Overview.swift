public import Routing

/// How things stand under one prefix at one moment: what operators look at.
public struct Overview: Sendable, Equatable {
  /// The server's time.
  public var at = Moment(0)
  /// Shards and partitions; the standard ones while none are set.
  public var topology = Topology.standard
  /// Every partition, by shard and number.
  public var partitions: [Partition] = []
  /// Every worker that has signed in and has neither left nor been dropped, by name.
  public var workers: [Worker] = []
  /// How many commands are held back in all shards until replicas have them.
  public var heldBack: Int64 = 0
  /// How many dead letters there are in all shards.
  public var deadLetters = 0
  /// What waits for each gateway, by shard and name.
  public var outboxes: [Outbox] = []
  /// Every configured shop, by name.
  public var shops: [Shop] = []

  /// No shard, no shop.
  public init() {}

  /// A partition of a shard's inbound events.
  public struct Partition: Sendable, Equatable {
    /// The shard.
    public var shard: Int
    /// The partition.
    public var partition: Int
    /// The worker that holds it, if one does.
    public var owner: String?
    /// Grows with each taking over.
    public var epoch: Int64
    /// How many events have been applied.
    public var position: Int64
    /// How many events wait.
    public var backlog: Int64
  }

  /// A worker.
  public struct Worker: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// How often it has signed in, over all shards; stands still when it is dead or frozen.
    public var beats: Int64
    /// How many partitions it holds.
    public var partitions: Int
  }

  /// The commands for a gateway.
  public struct Outbox: Sendable, Equatable {
    /// The shard.
    public var shard: Int
    /// The gateway.
    public var gateway: GatewayID
    /// How many commands it has not taken; at most ``Outboxes/bound``.
    public var length: Int64
    /// How many were dropped untaken since there is the gateway: the oldest, when the outbox was full.
    public var dropped: Int64

    /// Makes one.
    public init(shard: Int, gateway: GatewayID, length: Int64, dropped: Int64 = 0) {
      self.shard = shard
      self.gateway = gateway
      self.length = length
      self.dropped = dropped
    }
  }

  /// A shop.
  public struct Shop: Sendable, Equatable {
    /// Its name.
    public var shop: ShopID
    /// Where it lies.
    public var shard: Int
    /// The version of the configuration in force.
    public var version: Int64
    /// The version that all its records have reached.
    public var settled: Int64
    /// Its groups, by name.
    public var groups: [Group] = []
    /// Its agents that have ever been online, by name; at most ``OverviewReader/agentLimit``.
    public var agents: [Agent] = []
    /// Whether there are more agents than are listed.
    public var hasMoreAgents = false
  }

  /// A skill group.
  public struct Group: Sendable, Equatable {
    /// Its name.
    public var group: GroupID
    /// How many conversations wait.
    public var waiting: Int64
    /// For how long the one that is next has waited; nil if none waits.
    public var nextWaited: Milliseconds?
    /// How many of its agents are online.
    public var online: Int64
    /// Their capacity together.
    public var slots: Int64
    /// How many of its agents can take one more.
    public var withRoom: Int64
    /// How many conversations its online agents hold, whatever group these are of; nil if the agents could not
    /// all be listed.
    public var load: Int64?
    /// The share of ``slots`` in use; nil without slots. Above 1 if agents were given more than they have room
    /// for.
    public var busy: Double? {
      guard let load, slots > 0 else { return nil }
      return Double(load) / Double(slots)
    }
  }

  /// An agent.
  public struct Agent: Sendable, Equatable {
    /// Its name.
    public var agent: AgentID
    /// `online`, `paused` or `offline`.
    public var status: String
    /// How many conversations it holds.
    public var load: Int64
    /// How many it may hold.
    public var capacity: Int64
    /// The groups that it serves.
    public var groups: [GroupID]
    /// In how many conversations it has been silent for longer than `response_alert`.
    public var slow: Int64
  }
}
