/// Why an event was refused, and what of it could be read all the same: enough to tell its gateway.
///
/// Everything but `error` is there only if it stands in the event and is valid by itself. Of an event
/// whose JSON is broken, that is what stands before the fault.
public struct Rejection: Error, Sendable, Equatable {
  /// The reason for a person: "customer.id is missing".
  public var error: String
  /// The event's `id`.
  public var id: String?
  /// The gateway to tell.
  public var gateway: GatewayID?
  /// The shop it names. Whether there is such a shop is not known here.
  public var shop: ShopID?
  /// Its `type`, also an unknown one; at most 128 bytes.
  public var type: String?
  /// The conversation it names.
  public var conversation: ConversationID?
  /// The customer it names.
  public var customer: CustomerID?

  /// Makes a rejection.
  public init(
    error: String, id: String? = nil, gateway: GatewayID? = nil, shop: ShopID? = nil, type: String? = nil,
    conversation: ConversationID? = nil, customer: CustomerID? = nil
  ) {
    self.error = error
    self.id = id
    self.gateway = gateway
    self.shop = shop
    self.type = type
    self.conversation = conversation
    self.customer = customer
  }

  /// The rejection of an event that was well formed, for a reason that only the state or the
  /// configuration knows: "no such conversation", "group returns is not configured".
  public init(error: String, of event: Event) {
    self.init(
      error: error, id: event.id, gateway: event.gateway, shop: event.shop, type: event.typeName,
      conversation: event.conversation, customer: event.customer)
  }
}
