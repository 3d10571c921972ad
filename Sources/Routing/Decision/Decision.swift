/// What shall become of one event. The worker performs it; nothing here has happened yet.
public enum Decision: Sendable, Equatable {
  /// The event cannot be applied; the text says why, for people.
  case reject(String)
  /// A customer asks for somebody.
  case open(Opening)
  /// Somebody spoke.
  case message(conversation: ConversationID, from: Event.Speaker, agent: AgentID?)
  /// From the assistant to a person.
  case handoff(conversation: ConversationID)
  /// The present status is repeated.
  case status(conversation: ConversationID)
  /// It ends.
  case close(conversation: ConversationID, by: Event.Party)
  /// It is handed on.
  case transfer(conversation: ConversationID, to: Event.TransferTarget, by: Event.Party)
  /// Satisfaction is stored.
  case rate(conversation: ConversationID, score: Int, comment: String?)
  /// An agent receives.
  case agentOnline(agent: AgentID, gateway: GatewayID, settings: AgentSettings)
  /// An agent gets nothing new.
  case agentPause(agent: AgentID)
  /// An agent is away.
  case agentOffline(agent: AgentID)
  /// An agent is alive.
  case agentHeartbeat(agent: AgentID)

  /// Where and how a conversation is opened.
  public struct Opening: Sendable, Equatable {
    /// The conversation.
    public var conversation: ConversationID
    /// Its customer.
    public var customer: CustomerID
    /// The customer's gateway.
    public var gateway: GatewayID
    /// The group that shall serve it.
    public var group: GroupID
    /// Its priority.
    public var level: Level
    /// Person or assistant.
    public var mode: Mode
    /// The revision of the customer's record that this was decided on; nil when none is stored.
    public var customerRevision: Int64?
    /// What of the customer is new and shall be stored: name and value of each field.
    public var customerFields: [StoredCustomer.Field]

    /// Makes the description of an opening.
    public init(
      conversation: ConversationID, customer: CustomerID, gateway: GatewayID, group: GroupID, level: Level,
      mode: Mode, customerRevision: Int64?, customerFields: [StoredCustomer.Field]
    ) {
      self.conversation = conversation
      self.customer = customer
      self.gateway = gateway
      self.group = group
      self.level = level
      self.mode = mode
      self.customerRevision = customerRevision
      self.customerFields = customerFields
    }
  }
}

/// What the functions in Redis need to know of an agent's configuration.
public struct AgentSettings: Sendable, Equatable {
  /// How many conversations it may hold at once, over all groups.
  public var capacity: Int
  /// The groups that it serves, each with the strategy that orders its ready list.
  public var groups: [(group: GroupID, strategy: GroupConfiguration.Strategy)]

  /// The settings of an agent in a configuration; of one whom it does not know: no groups, no capacity.
  public init(of agent: AgentID, in configuration: ShopConfiguration) {
    guard let found = configuration.agents[agent] else {
      capacity = 0
      groups = []
      return
    }
    capacity = found.capacity
    groups = found.groups.compactMap { membership in
      configuration.groups[membership.group].map { (membership.group, $0.strategy) }
    }
  }

  /// Equal when capacity and groups are, in order.
  public static func == (left: AgentSettings, right: AgentSettings) -> Bool {
    left.capacity == right.capacity && left.groups.elementsEqual(right.groups, by: ==)
  }
}
