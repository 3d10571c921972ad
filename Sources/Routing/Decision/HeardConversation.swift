/// What a decision about a customer's word looks at: the conversation as it is, and what was said in it so far.
public struct HeardConversation: Sendable, Equatable {
  /// Where a conversation is.
  public enum State: String, Sendable {
    /// With the assistant.
    case bot
    /// In the queue.
    case waiting
    /// With an agent.
    case active
    /// Ended.
    case closed
  }

  /// Where it is.
  public var state: State
  /// Person or assistant.
  public var mode: Mode
  /// Its group.
  public var group: GroupID
  /// Its priority now.
  public var level: Level
  /// The rule that decided, or nil if none matched.
  public var rule: String?
  /// How many texts of the customer were gathered.
  public var heard: Int64
  /// `app`, `web`, `wechat` …
  public var channel: String?
  /// What the customer chose in a menu.
  public var category: String?
  /// URL parameters and campaign sources.
  public var params: [String: String]
  /// The group that the gateway asked for.
  public var askedFor: GroupID?
  /// Its customer.
  public var customer: CustomerID
  /// What is stored of the customer.
  public var stored: StoredCustomer?
  /// The texts gathered, in order.
  public var texts: [String]

  /// Makes a description.
  public init(
    state: State, mode: Mode, group: GroupID, level: Level, rule: String?, heard: Int64, channel: String?,
    category: String?, params: [String: String], askedFor: GroupID?, customer: CustomerID,
    stored: StoredCustomer?,
    texts: [String]
  ) {
    self.state = state
    self.mode = mode
    self.group = group
    self.level = level
    self.rule = rule
    self.heard = heard
    self.channel = channel
    self.category = category
    self.params = params
    self.askedFor = askedFor
    self.customer = customer
    self.stored = stored
    self.texts = texts
  }
}

extension RoutingPlan {
  /// What the rules say of a conversation after all that was said in it, and `text` (routing, section 2, "the rules run
  /// again").
  func route(_ conversation: HeardConversation, adding text: String?, at now: Moment) -> RoutedRequest {
    let told = Event.Customer(id: conversation.customer)
    let level = configuration.levels.level(of: told, stored: conversation.stored, params: conversation.params)
    return route(
      RoutingRequest(
        customer: CustomerProfile(told: told, stored: conversation.stored), level: level,
        channel: conversation.channel, category: conversation.category, params: conversation.params,
        texts: conversation.texts + (text.map { [$0] } ?? []), group: conversation.askedFor), at: now)
  }
}
