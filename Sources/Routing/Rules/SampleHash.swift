/// Which customers belong to the share that a rule's `sample` asks for (routing, section 2, `sample`).
///
/// A customer keeps its side of a rule for as long as the rule keeps its name: over restarts, versions and platforms,
/// and in other programs that need to know. So this is a format, and never changes. The hash is FNV-1a with 64 bits
/// over the rule's name in UTF-8, a zero byte, and the customer's id in UTF-8; then the finaliser of MurmurHash3 with
/// 64 bits, since the last bytes of a text hardly reach the high bits of FNV-1a. Customers are numbered by the
/// remainder modulo 10,000, and those below the share in hundredths of a percent belong to it.
///
/// | rule | customer | hash | bucket |
/// |---|---|---|---|
/// | `trial` | `u-1` | `0xDBE9_1793_4C9E_A069` | 6361 |
/// | `trial` | `u-2` | `0xEB7A_581E_2428_4DC6` | 9286 |
/// | `other` | `u-1` | `0x395B_8391_4066_DA39` | 985 |
/// | `新话术试验` | `客户-17` | `0x74F3_E72B_FA08_76E4` | 8692 |
public enum SampleHash {
  /// How many buckets there are: one for each hundredth of a percent.
  public static let buckets = 10_000

  /// Whether a customer belongs to the share of a rule. Raising a share keeps all who belonged to it.
  public static func contains(_ customer: CustomerID, of rule: String, share: Share) -> Bool {
    bucket(of: customer, rule: rule) < share.hundredthsOfPercent
  }

  /// The bucket of a customer under a rule, 0…9,999.
  public static func bucket(of customer: CustomerID, rule: String) -> Int {
    Int(hash(rule: rule, customer: customer) % UInt64(buckets))
  }

  /// The hash of a rule's name and a customer's id.
  static func hash(rule: String, customer: CustomerID) -> UInt64 {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in rule.utf8 { add(byte, to: &state) }
    add(0, to: &state)
    for byte in customer.rawValue.utf8 { add(byte, to: &state) }
    state ^= state >> 33
    state &*= 0xFF51_AFD7_ED55_8CCD
    state ^= state >> 33
    state &*= 0xC4CE_B9FE_1A85_EC53
    return state ^ state >> 33
  }

  private static func add(_ byte: UInt8, to state: inout UInt64) {
    state = (state ^ UInt64(byte)) &* 0x100_0000_01B3
  }
}
