/// How whole numbers are written in a configuration: decimal digits and nothing clever.
///
/// YAML itself would also read `0x10`, `1_000`, `1e3` or (in version 1.1) `01` as numbers, each with its
/// own surprise; here they are errors.
enum DecimalText {
  /// Whether `text` is at least one digit and nothing but digits.
  static func isDigits(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// A whole number without superfluous zeros: `0`, `17`, `-3`. Nil for anything else, and on overflow.
  static func integer(_ text: Substring) -> Int? {
    let digits = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    guard isCanonical(digits) else { return nil }
    return Int(text)
  }

  /// A whole number; see above.
  static func integer(_ text: String) -> Int? { integer(text[...]) }

  /// A plain decimal number: `20`, `-3`, `99.50`. Nil for anything else, so for `1e3`, `.5`, `inf` too.
  static func decimal(_ text: Substring) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first else { return nil }
    guard parts.count == 1 || isDigits(parts[1]) else { return nil }
    let digits = whole.utf8.first == UInt8(ascii: "-") ? whole.dropFirst() : whole[...]
    guard isCanonical(digits), let value = Double(String(text)), value.isFinite else { return nil }
    return value
  }

  /// A plain decimal number; see above.
  static func decimal(_ text: String) -> Double? { decimal(text[...]) }

  /// Digits without superfluous zeros in front.
  private static func isCanonical(_ text: Substring) -> Bool {
    isDigits(text) && (text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0"))
  }
}
