public import HiredisClient
public import Routing

extension RedisPipeline {
  /// Adds the reading of what a decision about a customer's word needs; ``HeardConversation/init(reply:)`` decodes it.
  public mutating func appendContext(of conversation: ConversationID, shop: ShopID, shard: ShardKeys) {
    begin(6)
    word("FCALL_RO")
    word(Functions.conversationContext)
    word(1)
    word(shard.tag)
    word(shop.rawValue)
    word(conversation.rawValue)
  }
}

extension HeardConversation {
  /// Decodes the reply to ``RedisPipeline/appendContext(of:shop:shard:)``; nil when the conversation is not known.
  public init?(reply: RedisValue) {
    guard let parts = reply.array, parts.count == 3 else { return nil }
    let fields = (parts[0].array ?? []).map { $0.text ?? "" }
    let texts = (parts[1].array ?? []).compactMap(\.text)
    var stored: [String: String] = [:]
    let pairs = (parts[2].array ?? []).map { $0.text ?? "" }
    for index in stride(from: 0, to: pairs.count - 1, by: 2) { stored[pairs[index]] = pairs[index + 1] }
    let customer = stored["revision"].flatMap(Int64.init).map { revision in
      StoredCustomer(texts: StoredCustomer.fieldNames.map { stored[$0] }, revision: revision)
    }
    self.init(fields: fields, texts: texts, customer: customer)
  }
}
