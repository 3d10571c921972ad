/// Remembers which customer the conversations of a sender belong to, so that each of their events goes to
/// the customer's partition ("Topology" in the protocol), although only the opening names the customer.
///
/// It holds a bounded number of conversations: a young and an old generation of half the limit each. When
/// the young one is full it becomes the old one, and what the old one held is forgotten; a conversation
/// that is still spoken of moves to the young one. So the conversations forgotten are ones with no event
/// while at least half the limit of others had one. An event of a forgotten or never opened conversation
/// goes by the conversation's own id.
///
/// A closed conversation is not forgotten at once, since late events for it should follow the same way.
public struct PartitionMemory: Sendable {
  private struct Key: Hashable, Sendable {
    var shop: ShopID
    var conversation: ConversationID
  }

  private let generationLimit: Int
  private var young: [Key: CustomerID] = [:]
  private var old: [Key: CustomerID] = [:]

  /// Remembers at most `limit` conversations (at least 2); about 200 bytes each.
  public init(limit: Int = 100_000) { generationLimit = max(1, limit / 2) }

  /// How many conversations are remembered now.
  public var count: Int { young.count + old.count }

  /// The customer of a conversation, if it is remembered.
  public func customer(of conversation: ConversationID, in shop: ShopID) -> CustomerID? {
    let key = Key(shop: shop, conversation: conversation)
    return young[key] ?? old[key]
  }

  /// The partition of an event, with what was learned from the events before; learns from this one.
  public mutating func partition(of event: Event, partitions: Int) -> Int {
    guard let conversation = event.conversation else {
      return Partitioning.partition(of: event, partitions: partitions)
    }
    let key = Key(shop: event.shop, conversation: conversation)
    // An opening says anew whose conversation it is: an id may be used again after its end.
    let customer = event.customer ?? young[key] ?? old[key]
    if let customer { remember(customer, key) }
    return Partitioning.partition(of: event, customer: customer, partitions: partitions)
  }

  private mutating func remember(_ customer: CustomerID, _ key: Key) {
    old[key] = nil
    if young.count >= generationLimit, young[key] == nil {
      old = young
      young = [:]
    }
    young[key] = customer
  }
}
