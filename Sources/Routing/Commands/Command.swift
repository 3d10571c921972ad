/// One command for a gateway, as programs on the gateway's side read it ("Commands (router → gateway)" in
/// the protocol).
///
/// One flat value for all types: which fields a type has is said beside each. Words that a later version
/// may add to (`reason`, `kind`, `by`) stay texts, so that a gateway does not choke on a new one.
public struct Command: Sendable, Equatable {
  /// What it says.
  public enum CommandType: Sendable, Hashable {
    /// `conversation.assigned`: an agent has it.
    case assigned
    /// `conversation.queued`: it waits.
    case queued
    /// `conversation.bot`: the assistant has it.
    case bot
    /// `conversation.reply`: an automatic text.
    case reply
    /// `conversation.closed`: it ended.
    case closed
    /// `conversation.requeued`: its agent went away.
    case requeued
    /// `alert`: for the shop's supervisor gateway.
    case alert
    /// `event.rejected`: bad input.
    case rejected
    /// A type that this version does not know.
    case other(String)

    /// The type that is written so.
    public init(name: String) {
      self = Self.known.first { $0.name == name } ?? .other(name)
    }

    /// The types of the protocol.
    public static let known: [CommandType] = [
      .assigned, .queued, .bot, .reply, .closed, .requeued, .alert, .rejected,
    ]

    /// The type as it is written on the wire.
    public var name: String {
      switch self {
      case .assigned: "conversation.assigned"
      case .queued: "conversation.queued"
      case .bot: "conversation.bot"
      case .reply: "conversation.reply"
      case .closed: "conversation.closed"
      case .requeued: "conversation.requeued"
      case .alert: "alert"
      case .rejected: "event.rejected"
      case .other(let name): name
      }
    }
  }

  /// Whose side of the gateway a command is for.
  public enum Side: String, Sendable, CaseIterable {
    /// The customer's.
    case customer
    /// The agent's.
    case agent
  }

  /// Grows by one with each command of an outbox.
  public var seq: Int64
  /// What it says.
  public var type: CommandType
  /// The tenant. Absent only where an event was rejected that named no valid one.
  public var shop: ShopID?
  /// When it was written, in milliseconds since the epoch on the Redis server's clock.
  public var at: Moment
  /// The conversation, mostly.
  public var conversation: ConversationID?
  /// The customer, mostly.
  public var customer: CustomerID?
  /// Whose side it is for: all `conversation.…`.
  public var to: Side?
  /// Who has it: `assigned`; alerts about an agent.
  public var agent: AgentID?
  /// The group: `assigned`, `queued`, `bot`; alerts about a group.
  public var group: GroupID?
  /// Queue priority: `assigned`.
  public var level: Level?
  /// Why: `assigned`, `closed`, `requeued`. The words are in the protocol.
  public var reason: String?
  /// How long it waited, `waited_ms`: `assigned`.
  public var waitedMs: Int64?
  /// The place among its own level, from 1: `queued`, unless hidden.
  public var position: Int?
  /// The estimated wait in seconds, `wait_seconds`: `queued`, unless hidden.
  public var waitSeconds: Int64?
  /// Whether position and wait are kept from the customer: `queued`.
  public var hidden: Bool?
  /// Which text or alert: `reply`, `alert`. The words are in the protocol.
  public var kind: String?
  /// What to say: `reply`.
  public var text: String?
  /// What the one who handed it on said: `assigned`, on the agent's side.
  public var note: String?
  /// What the customer gave, 1…5: the alert `bad_rating`.
  public var score: Int?
  /// Who ended it: `closed`.
  public var by: String?
  /// The `id` of the refused event, if it had one: `rejected`.
  public var id: String?
  /// What was wrong with it: `rejected`.
  public var error: String?

  /// Makes a command with the fields that every command has.
  public init(seq: Int64, type: CommandType, shop: ShopID?, at: Moment) {
    self.seq = seq
    self.type = type
    self.shop = shop
    self.at = at
  }
}
