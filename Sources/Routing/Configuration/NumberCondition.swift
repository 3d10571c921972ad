/// A condition on a number: `">=5"`, `">5"`, `"<=5"`, `"<5"`, `"3"`, `"2..4"` (both ends count).
///
/// Used for levels and for numeric attributes (routing, section 2, `who`).
public enum NumberCondition: Hashable, Sendable {
  /// `3`
  case equal(Double)
  /// `>=5`
  case atLeast(Double)
  /// `>5`
  case above(Double)
  /// `<=5`
  case atMost(Double)
  /// `<5`
  case below(Double)
  /// `2..4`, both ends included
  case between(Double, Double)

  /// Whether `value` meets the condition.
  public func holds(for value: Double) -> Bool {
    switch self {
    case .equal(let bound): value == bound
    case .atLeast(let bound): value >= bound
    case .above(let bound): value > bound
    case .atMost(let bound): value <= bound
    case .below(let bound): value < bound
    case .between(let low, let high): value >= low && value <= high
    }
  }

  /// The numbers that the condition names, in order of writing.
  var bounds: [Double] {
    switch self {
    case .equal(let bound), .atLeast(let bound), .above(let bound), .atMost(let bound), .below(let bound):
      [bound]
    case .between(let low, let high): [low, high]
    }
  }

  /// Reads a condition; nil if `text` is none, or a range whose ends are the wrong way round.
  init?(text: String) {
    if let condition = Self.comparison(text) {
      self = condition
    } else if let value = DecimalText.decimal(text) {
      self = .equal(value)
    } else {
      return nil
    }
  }

  /// Reads a condition other than a bare number, so that `"20"` as an attribute's value stays a text.
  static func comparison(_ text: String) -> NumberCondition? {
    for (sign, make) in signs where text.hasPrefix(sign) {
      let rest = text.dropFirst(sign.count).drop { $0 == " " }
      return DecimalText.decimal(rest).map(make)
    }
    guard let dots = firstDots(in: text) else { return nil }
    guard let low = DecimalText.decimal(text[..<dots.lowerBound]),
      let high = DecimalText.decimal(text[dots.upperBound...]), low <= high
    else { return nil }
    return .between(low, high)
  }

  /// Whether `text` looks as though a comparison was meant, well-formed or not.
  static func resemblesComparison(_ text: String) -> Bool {
    if signs.contains(where: { text.hasPrefix($0.sign) }) { return true }
    guard let dots = firstDots(in: text) else { return false }
    return DecimalText.decimal(text[..<dots.lowerBound]) != nil
      || DecimalText.decimal(text[dots.upperBound...]) != nil
  }

  // The longer sign first: `>=5` also begins with `>`.
  private static let signs: [(sign: String, make: @Sendable (Double) -> NumberCondition)] = [
    (">=", { .atLeast($0) }), ("<=", { .atMost($0) }), (">", { .above($0) }), ("<", { .below($0) }),
  ]

  private static func firstDots(in text: String) -> Range<String.Index>? {
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(after: index)
      if text[index] == ".", next < text.endIndex, text[next] == "." {
        return index..<text.index(after: next)
      }
      index = next
    }
    return nil
  }
}
