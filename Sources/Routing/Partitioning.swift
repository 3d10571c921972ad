/// CRC-32 as in zlib and PNG: reflected polynomial 0xEDB88320, start and final inversion.
public enum CRC32 {
  /// The checksum of the bytes. That of the ASCII digits `123456789` is 0xCBF43926.
  public static func checksum(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var register = UInt32.max
    for byte in bytes { register = register >> 8 ^ table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] }
    return ~register
  }

  /// The checksum of the bytes.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBufferPointer { checksum($0) } }

  /// The checksum of a text in UTF-8.
  public static func checksum(_ text: String) -> UInt32 {
    var text = text
    return text.withUTF8 { checksum($0) }
  }

  /// The remainder of each byte. Ids are short, so one table will do: about 2 ns per byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
  }
}

/// Which shard and which partition things belong to ("Topology" in the protocol). Counts below 1 count
/// as 1.
public enum Partitioning {
  /// The shard of a shop: `crc32(shop) % S`.
  public static func shard(of shop: ShopID, shards: Int) -> Int {
    bucket(CRC32.checksum(shop.rawValue), of: shards)
  }

  /// The partition of everything about a customer: `crc32(customer id) % P`.
  public static func partition(of customer: CustomerID, partitions: Int) -> Int {
    bucket(CRC32.checksum(customer.rawValue), of: partitions)
  }

  /// The partition of what concerns an agent alone: `crc32(agent id) % P`.
  public static func partition(of agent: AgentID, partitions: Int) -> Int {
    bucket(CRC32.checksum(agent.rawValue), of: partitions)
  }

  /// The partition of an event, by the first of these that there is:
  ///
  /// 1. the customer whom the event names, or else `customer`, whose conversation it is;
  /// 2. the conversation, for one whose customer the sender does not know;
  /// 3. the agent;
  /// 4. partition 0, for `shop.emergency`.
  ///
  /// Only `conversation.open` names its customer, so a gateway remembers the customer (or the partition)
  /// of each of its conversations and keeps to it. `PartitionMemory` does that for a sender of
  /// mixed events. Falling back to the conversation keeps the conversation's further events in order
  /// among themselves; it does not keep them behind an opening that went elsewhere.
  public static func partition(of event: Event, customer: CustomerID? = nil, partitions: Int) -> Int {
    if let customer = event.customer ?? (event.conversation == nil ? nil : customer) {
      return partition(of: customer, partitions: partitions)
    }
    if let conversation = event.conversation {
      return bucket(CRC32.checksum(conversation.rawValue), of: partitions)
    }
    if let agent = event.agent { return partition(of: agent, partitions: partitions) }
    return 0
  }

  private static func bucket(_ checksum: UInt32, of count: Int) -> Int { Int(checksum) % max(1, count) }
}
