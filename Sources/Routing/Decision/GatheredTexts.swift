/// The bounds of what is kept of a customer's texts for the rules (routing, section 2): the last 20, 4 KiB in all.
public enum GatheredTexts {
  /// How many texts are kept.
  public static let count = 20
  /// How many bytes they have together at most.
  public static let bytes = 4_096

  /// A text as it is kept: its beginning, if it alone is too long. Cut between characters.
  static func kept(_ text: String) -> String {
    guard text.utf8.count > bytes else { return text }
    var kept = ""
    for character in text {
      guard kept.utf8.count + character.utf8.count <= bytes else { break }
      kept.append(character)
    }
    return kept
  }

  /// How many of the older texts go so that `text` finds room.
  static func dropped(_ texts: [String], before text: String) -> Int {
    var total = texts.reduce(text.utf8.count) { $0 + $1.utf8.count }
    var dropped = 0
    for old in texts where total > bytes {
      total -= old.utf8.count
      dropped += 1
    }
    return dropped
  }
}
