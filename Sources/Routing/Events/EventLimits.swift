/// How large an event and the parts of it may be. The protocol sets the bytes of an event and of its
/// `id`; the others are ours, chosen well above what gateways send and below what would make a hash in
/// Redis or a line on the console unwieldy. Lengths are bytes of UTF-8 after escapes are replaced.
public enum EventLimits {
  /// The longest event.
  public static let bytes = 65_536
  /// How many arrays and objects may enclose each other, the event itself included.
  public static let depth = 16
  /// The longest `id` of an event.
  public static let id = 128
  /// The longest `comment`, `note`, `reason` and `notice`.
  public static let remark = 4_096
  /// The longest `customer.name`.
  public static let customerName = 256
  /// The longest `channel` and `category`.
  public static let label = 128
  /// The most `customer.tags`.
  public static let tags = 64
  /// The longest of `customer.tags`.
  public static let tag = 128
  /// The most entries of `params`.
  public static let params = 64
  /// The most `customer.attributes`.
  public static let attributes = 128
  /// The longest key of `params` and `customer.attributes`.
  public static let key = 128
  /// The longest text value of `params` and `customer.attributes`.
  public static let value = 4_096
  /// The greatest integer, and with a minus the least: 2^53, up to which a double (and so Lua) counts
  /// without gaps.
  public static let integer: Int64 = 9_007_199_254_740_992
}
