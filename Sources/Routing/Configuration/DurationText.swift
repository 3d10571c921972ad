/// How durations are written: `300ms` `10s` `10m` `2h` `1d` or `0`.
enum DurationText {
  /// The longest duration accepted, ten years: far beyond any use, and safe to add to any moment.
  static let longest = Milliseconds.days(3_650)

  /// Why a text is no duration.
  enum Problem: Error, Equatable {
    /// A number other than 0 without a unit.
    case noUnit
    /// It begins with a minus sign.
    case negative
    /// A fraction, or several units in a row.
    case notWhole
    /// Beyond `longest`.
    case tooLong
    /// Anything else.
    case malformed
  }

  /// Reads a duration.
  static func parse(_ text: String) throws(Problem) -> Milliseconds {
    if text == "0" { return .zero }
    if text.hasPrefix("-") { throw .negative }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard !digits.isEmpty else { throw .malformed }
    if unit.isEmpty { throw .noUnit }
    guard let factor = factors[String(unit)] else {
      throw unit.contains(where: { $0.isASCII && $0.isNumber }) ? .notWhole : .malformed
    }
    // A number too long for Int64 is a duration too long as well.
    guard let count = Int64(digits) else { throw .tooLong }
    let (product, overflow) = count.multipliedReportingOverflow(by: factor)
    guard !overflow, product <= longest.rawValue else { throw .tooLong }
    return Milliseconds(product)
  }

  private static let factors: [String: Int64] = [
    "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
  ]
}
