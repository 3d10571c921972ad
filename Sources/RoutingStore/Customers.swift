public import HiredisClient
public import Routing

extension RedisPipeline {
  /// Adds the reading of a customer's record; ``StoredCustomer/init(reply:)`` decodes it.
  public mutating func appendRead(of customer: CustomerID, shop: ShopID, shard: ShardKeys) {
    begin(3 + StoredCustomer.fieldNames.count)
    word("HMGET")
    word(shard.shop(shop).customer(customer))
    word("revision")
    for name in StoredCustomer.fieldNames { word(name) }
  }
}

extension StoredCustomer {
  /// Decodes the reply to ``RedisPipeline/appendRead(of:shop:shard:)``; nil when nothing is stored.
  public init?(reply: RedisValue) {
    guard let fields = reply.array, fields.count == 1 + StoredCustomer.fieldNames.count,
      let revision = fields[0].integer
    else { return nil }
    self.init(texts: fields.dropFirst().map(\.text), revision: revision)
  }
}
