/// What is known of a customer when its conversation is routed: what the event says, merged over what is stored
/// (routing, section 1).
public struct CustomerProfile: Sendable, Equatable {
  /// The customer.
  public var id: CustomerID
  /// A name for people.
  public var name: String?
  /// Whether it counts as VIP; nil where nobody ever said, which rules take for no.
  public var vip: Bool?
  /// Its level as told, not clamped. Rules look at the level of the request instead, which may come from elsewhere.
  public var level: Int?
  /// Free labels.
  public var tags: [String]
  /// Free attributes.
  public var attributes: [String: Event.AttributeValue]

  /// Makes a profile.
  public init(
    id: CustomerID, name: String? = nil, vip: Bool? = nil, level: Int? = nil, tags: [String] = [],
    attributes: [String: Event.AttributeValue] = [:]
  ) {
    self.id = id
    self.name = name
    self.vip = vip
    self.level = level
    self.tags = tags
    self.attributes = attributes
  }
}
