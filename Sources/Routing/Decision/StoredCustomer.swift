/// What is stored of a customer and matters for routing.
public struct StoredCustomer: Sendable, Equatable {
  /// A name for people.
  public var name: String?
  /// Whether it counts as VIP.
  public var vip: Bool?
  /// Its level as last told, not clamped.
  public var level: Int?
  /// Grows with every change of the record.
  public var revision: Int64

  /// One field of the record, as it is stored.
  public struct Field: Sendable, Equatable {
    /// `name`, `vip` or `level`.
    public var name: String
    /// Its text.
    public var value: String
  }

  /// Makes a record.
  public init(name: String? = nil, vip: Bool? = nil, level: Int? = nil, revision: Int64) {
    self.name = name
    self.vip = vip
    self.level = level
    self.revision = revision
  }

  /// What `told` adds to or changes of `stored`: what an event says of a customer is merged over what is
  /// stored (routing, section 1), so that a field that it leaves out stays.
  static func changes(_ told: Event.Customer, over stored: StoredCustomer?) -> [Field] {
    var fields: [Field] = []
    if let name = told.name, name != stored?.name { fields.append(Field(name: "name", value: name)) }
    if let vip = told.vip, vip != stored?.vip { fields.append(Field(name: "vip", value: vip ? "1" : "0")) }
    if let level = told.level, level != stored?.level {
      fields.append(Field(name: "level", value: String(level)))
    }
    return fields
  }
}
