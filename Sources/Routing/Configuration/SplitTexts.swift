/// Finds where YAML may have taken a text apart: in `{notice: 系统繁忙,请稍后, mode: bot-only}` the text ends at the
/// comma, and `请稍后` is a key without a value.
///
/// Nobody sets keys apart by a comma alone, and in Chinese text nothing follows one. So a key that has neither value
/// nor colon, and that follows a text without quotes by a comma and no white space, may be the rest of that text.
/// Whether it is depends on which keys are known there, which the reader decides.
struct SplitTexts {
  private let lines: SourceLines
  /// What was found so far, by the place of the second half: aliases lead to the same halves again and again.
  private var found: [SourcePlace: String?] = [:]
  /// The last place looked for. A file may be one long line, which must not be counted from its beginning each time.
  private var last: (place: SourcePlace, offset: Int)?

  init(_ text: String) {
    lines = SourceLines(text)
  }

  /// What stands between the text of `entry` and the key after it, which has no value: a comma and whatever blanks
  /// come before it. Nil where the two cannot be halves of one text.
  mutating func joint(after entry: ConfigurationNode.Entry, before key: String, at place: SourcePlace)
    -> String?
  {
    guard entry.half != nil || entry.value.isPlainText else { return nil }
    if let known = found[place] { return known }
    let joint = isText(entry) && !hasColon(key, at: place) ? joint(before: key, at: place) : nil
    found.updateValue(joint, forKey: place)
    return joint
  }

  /// Whether the entry ends in a text that stands there itself, not as an alias, and without anchor or tag: what is
  /// anchored is used elsewhere too, where half of it would go unnoticed.
  private mutating func isText(_ entry: ConfigurationNode.Entry) -> Bool {
    if entry.half != nil { return true }
    guard entry.value.place > entry.place, let offset = offset(of: entry.value.place) else { return false }
    return lines.bytes[offset] != UInt8(ascii: "&") && lines.bytes[offset] != UInt8(ascii: "!")
  }

  /// YAML wants a colon on the line of its key, so none follows a key of several lines.
  private mutating func hasColon(_ key: String, at place: SourcePlace) -> Bool {
    guard let offset = offset(of: place), lines.bytes[offset...].starts(with: key.utf8) else { return false }
    let rest = lines.bytes[(offset + key.utf8.count)...].drop(while: Self.isBlank)
    return rest.first == UInt8(ascii: ":")
  }

  private mutating func joint(before key: String, at place: SourcePlace) -> String? {
    // Other white space than YAML's own, such as the ideographic space, is part of the key.
    guard let first = key.unicodeScalars.first, !first.properties.isWhitespace,
      let offset = offset(of: place), let start = lines.offset(of: SourcePlace(line: place.line, column: 1))
    else { return nil }
    // An anchor before the key: then its own first character does not stand at its place.
    guard lines.bytes[offset] == key.utf8.first else { return nil }
    guard offset > start, lines.bytes[offset - 1] == UInt8(ascii: ",") else { return nil }
    var end = offset - 1
    while end > start, Self.isBlank(lines.bytes[end - 1]) { end -= 1 }
    // A comma that begins its line is no comma within a text.
    guard end > start else { return nil }
    return String(decoding: lines.bytes[end..<offset], as: UTF8.self)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private mutating func offset(of place: SourcePlace) -> Int? {
    guard let offset = lines.offset(of: place, from: last) else { return nil }
    last = (place, offset)
    return offset
  }
}

/// The texts that the reader put together again, for warnings.
///
/// A class, like `ProblemCollector`, because the reader's many small functions all add to the same one.
final class JoinedTexts {
  /// A file that a program wrote may have very many; nobody reads more than these.
  private static let mostNamed = 20

  private var named: [ConfigurationWarning] = []
  private var others = 0
  /// The places of what looks like a key and was read as part of a text.
  private(set) var places: Set<SourcePlace> = []

  /// Notes that the text of a key goes on over `halves`, places of what looks like keys.
  func note(_ key: SourcePlace, _ trail: KeyTrail, text: ConfigurationNode, halves: [SourcePlace]) {
    // Behind aliases the same text is read again.
    guard let first = halves.first, !places.contains(first) else { return }
    places.formUnion(halves)
    guard named.count < Self.mostNamed else {
      others += 1
      return
    }
    let message = "is read as \(text.inWords); within { }, a text that contains a comma should be quoted"
    named.append(ConfigurationWarning(line: key.line, keyPath: trail.description, message: message))
  }

  /// One warning for each text, up to a readable number.
  var warnings: [ConfigurationWarning] {
    var warnings = named
    if others > 0, var last = warnings.popLast() {
      last.message += ", and so for \(others) more"
      warnings.append(last)
    }
    return warnings
  }
}
