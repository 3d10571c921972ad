/// What rules look at (routing, section 2).
public struct RoutingRequest: Sendable, Equatable {
  /// The customer.
  public var customer: CustomerProfile
  /// The level before any rule, from `levels.source` (routing, section 1).
  public var level: Level
  /// `app`, `web`, `wechat` …
  public var channel: String?
  /// What the customer chose in a menu.
  public var category: String?
  /// URL parameters and campaign sources.
  public var params: [String: String]
  /// What the customer wrote, in order.
  public var texts: [String]
  /// The group that the gateway asks for. It wins over a rule's group and over the default.
  public var group: GroupID?

  /// Makes a request.
  public init(
    customer: CustomerProfile, level: Level = .ordinary, channel: String? = nil, category: String? = nil,
    params: [String: String] = [:], texts: [String] = [], group: GroupID? = nil
  ) {
    self.customer = customer
    self.level = level
    self.channel = channel
    self.category = category
    self.params = params
    self.texts = texts
    self.group = group
  }
}
