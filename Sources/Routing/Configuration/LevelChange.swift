/// What a rule or an overflow step does to a level: `7` sets it, `"+2"` and `"-1"` move it.
///
/// The text decides, not YAML's idea of the number: a bare `+2` counts as relative too, since Fenliu reads
/// the scalar as it was written. Other YAML tools would lose the sign, hence the advice to quote it.
public enum LevelChange: Hashable, Sendable {
  /// Sets the level.
  case absolute(Level)
  /// Adds to the level; -10…10, not 0.
  case relative(Int)

  /// The level after the change; clamped to 0…10.
  public func applied(to level: Level) -> Level {
    switch self {
    case .absolute(let new): new
    case .relative(let step): Level(clamping: level.rawValue + step)
    }
  }

  /// Reads `7`, `+2` or `-1`; nil for anything else, and beyond 10 either way.
  init?(text: String) {
    guard let first = text.utf8.first else { return nil }
    if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
      guard let step = DecimalText.integer(text.dropFirst()), (1...10).contains(step) else { return nil }
      self = .relative(first == UInt8(ascii: "-") ? -step : step)
    } else {
      guard let value = DecimalText.integer(text), (0...10).contains(value) else { return nil }
      self = .absolute(Level(clamping: value))
    }
  }
}
