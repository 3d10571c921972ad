import Yams

/// Turns the text of a file into a tree of places and texts, and refuses what no honest file contains.
///
/// Composing is Yams' work; around it stand four guards. Texts are kept as written (no resolver). Duplicate keys
/// are found all at once, where Yams stops at the first. Aliases are followed only as far as a real file needs,
/// so that a few lines cannot grow into gigabytes. And nesting ends at a depth that the recursion stands.
struct ConfigurationComposer {
  /// The largest file, in bytes.
  static let largestFile = 64 << 20
  /// The deepest value: twice what the deepest key needs.
  static let deepest = 24
  /// How many values a file may have, beyond its bytes, by repeating them through aliases.
  static let aliasAllowance = 100_000

  private let text: String
  private let problems: ProblemCollector
  private var renamed: [SourcePlace: String] = [:]
  private var allowance: Int
  /// Made only for a file that needs it. Not lazy: that would copy it at each call.
  private var splitTexts: SplitTexts?
  /// Whether the file is refused as a whole: what was left out of its tree would only cause puzzling problems.
  private var isRefused = false

  private init(text: String, problems: ProblemCollector) {
    self.text = text
    self.problems = problems
    self.allowance = text.utf8.count + Self.aliasAllowance
  }

  /// The tree of a file, or nil when a problem has been reported that leaves no tree at all.
  static func compose(_ text: String, problems: ProblemCollector) -> ConfigurationNode? {
    if text.utf8.count > largestFile {
      problems.report(at: .start, .root, "the file is larger than 64 MiB")
      return nil
    }
    if let offset = firstControlCharacter(in: text) {
      problems.report(
        at: SourceLines(text).place(ofOffset: offset), .root, "YAML has no control characters in its text")
      return nil
    }
    var composer = ConfigurationComposer(text: text, problems: problems)
    guard composer.keysAreWrittenOut(), let root = composer.composed() else { return nil }
    let tree = composer.converted(root, .root, depth: 0)
    return composer.isRefused ? nil : tree
  }

  /// The offset of the first byte that YAML refuses, apart from a few rare ones that Yams names without a place.
  private static func firstControlCharacter(in text: String) -> Int? {
    var text = text
    return text.withUTF8 { bytes in
      bytes.firstIndex { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D || $0 == 0x7F }
    }
  }

  // MARK: - Aliases as keys

  /// Whether it is safe to let Yams compare keys.
  ///
  /// Yams hashes every key of a mapping. A key that is itself a list of aliases of lists of aliases takes it time
  /// beyond all bounds, before anybody gets to see a tree. So a file with anchors is first composed with every `*`
  /// replaced by a private character: no alias is left, the shape is the same, and what stands as a key shows.
  private func keysAreWrittenOut() -> Bool {
    guard text.utf8.contains(UInt8(ascii: "&")), text.utf8.contains(UInt8(ascii: "*")) else { return true }
    var blotted = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { blotted.append(scalar == "*" ? Self.blot : scalar) }
    // An error here is an error of the file itself too, and will be told with the file's own text.
    guard let root = try? Yams.compose(yaml: String(blotted), .basic, .default, .utf8) else { return true }
    let before = problems.isEmpty
    reportKeys(of: root, depth: 0)
    return problems.isEmpty == before
  }

  private static let blot: Unicode.Scalar = "\u{E000}"

  private func reportKeys(of node: Node, depth: Int) {
    guard depth <= Self.deepest else { return }
    switch node {
    case .sequence(let sequence):
      for element in sequence { reportKeys(of: element, depth: depth + 1) }
    case .mapping(let mapping):
      for (key, value) in mapping {
        if let scalar = key.scalar {
          if scalar.style == .plain, scalar.string.unicodeScalars.first == Self.blot {
            problems.report(at: key.place, .root, "a key is written out, not an alias")
          }
        } else {
          problems.report(at: key.place, .root, "a key is a text, not a list or mapping")
        }
        reportKeys(of: value, depth: depth + 1)
      }
    case .scalar, .alias:
      break
    }
  }

  // MARK: - Composing, with duplicate keys

  /// Yams' tree; of a key that is given twice, the first is renamed so that the tree comes out all the same.
  private mutating func composed() -> Node? {
    // Each duplicate costs another pass over the file, so a large file is not searched to the end.
    var passes = text.utf8.count > 256 << 10 ? 3 : ConfigurationErrors.most
    var attempt = text
    while true {
      passes -= 1
      do {
        if let root = try Yams.compose(yaml: attempt, .basic, .default, .utf8) { return root }
        problems.report(at: .start, .root, "the file is empty")
        return nil
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let place = SourcePlace(line: context.mark.line, column: context.mark.column)
        if passes > 0, let next = rename(at: place, in: attempt) {
          attempt = next
          continue
        }
        let key = keys.first ?? ""
        problems.report(at: place, .root, "the key '\(key)' is given more than once in this mapping")
        return nil
      } catch {
        YamlProblem(error).report(to: problems, text: text)
        return nil
      }
    }
  }

  /// `text` with the first character of the key at `place` made private; nil where that would change more.
  private mutating func rename(at place: SourcePlace, in text: String) -> String? {
    guard renamed[place] == nil, var offset = SourceLines(text).offset(of: place) else { return nil }
    var bytes = Array(text.utf8)
    let isQuoted = bytes[offset] == UInt8(ascii: "\"") || bytes[offset] == UInt8(ascii: "'")
    if isQuoted { offset += 1 }
    guard offset < bytes.count else { return nil }
    // An anchor or tag before the key, an escape, an empty key: rare enough to be told on its own.
    let awkward = Array("&!\\\"'?*|>\r\n".utf8)
    guard !awkward.contains(bytes[offset]) else { return nil }
    let end = offset + SourceLines.scalarLength(bytes[offset])
    guard end <= bytes.count else { return nil }
    renamed[place] = String(decoding: bytes[offset..<end], as: UTF8.self)
    guard let mark = Unicode.Scalar(0xE100 + UInt32(renamed.count)) else { return nil }
    bytes.replaceSubrange(offset..<end, with: Array(String(Character(mark)).utf8))
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: - Converting

  private mutating func converted(_ node: Node, _ trail: KeyTrail, depth: Int) -> ConfigurationNode? {
    let place = node.place
    allowance -= 1
    guard allowance >= 0 else {
      if !isRefused {
        problems.report(
          at: .start, .root, "the file's aliases multiply into far more values than it has bytes")
      }
      isRefused = true
      return nil
    }
    guard depth <= Self.deepest else {
      problems.report(at: place, .root, "nested more than \(Self.deepest) deep")
      isRefused = true
      return nil
    }
    switch node {
    case .scalar(let scalar):
      check(scalar.tag, at: place, trail)
      return ConfigurationNode(
        place: place, content: .scalar(scalar.string, isPlain: scalar.style == .plain))
    case .sequence(let sequence):
      check(sequence.tag, at: place, trail)
      var elements: [ConfigurationNode] = []
      for (index, element) in sequence.enumerated() where !isRefused {
        guard let value = converted(element, .index(trail, index), depth: depth + 1) else { continue }
        elements.append(value)
      }
      return ConfigurationNode(place: place, content: .list(elements))
    case .mapping(let mapping):
      check(mapping.tag, at: place, trail)
      return ConfigurationNode(place: place, content: .mapping(entries(of: mapping, trail, depth: depth)))
    case .alias:
      // Yams puts the anchor's value in an alias' place; this case is for trees that somebody builds to write.
      return nil
    }
  }

  private mutating func entries(
    of mapping: Node.Mapping, _ trail: KeyTrail, depth: Int
  ) -> [ConfigurationNode.Entry] {
    var entries: [ConfigurationNode.Entry] = []
    entries.reserveCapacity(mapping.count)
    var first: [String: SourcePlace] = [:]
    for (keyNode, valueNode) in mapping where !isRefused {
      let place = keyNode.place
      guard let scalar = keyNode.scalar else {
        problems.report(at: place, trail, "a key is a text, not a list or mapping")
        continue
      }
      var key = scalar.string
      if let start = renamed[place] { key = start + String(key.unicodeScalars.dropFirst()) }
      if key == "<<", scalar.style == .plain {
        problems.report(
          at: place, trail, "merge keys (<<) are not read; put what groups share under group_defaults")
        continue
      }
      let keyTrail = KeyTrail.key(trail, key)
      check(scalar.tag, at: place, keyTrail)
      var joint: String?
      // Not asked is whether the mapping is in braces: Yams does not tell, and elsewhere no comma precedes a key.
      if scalar.style == .plain, valueNode.isEmpty, let last = entries.last {
        if splitTexts == nil { splitTexts = SplitTexts(text) }
        joint = splitTexts?.joint(after: last, before: key, at: place)
      }
      let earlier = first.updateValue(place, forKey: key)
      if let earlier, joint == nil {
        problems.reportSecond(at: place, keyTrail, first: earlier)
        continue
      }
      if let value = converted(valueNode, keyTrail, depth: depth + 1) {
        let half = joint.map { ConfigurationNode.Half(joint: $0, earlier: earlier) }
        entries.append(.init(key: key, place: place, value: value, half: half))
      }
    }
    return entries
  }

  /// Reports a tag that somebody wrote; the value is read on without it.
  private func check(_ tag: Tag, at place: SourcePlace, _ trail: KeyTrail) {
    let known = ["", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"]
    if known.contains(tag.rawValue) { return }
    problems.report(at: place, trail, "YAML tags such as \(tag.rawValue) are not read; leave the tag out")
  }
}

extension Node {
  /// Whether this is what YAML puts where nothing was written.
  fileprivate var isEmpty: Bool { scalar.map { $0.string.isEmpty && $0.style == .plain } ?? false }

  fileprivate var place: SourcePlace {
    mark.map { SourcePlace(line: $0.line, column: $0.column) } ?? .start
  }
}
