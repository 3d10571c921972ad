/// What shall become of one event. The worker performs it; nothing here has happened yet.
public enum Decision: Sendable, Equatable {
  /// The event cannot be applied; the text says why, for people.
  case reject(String)
  /// A customer asks for somebody.
  indirect case open(Opening)
  /// Somebody spoke. `mayMatter`: a word of a customer who waits may be one that rules look for.
  case message(conversation: ConversationID, from: Event.Speaker, agent: AgentID?, mayMatter: Bool)
  /// The outside bot has said something.
  case relay(conversation: ConversationID, text: String)
  /// A customer's word that matters.
  indirect case listen(Listening)
  /// From the assistant to a person; `heard` texts were known.
  indirect case handoff(conversation: ConversationID, heard: Int64, route: Route)
  /// The present status is repeated.
  case status(conversation: ConversationID)
  /// It ends.
  case close(conversation: ConversationID, by: Event.Party)
  /// It is handed on.
  case transfer(conversation: ConversationID, to: Event.TransferTarget, by: Event.Party, note: String?)
  /// An agent takes it from the queue.
  case accept(conversation: ConversationID, agent: AgentID)
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
  /// What is new of a customer is stored.
  case customerUpdate(customer: CustomerID, revision: Int64?, fields: [StoredCustomer.Field])
  /// A customer is forgotten.
  case customerForget(customer: CustomerID)
  /// The emergency plan is switched on, with what customers are told in place of what the plan says, or off.
  case emergency(on: Bool, notice: String?)

  /// One field of a conversation's record, as functions store it.
  public struct Field: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its text.
    public var value: String

    /// Makes a field.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What rules, or their absence, say of a conversation.
  public struct Route: Sendable, Equatable {
    /// The group that shall serve it.
    public var group: GroupID
    /// Its priority.
    public var level: Level
    /// Person or assistant.
    public var mode: Mode
    /// The rest: `rule` `continued` `tags` `skills` `weight` `prefer` `overflow` `arms`, as far as they are given; at a
    /// handoff also `handoff_reason`.
    public var fields: [Field]
  }

  /// Where and how a conversation is opened.
  public struct Opening: Sendable, Equatable {
    /// The conversation.
    public var conversation: ConversationID
    /// Its customer.
    public var customer: CustomerID
    /// The customer's gateway.
    public var gateway: GatewayID
    /// What the rules say, with what else the record keeps: `requested` `dedicated` `channel` `category` `params`
    /// `asked_for`.
    public var route: Route
    /// The customer's first text, as it is kept; empty for none.
    public var text: String
    /// Whether it is kept while the conversation waits: the rules or the assistant may look at it again.
    public var isHeeded: Bool
    /// What the assistant would answer to it; empty for nothing.
    public var answer: String
    /// The revision of the customer's record that this was decided on; nil when none is stored.
    public var customerRevision: Int64?
    /// What of the customer is new and shall be stored: name and value of each field.
    public var customerFields: [StoredCustomer.Field]
  }

  /// A customer's word while the assistant has the conversation, or while it waits and no rule has matched.
  public struct Listening: Sendable, Equatable {
    /// What the word means.
    public enum Meaning: String, Sendable {
      /// Nothing yet; it is kept.
      case gather
      /// The assistant knows an answer.
      case faq
      /// The assistant does not; perhaps one time too often.
      case missed
      /// The customer asks for a person.
      case handoff
      /// A rule matches at last, and names another place to wait.
      case matched
    }

    /// The conversation.
    public var conversation: ConversationID
    /// Where it was when this was decided.
    public var state: HeardConversation.State
    /// How many texts were known.
    public var heard: Int64
    /// What the word means.
    public var meaning: Meaning
    /// The assistant's answer; empty for none.
    public var answer: String
    /// The text, as it is kept.
    public var text: String
    /// How many of the older texts go.
    public var dropped: Int
    /// What the rules say now.
    public var route: Route
  }
}
