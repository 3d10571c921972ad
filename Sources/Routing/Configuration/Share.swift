/// A share of a whole, written in percent: `30%`, `12.5%`.
///
/// Kept as a whole number of hundredths of a percent, so that a hash can be compared with it exactly.
public struct Share: Hashable, Sendable, Comparable {
  /// 0…10,000 hundredths of a percent.
  public let hundredthsOfPercent: Int

  /// Nothing.
  public static let none = Share(clampingHundredths: 0)
  /// The whole.
  public static let whole = Share(clampingHundredths: 10_000)

  /// The share nearest to so many hundredths of a percent, within 0…10,000.
  public init(clampingHundredths value: Int) { hundredthsOfPercent = min(10_000, max(0, value)) }

  /// So many whole percent, within 0…100.
  public static func percent(_ value: Int) -> Share {
    Share(clampingHundredths: min(100, max(0, value)) * 100)
  }

  /// Order by size.
  public static func < (left: Share, right: Share) -> Bool {
    left.hundredthsOfPercent < right.hundredthsOfPercent
  }

  /// Reads `30%` or `12.5%` or `0.25%`; nil for anything else, and beyond 100%.
  init?(text: String) {
    guard text.utf8.last == UInt8(ascii: "%") else { return nil }
    let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first, (1...3).contains(whole.utf8.count),
      DecimalText.isDigits(whole), let percent = Int(whole)
    else { return nil }
    var hundredths = percent * 100
    if parts.count == 2 {
      let fraction = parts[1]
      guard (1...2).contains(fraction.utf8.count), DecimalText.isDigits(fraction), let value = Int(fraction)
      else { return nil }
      hundredths += fraction.utf8.count == 1 ? value * 10 : value
    }
    guard hundredths <= 10_000 else { return nil }
    self.init(clampingHundredths: hundredths)
  }
}
