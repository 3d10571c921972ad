import Routing
import Testing

@Suite("Partitioning")
struct PartitioningTests {
  @Test(
    "CRC-32 as in zlib",
    arguments: [
      ("", 0), ("a", 0xE8B7_BE43), ("abc", 0x3524_41C2), ("123456789", 0xCBF4_3926),
      ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
      ("message digest", 0x2015_9D7F), ("你好", CRC32.checksum([0xE4, 0xBD, 0xA0, 0xE5, 0xA5, 0xBD])),
    ] as [(String, UInt32)])
  func vectors(text: String, checksum: UInt32) {
    #expect(CRC32.checksum(text) == checksum)
    #expect(CRC32.checksum(Array(text.utf8)) == checksum)
  }

  private static func event(_ kind: Event.Kind) -> Event {
    Event(shop: ShopID(unchecked: "acme"), kind: kind)
  }
  private static let conversation = ConversationID(unchecked: "c-1")
  private static let customer = CustomerID(unchecked: "u-1")

  private static func opening(_ conversation: ConversationID, _ customer: CustomerID) -> Event {
    event(
      .open(
        Event.Open(
          conversation: conversation, customer: Event.Customer(id: customer),
          gateway: GatewayID(unchecked: "web"))))
  }

  @Test("by customer, else conversation, else agent, else 0")
  func order() {
    func expected(_ text: String) -> Int { Int(CRC32.checksum(text) % 1_000) }
    let opening = Self.opening(Self.conversation, Self.customer)
    let status = Self.event(.status(conversation: Self.conversation))
    let accept = Self.event(.accept(conversation: Self.conversation, agent: AgentID(unchecked: "ann")))
    let pause = Self.event(.agentPause(agent: AgentID(unchecked: "ann")))
    let emergency = Self.event(.emergency(on: true, notice: nil))
    #expect(Partitioning.partition(of: opening, partitions: 1_000) == expected("u-1"))
    #expect(Partitioning.partition(of: status, partitions: 1_000) == expected("c-1"))
    #expect(Partitioning.partition(of: status, customer: Self.customer, partitions: 1_000) == expected("u-1"))
    #expect(Partitioning.partition(of: accept, customer: Self.customer, partitions: 1_000) == expected("u-1"))
    #expect(Partitioning.partition(of: pause, customer: Self.customer, partitions: 1_000) == expected("ann"))
    #expect(
      Partitioning.partition(
        of: Self.event(.customerForget(customer: Self.customer)), partitions: 1_000) == expected("u-1"))
    #expect(Partitioning.partition(of: emergency, partitions: 1_000) == 0)
  }

  @Test("shards, and counts below one")
  func shards() {
    #expect(Partitioning.shard(of: ShopID(unchecked: "123456789"), shards: 16) == 6)
    #expect(Partitioning.shard(of: ShopID(unchecked: "acme"), shards: 1) == 0)
    #expect(Partitioning.shard(of: ShopID(unchecked: "acme"), shards: 0) == 0)
    #expect(Partitioning.partition(of: Self.customer, partitions: -3) == 0)
  }

  @Test("a memory leads a conversation's events to its customer's partition")
  func memory() {
    var memory = PartitionMemory(limit: 10)
    let opening = Self.opening(Self.conversation, Self.customer)
    let status = Self.event(.status(conversation: Self.conversation))
    let alone = Partitioning.partition(of: status, partitions: 1_000)
    #expect(memory.partition(of: status, partitions: 1_000) == alone)
    let home = memory.partition(of: opening, partitions: 1_000)
    #expect(home != alone)
    #expect(memory.partition(of: status, partitions: 1_000) == home)
    #expect(memory.customer(of: Self.conversation, in: ShopID(unchecked: "acme")) == Self.customer)
    #expect(memory.customer(of: Self.conversation, in: ShopID(unchecked: "other")) == nil)
    // Opened again by another customer.
    _ = memory.partition(of: Self.opening(Self.conversation, CustomerID(unchecked: "u-2")), partitions: 1_000)
    #expect(
      memory.customer(of: Self.conversation, in: ShopID(unchecked: "acme")) == CustomerID(unchecked: "u-2"))
  }

  @Test("a memory is bounded, and forgets the silent first")
  func bound() {
    var memory = PartitionMemory(limit: 10)
    let shop = ShopID(unchecked: "acme")
    let status = Self.event(.status(conversation: Self.conversation))
    _ = memory.partition(of: Self.opening(Self.conversation, Self.customer), partitions: 4)
    for number in 0..<1_000 {
      _ = memory.partition(
        of: Self.opening(ConversationID(unchecked: "other-\(number)"), Self.customer), partitions: 4)
      _ = memory.partition(of: status, partitions: 4)
      #expect(memory.count <= 10)
    }
    #expect(memory.customer(of: Self.conversation, in: shop) == Self.customer)
    #expect(memory.customer(of: ConversationID(unchecked: "other-0"), in: shop) == nil)
    #expect(memory.customer(of: ConversationID(unchecked: "other-999"), in: shop) == Self.customer)
  }
}
