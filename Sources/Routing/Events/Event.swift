/// One chat event, decoded and checked. The wire form is "Events (gateway → router)" in the protocol.
public struct Event: Sendable, Equatable {
  /// The tenant that the event belongs to.
  public var shop: ShopID
  /// What happened.
  public var kind: Kind
  /// The sender's own id of this event, repeated in a rejection. At most 128 bytes.
  public var id: String?
  /// The gateway's own time in milliseconds, informational.
  public var at: Int64?
  /// Who sent it, for recognising repeats; present exactly when `n` is.
  public var source: SourceID?
  /// Grows with every event of `source`. 0 … 2^53.
  public var n: Int64?
  /// The gateway that a rejection is told to.
  public var gateway: GatewayID?

  /// Makes an event.
  public init(
    shop: ShopID, kind: Kind, id: String? = nil, at: Int64? = nil, source: SourceID? = nil,
    n: Int64? = nil, gateway: GatewayID? = nil
  ) {
    self.shop = shop
    self.kind = kind
    self.id = id
    self.at = at
    self.source = source
    self.n = n
    self.gateway = gateway
  }

  /// What happened, one case for each `type` of the protocol.
  public enum Kind: Sendable, Equatable {
    /// `conversation.open`; indirect, because its many fields would make every event of every kind large
    /// to move
    indirect case open(Open)
    /// `conversation.message`
    case message(conversation: ConversationID, from: Speaker, text: String?, agent: AgentID?)
    /// `conversation.handoff`
    case handoff(conversation: ConversationID, reason: String?)
    /// `conversation.status`
    case status(conversation: ConversationID)
    /// `conversation.close`
    case close(conversation: ConversationID, by: Party)
    /// `conversation.transfer`
    case transfer(conversation: ConversationID, to: TransferTarget, by: Party, note: String?)
    /// `conversation.accept`
    case accept(conversation: ConversationID, agent: AgentID)
    /// `conversation.rate`; `score` is 1…5
    case rate(conversation: ConversationID, score: Int, comment: String?)
    /// `agent.online`
    case agentOnline(agent: AgentID, gateway: GatewayID)
    /// `agent.pause`
    case agentPause(agent: AgentID)
    /// `agent.offline`
    case agentOffline(agent: AgentID)
    /// `agent.heartbeat`
    case agentHeartbeat(agent: AgentID)
    /// `customer.update`
    case customerUpdate(customer: Customer, dedicatedAgent: DedicatedChange)
    /// `customer.forget`
    case customerForget(customer: CustomerID)
    /// `shop.emergency`
    case emergency(on: Bool, notice: String?)
  }

  /// The fields of `conversation.open`.
  public struct Open: Sendable, Equatable {
    /// The conversation to route.
    public var conversation: ConversationID
    /// What the gateway knows of the customer.
    public var customer: Customer
    /// The customer's gateway.
    public var gateway: GatewayID
    /// `app`, `web`, `wechat` …
    public var channel: String?
    /// The first message.
    public var text: String?
    /// What the customer chose in a menu.
    public var category: String?
    /// URL parameters and campaign sources.
    public var params: [String: String]
    /// The group that the gateway asks for.
    public var group: GroupID?
    /// The agent that the gateway asks for.
    public var agent: AgentID?

    /// Makes the fields of an opening.
    public init(
      conversation: ConversationID, customer: Customer, gateway: GatewayID, channel: String? = nil,
      text: String? = nil, category: String? = nil, params: [String: String] = [:], group: GroupID? = nil,
      agent: AgentID? = nil
    ) {
      self.conversation = conversation
      self.customer = customer
      self.gateway = gateway
      self.channel = channel
      self.text = text
      self.category = category
      self.params = params
      self.group = group
      self.agent = agent
    }
  }

  /// What an event says of a customer. Everything but the id may be absent, which leaves what is stored.
  public struct Customer: Sendable, Equatable {
    /// The customer.
    public var id: CustomerID
    /// A name for people.
    public var name: String?
    /// Whether it counts as VIP.
    public var vip: Bool?
    /// Its level as sent, not yet clamped.
    public var level: Int?
    /// Free labels.
    public var tags: [String]?
    /// Free attributes.
    public var attributes: [String: AttributeValue]?

    /// Makes what an event says of a customer.
    public init(
      id: CustomerID, name: String? = nil, vip: Bool? = nil, level: Int? = nil, tags: [String]? = nil,
      attributes: [String: AttributeValue]? = nil
    ) {
      self.id = id
      self.name = name
      self.vip = vip
      self.level = level
      self.tags = tags
      self.attributes = attributes
    }
  }

  /// The value of a customer's attribute.
  public enum AttributeValue: Sendable, Equatable {
    /// Text.
    case text(String)
    /// A finite number.
    case number(Double)
    /// True or false.
    case flag(Bool)
  }

  /// What becomes of a customer's dedicated agent.
  public enum DedicatedChange: Sendable, Equatable {
    /// It stays: the event leaves `dedicated_agent` out.
    case keep
    /// The customer has none any more: `null`.
    case clear
    /// It is this one.
    case set(AgentID)
  }

  /// Who spoke.
  public enum Speaker: String, Sendable, CaseIterable {
    /// The customer.
    case customer
    /// The agent.
    case agent
    /// The assistant, ours or an outside one.
    case bot
  }

  /// Who closes or hands on.
  public enum Party: String, Sendable, CaseIterable {
    /// The agent who serves it.
    case agent
    /// The customer.
    case customer
    /// A supervisor.
    case supervisor
    /// The assistant.
    case bot
  }

  /// Where a transfer goes.
  public enum TransferTarget: Sendable, Equatable {
    /// To one agent.
    case agent(AgentID)
    /// To a group.
    case group(GroupID)
  }
}
