public import HiredisClient
public import Routing

extension RedisPipeline {
  /// Adds the reading of a customer's record; ``StoredCustomer/init(reply:)`` decodes it.
  public mutating func appendRead(of customer: CustomerID, shop: ShopID, shard: ShardKeys) {
    begin(6)
    word("HMGET")
    word(shard.shop(shop).customer(customer))
    word("revision")
    word("name")
    word("vip")
    word("level")
  }
}

extension StoredCustomer {
  /// Decodes the reply to ``RedisPipeline/appendRead(of:shop:shard:)``; nil when nothing is stored.
  public init?(reply: RedisValue) {
    guard let fields = reply.array, fields.count == 4, let revision = fields[0].integer else { return nil }
    self.init(
      name: fields[1].text, vip: fields[2].text.map { $0 == "1" }, level: fields[3].integer.map(Int.init),
      revision: revision)
  }
}
