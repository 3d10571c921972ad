import Testing

@testable import Routing

@Suite struct SampleHashTests {
  @Test(
    "a customer's side of a trial never changes from one version to the next",
    arguments: [
      ("trial", "u-1", 0xDBE9_1793_4C9E_A069, 6_361), ("trial", "u-2", 0xEB7A_581E_2428_4DC6, 9_286),
      ("other", "u-1", 0x395B_8391_4066_DA39, 985), ("新话术试验", "客户-17", 0x74F3_E72B_FA08_76E4, 8_692),
    ] as [(String, String, UInt64, Int)])
  func pinned(rule: String, customer: String, hash: UInt64, bucket: Int) {
    let id = CustomerID(unchecked: customer)
    #expect(SampleHash.hash(rule: rule, customer: id) == hash)
    #expect(SampleHash.bucket(of: id, rule: rule) == bucket)
    #expect(!SampleHash.contains(id, of: rule, share: Share(clampingHundredths: bucket)))
    #expect(SampleHash.contains(id, of: rule, share: Share(clampingHundredths: bucket + 1)))
  }

  @Test("where the rule's name ends and the customer's id begins matters")
  func boundary() {
    #expect(
      SampleHash.hash(rule: "ab", customer: CustomerID(unchecked: "c"))
        != SampleHash.hash(rule: "a", customer: CustomerID(unchecked: "bc")))
  }

  @Test("nobody is in 0%, everybody in 100%")
  func ends() {
    for number in 0..<1_000 {
      let id = CustomerID(unchecked: "u-\(number)")
      #expect(!SampleHash.contains(id, of: "trial", share: .none))
      #expect(SampleHash.contains(id, of: "trial", share: .whole))
    }
  }

  @Test("customers with running numbers spread evenly", arguments: ["u-", "", "wx_openid_00000"])
  func spread(prefix: String) {
    let (customers, cells) = (100_000, 100)
    var counts = [Int](repeating: 0, count: cells)
    for number in 0..<customers {
      counts[SampleHash.bucket(of: CustomerID(unchecked: "\(prefix)\(number)"), rule: "trial") % cells] += 1
    }
    #expect(chiSquare(counts, expected: Double(customers) / Double(cells)) < 160)
    // And over the range, since a share takes the lower end of it.
    var ranges = [Int](repeating: 0, count: cells)
    for number in 0..<customers {
      ranges[SampleHash.bucket(of: CustomerID(unchecked: "\(prefix)\(number)"), rule: "trial") / 100] += 1
    }
    #expect(chiSquare(ranges, expected: Double(customers) / Double(cells)) < 160)
  }

  @Test("two trials divide the customers independently", arguments: ["trial2", "other", "trial "])
  func independence(other: String) {
    let customers = 100_000
    var both = 0
    for number in 0..<customers {
      let id = CustomerID(unchecked: "u-\(number)")
      let isInFirst = SampleHash.contains(id, of: "trial", share: .percent(30))
      if isInFirst, SampleHash.contains(id, of: other, share: .percent(30)) { both += 1 }
    }
    // 9,000 expected with a standard deviation of 90.
    #expect(abs(both - 9_000) < 400)
  }

  /// With 99 degrees of freedom it is above 160 once in 10,000 times; the ids are fixed, so it never changes.
  private func chiSquare(_ counts: [Int], expected: Double) -> Double {
    counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }
}
