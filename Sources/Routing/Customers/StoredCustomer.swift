/// What is stored of a customer and matters for routing (routing, section 1).
public struct StoredCustomer: Sendable, Equatable {
  /// A name for people.
  public var name: String?
  /// Whether it counts as VIP.
  public var vip: Bool?
  /// Its level as last told, not clamped.
  public var level: Int?
  /// Free labels as last told.
  public var tags: [String]
  /// Free attributes, at most ``EventLimits/attributes``.
  public var attributes: [String: Event.AttributeValue]
  /// The agent that its conversations go to first (routing, section 4.2).
  public var dedicatedAgent: AgentID?
  /// Grows with every change of the record.
  public var revision: Int64

  /// Makes a record.
  public init(
    name: String? = nil, vip: Bool? = nil, level: Int? = nil, tags: [String] = [],
    attributes: [String: Event.AttributeValue] = [:], dedicatedAgent: AgentID? = nil, revision: Int64
  ) {
    self.name = name
    self.vip = vip
    self.level = level
    self.tags = tags
    self.attributes = attributes
    self.dedicatedAgent = dedicatedAgent
    self.revision = revision
  }

  /// One field of the record, as it is stored.
  public struct Field: Sendable, Equatable {
    /// One of ``StoredCustomer/fieldNames``.
    public var name: String
    /// Its text.
    public var value: String

    /// Makes a field.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }

    init(_ key: Key, _ value: String) { self.init(name: key.rawValue, value: value) }
  }

  /// The fields by the names that they are stored under, in the order in which they are read.
  enum Key: String, CaseIterable {
    case name, vip, level, tags, attributes, dedicated
  }

  /// The names of the fields, in the order that ``init(texts:revision:)`` takes them in. `revision` is not among them.
  public static let fieldNames = Key.allCases.map(\.rawValue)

  /// What an event adds to or changes of what is stored, as fields to store; none when nothing changes. What the event
  /// leaves out stays (routing, section 1).
  ///
  /// - Parameters:
  ///   - told: what the event says of the customer.
  ///   - dedicatedAgent: what it says of the dedicated agent, which only `customer.update` does.
  ///   - stored: the record, or nil when there is none.
  public static func changes(
    _ told: Event.Customer, dedicatedAgent: Event.DedicatedChange = .keep, over stored: StoredCustomer?
  ) -> [Field] {
    let merged = CustomerProfile(told: told, stored: stored)
    var fields: [Field] = []
    if let name = merged.name, name != stored?.name { fields.append(Field(.name, name)) }
    if let vip = merged.vip, vip != stored?.vip { fields.append(Field(.vip, vip ? "1" : "0")) }
    if let level = merged.level, level != stored?.level { fields.append(Field(.level, String(level))) }
    if merged.tags != stored?.tags ?? [] { fields.append(Field(.tags, text(of: merged.tags))) }
    if merged.attributes != stored?.attributes ?? [:] {
      fields.append(Field(.attributes, text(of: merged.attributes)))
    }
    switch dedicatedAgent {
    case .keep: break
    case .clear where stored?.dedicatedAgent == nil: break
    // Without a text there is no agent; a field need not be removed for it.
    case .clear: fields.append(Field(.dedicated, ""))
    case .set(let agent) where stored?.dedicatedAgent == agent: break
    case .set(let agent): fields.append(Field(.dedicated, agent.rawValue))
    }
    return fields
  }
}
