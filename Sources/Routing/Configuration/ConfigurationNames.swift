/// The name of a schedule: weekly hours with exceptions (routing, "Distribution by the clock").
public struct ScheduleID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}

/// The name of a skill that agents have and rules ask for; a language is a skill like any other
/// (routing, section 4, "Skills").
public struct SkillID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}
