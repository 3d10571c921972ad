import Testing

@testable import Routing

/// What is known of a customer when a conversation is routed.
@Suite struct CustomerProfileTests {
  private static let id = CustomerID(unchecked: "u-1")
  private static let stored = StoredCustomer(
    name: "李", vip: true, level: 3, tags: ["old"], attributes: ["city": .text("杭州"), "n": .number(1)],
    revision: 1)

  @Test(
    arguments: [
      (
        Event.Customer(id: id), stored,
        CustomerProfile(
          id: id, name: "李", vip: true, level: 3, tags: ["old"],
          attributes: ["city": .text("杭州"), "n": .number(1)])
      ),
      (
        Event.Customer(
          id: id, name: "王", vip: false, level: 0, tags: [],
          attributes: ["n": .flag(true), "new": .text("x")]),
        stored,
        CustomerProfile(
          id: id, name: "王", vip: false, level: 0, tags: [],
          attributes: ["city": .text("杭州"), "n": .flag(true), "new": .text("x")])
      ),
      (Event.Customer(id: id), nil, CustomerProfile(id: id)),
      (Event.Customer(id: id, tags: ["a"]), nil, CustomerProfile(id: id, tags: ["a"])),
    ] as [(Event.Customer, StoredCustomer?, CustomerProfile)])
  func whatIsToldGoesOverWhatIsStored(
    told: Event.Customer, stored: StoredCustomer?, expected: CustomerProfile
  ) {
    #expect(CustomerProfile(told: told, stored: stored) == expected)
  }

  private func attributes(_ names: some Sequence<Int>, _ prefix: String) -> [String: Event.AttributeValue] {
    Dictionary(uniqueKeysWithValues: names.map { ("\(prefix)\(1_000 + $0)", .number(Double($0))) })
  }

  @Test func tooManyAttributesGoInOrderOfNameButNotThoseJustTold() {
    let limit = EventLimits.attributes
    let stored = StoredCustomer(attributes: attributes(0..<limit, "a"), revision: 1)
    let told = Event.Customer(
      id: Self.id, attributes: ["z": .flag(true), "a1127": .text("told"), "b": .flag(true)])
    let merged = CustomerProfile(told: told, stored: stored).attributes
    #expect(merged.count == limit)
    #expect(merged["z"] == .flag(true) && merged["a1127"] == .text("told") && merged["b"] == .flag(true))
    #expect(merged["a1124"] == .number(124))
    #expect(merged["a1125"] == nil && merged["a1126"] == nil)
    #expect(told.attributes?.count == 3 && limit == 128)
  }

  @Test func atTheLimitNothingGoes() {
    let limit = EventLimits.attributes
    let stored = StoredCustomer(attributes: attributes(0..<limit - 1, "a"), revision: 1)
    let told = Event.Customer(id: Self.id, attributes: ["z": .flag(true)])
    #expect(CustomerProfile(told: told, stored: stored).attributes.count == limit)
    #expect(CustomerProfile(told: told, stored: stored).attributes["a1126"] == .number(126))
  }
}
