import Testing

@testable import Routing

/// What is kept of a customer from one event to the next.
@Suite struct StoredCustomerTests {
  private typealias Field = StoredCustomer.Field
  private static let id = CustomerID(unchecked: "u-1")
  private static let ann = AgentID(unchecked: "ann")
  private static let bob = AgentID(unchecked: "bob")

  /// The record after fields were stored over it, as the server does it.
  private func apply(_ fields: [Field], over texts: [String: String]) -> [String: String] {
    texts.merging(fields.map { ($0.name, $0.value) }) { _, new in new }
  }

  private func read(_ texts: [String: String]) -> StoredCustomer {
    StoredCustomer(texts: StoredCustomer.fieldNames.map { texts[$0] }, revision: 1)
  }

  @Test func aNewCustomerIsStoredWithAllThatIsTold() {
    let told = Event.Customer(
      id: Self.id, name: "李", vip: false, level: 12, tags: ["b", "a \"q\""],
      attributes: ["orders": .number(20), "city": .text("杭州"), "new": .flag(true)])
    #expect(
      StoredCustomer.changes(told, dedicatedAgent: .set(Self.ann), over: nil) == [
        Field(name: "name", value: "李"), Field(name: "vip", value: "0"), Field(name: "level", value: "12"),
        Field(name: "tags", value: #"["b","a \"q\""]"#),
        Field(name: "attributes", value: #"{"city":"杭州","new":true,"orders":20}"#),
        Field(name: "dedicated", value: "ann"),
      ])
  }

  private static let stored = StoredCustomer(
    name: "李", vip: true, level: 3, tags: ["a", "b"],
    attributes: ["city": .text("杭州"), "orders": .number(20)], dedicatedAgent: ann, revision: 7)

  @Test(
    arguments: [
      (Event.Customer(id: id), .keep, []),
      (
        Event.Customer(
          id: id, name: "李", vip: true, level: 3, tags: ["a", "b"], attributes: ["orders": .number(20)]),
        .set(ann), []
      ),
      (Event.Customer(id: id, attributes: [:]), .keep, []),
      (Event.Customer(id: id, name: "", vip: false), .keep, ["name=", "vip=0"]),
      (Event.Customer(id: id, level: -1), .keep, ["level=-1"]),
      (Event.Customer(id: id, tags: ["b"]), .keep, [#"tags=["b"]"#]),
      (Event.Customer(id: id, tags: ["b", "a"]), .keep, [#"tags=["b","a"]"#]),
      (Event.Customer(id: id, tags: []), .keep, ["tags=[]"]),
      (
        Event.Customer(id: id, attributes: ["orders": .number(21), "age": .number(30)]), .keep,
        [#"attributes={"age":30,"city":"杭州","orders":21}"#]
      ),
      (
        Event.Customer(id: id, attributes: ["orders": .text("20")]), .keep,
        [#"attributes={"city":"杭州","orders":"20"}"#]
      ),
      (Event.Customer(id: id), .set(bob), ["dedicated=bob"]),
      (Event.Customer(id: id), .clear, ["dedicated="]),
    ] as [(Event.Customer, Event.DedicatedChange, [String])])
  func onlyWhatChangesIsStored(told: Event.Customer, dedicated: Event.DedicatedChange, expected: [String]) {
    let changes = StoredCustomer.changes(told, dedicatedAgent: dedicated, over: Self.stored)
    #expect(changes.map { "\($0.name)=\($0.value)" } == expected)
  }

  @Test func whoHasNoDedicatedAgentNeedsNoneTakenAway() {
    #expect(StoredCustomer.changes(Event.Customer(id: Self.id), dedicatedAgent: .clear, over: nil).isEmpty)
  }

  @Test func whatWasStoredIsReadBack() {
    let told = Event.Customer(
      id: Self.id, name: "O'Neil \u{1}\n", vip: true, level: -3, tags: ["", "老客", "a\\b"],
      attributes: [
        "whole": .number(-9_007_199_254_740_992), "large": .number(1e18), "huge": .number(1e300),
        "part": .number(0.1), "zero": .number(-0.0), "text": .text("1e3"), "no": .flag(false), "": .text(""),
      ])
    var texts = apply(StoredCustomer.changes(told, dedicatedAgent: .set(Self.ann), over: nil), over: [:])
    #expect(
      read(texts)
        == StoredCustomer(
          name: told.name, vip: true, level: -3, tags: told.tags ?? [], attributes: told.attributes ?? [:],
          dedicatedAgent: Self.ann, revision: 1))
    #expect(texts["attributes"]?.contains("-9007199254740992,") == true)
    #expect(texts["attributes"]?.contains(":1000000000000000000,") == true)
    // What is as stored is not stored again, and so the record keeps its revision.
    #expect(StoredCustomer.changes(told, dedicatedAgent: .set(Self.ann), over: read(texts)).isEmpty)

    let cleared = Event.Customer(id: Self.id, tags: [])
    texts = apply(StoredCustomer.changes(cleared, dedicatedAgent: .clear, over: read(texts)), over: texts)
    #expect(read(texts).dedicatedAgent == nil && read(texts).tags.isEmpty)
    #expect(StoredCustomer.changes(cleared, dedicatedAgent: .clear, over: read(texts)).isEmpty)
  }

  @Test(
    arguments: [
      ("vip", "yes"), ("vip", ""), ("level", "high"), ("level", "3.5"), ("level", "99999999999999999999"),
      ("tags", "a,b"), ("tags", #"["a""#), ("tags", #"{"a":1}"#), ("tags", "[1]"), ("tags", ""),
      ("attributes", "[]"), ("attributes", #"{"a":1,"a":2}"#), ("attributes", #"{"a":{}}"#),
      ("attributes", #"{"a":1}x"#), ("attributes", "null"), ("dedicated", "a b"), ("dedicated", ""),
    ])
  func whatAForeignHandWroteCountsAsAbsent(field: String, text: String) {
    let whole = [
      "name": "李", "vip": "1", "level": "3", "tags": #"["a"]"#, "attributes": #"{"k":true}"#,
      "dedicated": "ann",
    ]
    let without = read(whole.filter { $0.key != field })
    #expect(read(whole.merging([field: text]) { $1 }) == without)
    #expect(read(whole) != without)
  }

  @Test func aRecordOfFewerFieldsIsReadAsFarAsItGoes() {
    #expect(StoredCustomer(texts: ["李"], revision: 2) == StoredCustomer(name: "李", revision: 2))
  }
}
