/// A value to read, and where it stands.
struct Field {
  let node: ConfigurationNode
  let trail: KeyTrail
  /// Where its key stands; for an element of a list, the element itself.
  let keyPlace: SourcePlace

  /// Where to point when the value is wrong: at the key when there is no value to see.
  var place: SourcePlace { node.isNull ? keyPlace : node.place }
}

/// The keys of one mapping that are known in its place.
struct Fields {
  fileprivate var byKey: [String: Field] = [:]
  /// The mapping itself.
  let whole: Field

  subscript(_ key: String) -> Field? { byKey[key] }
}

/// Reads typed values out of the tree. Every function returns nil both for a value not given and for a wrong one,
/// after reporting the latter, so that reading goes on to the next key and finds all that is wrong.
struct ConfigurationReader {
  let problems: ProblemCollector
  let joinedTexts = JoinedTexts()

  func report(_ field: Field, _ message: String, suggestion: String? = nil) {
    problems.report(at: field.place, field.trail, message, suggestion: suggestion)
  }

  /// The nearest of the candidates, unless so much is wrong already that one more hint is of no use.
  func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
    problems.isCrowded ? nil : NearestKey.nearest(to: text, among: candidates)
  }

  // MARK: - Mappings and lists

  /// A mapping with only these keys. `texts` are those of them that take running text, which may go on behind a
  /// comma; see `SplitTexts`. `elsewhere` names keys that belong somewhere near, and where.
  func fields(
    _ field: Field?, known: [String], texts: Set<String> = [], elsewhere: [String: String] = [:],
    expected: String
  ) -> Fields? {
    guard let field, let split = nodes(field, expected: expected) else { return nil }
    let entries = joined(split, known: known, texts: texts, field.trail)
    var fields = Fields(whole: field)
    for entry in self.entries(entries, field.trail) {
      if known.contains(entry.key) {
        fields.byKey[entry.key] = entry.field
      } else {
        let suggestion = elsewhere[entry.key] ?? nearest(to: entry.key, among: known)
        // `{notice: 系统繁忙,请稍后, mode: bot-only}`: YAML ends the text at the comma and begins a key.
        let isHalfAText = suggestion == nil && entry.field.node.isNull
        let hint =
          isHalfAText ? " without a value; within { }, a text that contains a comma must be quoted" : ""
        problems.report(
          at: entry.field.keyPlace, entry.field.trail, "unknown key" + hint, suggestion: suggestion)
      }
    }
    return fields
  }

  /// The entries of a mapping whose keys are free, in file order. Nothing at all counts as an empty mapping, so that
  /// `presale:` alone is a group with all defaults.
  func entries(_ field: Field?, expected: String) -> [(key: String, field: Field)]? {
    guard let field, let nodes = nodes(field, expected: expected) else { return nil }
    return entries(nodes, field.trail)
  }

  private func nodes(_ field: Field, expected: String) -> [ConfigurationNode.Entry]? {
    if field.node.isNull { return [] }
    guard case .mapping(let entries) = field.node.content else {
      report(field, "expected \(expected), found \(field.node.inWords)")
      return nil
    }
    return entries
  }

  private func entries(
    _ nodes: [ConfigurationNode.Entry], _ trail: KeyTrail
  ) -> [(key: String, field: Field)] {
    nodes.compactMap { entry in
      let field = Field(node: entry.value, trail: .key(trail, entry.key), keyPlace: entry.place)
      if let earlier = entry.half?.earlier {
        problems.reportSecond(at: entry.place, field.trail, first: earlier)
        return nil
      }
      return (entry.key, field)
    }
  }

  /// The entries with texts put together that YAML took apart at a comma.
  private func joined(
    _ entries: [ConfigurationNode.Entry], known: [String], texts: Set<String>, _ trail: KeyTrail
  ) -> [ConfigurationNode.Entry] {
    guard !texts.isEmpty, entries.contains(where: { $0.half != nil }) else { return entries }
    var joined: [ConfigurationNode.Entry] = []
    var rest = entries[...]
    while let entry = rest.popFirst() {
      guard entry.half == nil, texts.contains(entry.key),
        case .scalar(var text, isPlain: true) = entry.value.content
      else {
        joined.append(entry)
        continue
      }
      var halves: [SourcePlace] = []
      while let next = rest.first, let half = next.half, !known.contains(next.key) {
        text += half.joint + next.key
        halves.append(next.place)
        rest.removeFirst()
      }
      let value = ConfigurationNode(place: entry.value.place, content: .scalar(text, isPlain: true))
      joined.append(.init(key: entry.key, place: entry.place, value: value))
      joinedTexts.note(entry.place, .key(trail, entry.key), text: value, halves: halves)
    }
    return joined
  }

  /// The elements of a list; nothing at all counts as an empty list.
  func elements(_ field: Field?, expected: String) -> [Field]? {
    guard let field else { return nil }
    if field.node.isNull { return [] }
    guard case .list(let nodes) = field.node.content else {
      report(field, "expected \(expected), found \(field.node.inWords)")
      return nil
    }
    return elements(of: nodes, in: field)
  }

  /// The elements of a list, or the one value given in place of a list. An empty list is a problem: as a condition
  /// "any of none" could never hold.
  func oneOrMore(_ field: Field?, expected: String) -> [Field] {
    guard let field else { return [] }
    switch field.node.content {
    case .list(let nodes):
      if nodes.isEmpty { report(field, "the list is empty; leave the key out, or give \(expected)") }
      return elements(of: nodes, in: field)
    case .scalar:
      return [field]
    case .mapping:
      report(field, "expected \(expected), found a mapping")
      return []
    }
  }

  private func elements(of nodes: [ConfigurationNode], in field: Field) -> [Field] {
    nodes.enumerated().map { index, node in
      Field(node: node, trail: .index(field.trail, index), keyPlace: node.place)
    }
  }

  // MARK: - Scalars

  /// The text of a scalar that is there.
  func scalar(_ field: Field?, expected: String) -> (text: String, isPlain: Bool)? {
    guard let field else { return nil }
    guard case .scalar(let text, let isPlain) = field.node.content, !field.node.isNull else {
      report(field, "expected \(expected), found \(field.node.inWords)")
      return nil
    }
    return (text, isPlain)
  }

  /// Any text; also what looks like a number or flag, as it is written.
  func text(_ field: Field?) -> String? {
    scalar(field, expected: "a text")?.text
  }

  /// A text that says something.
  func nonemptyText(_ field: Field?) -> String? {
    guard let field, let text = text(field) else { return nil }
    if text.isEmpty { report(field, "the text is empty") }
    return text.isEmpty ? nil : text
  }

  /// One or more texts that say something, each once.
  func texts(_ field: Field?, expected: String) -> [String] {
    var seen: Set<String> = []
    return oneOrMore(field, expected: expected).compactMap { element in
      guard let text = nonemptyText(element) else { return nil }
      if seen.insert(text).inserted { return text }
      report(element, "'\(text)' is in the list twice")
      return nil
    }
  }

  /// A whole number within bounds.
  func integer(_ field: Field?, _ bounds: ClosedRange<Int>) -> Int? {
    let expected = "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
    guard let field, let (text, isPlain) = scalar(field, expected: expected) else { return nil }
    guard isPlain else {
      report(field, "expected \(expected), found the text \(field.node.inWords); leave the quotes out")
      return nil
    }
    guard let value = DecimalText.integer(text) else {
      let digits = text.first == "-" ? text.dropFirst() : text[...]
      // Digits that are no integer: written with superfluous zeros, or beyond any bounds.
      let isLong = DecimalText.isDigits(digits) && digits.first != "0"
      report(
        field,
        isLong
          ? "\(text) is out of range; expected \(expected)"
          : "expected \(expected), found \(field.node.inWords)")
      return nil
    }
    guard bounds.contains(value) else {
      report(field, "\(value) is out of range; expected \(expected)")
      return nil
    }
    return value
  }

  /// `true` or `false`; `yes`, `on` and the like are texts since YAML 1.2, and too often meant as texts.
  func flag(_ field: Field?) -> Bool? {
    guard let field, let (text, isPlain) = scalar(field, expected: "true or false") else { return nil }
    switch (text, isPlain) {
    case ("true", true), ("True", true), ("TRUE", true): return true
    case ("false", true), ("False", true), ("FALSE", true): return false
    default:
      let quotes = ["true", "false"].contains(text) ? "; leave the quotes out" : ""
      report(field, "expected true or false, found \(field.node.inWords)\(quotes)")
      return nil
    }
  }

  /// A duration; 0 only where it means something.
  func duration(_ field: Field?, zero: Bool = true) -> Milliseconds? {
    let expected = "a duration such as 300ms, 10s, 10m, 2h or 1d"
    guard let field, let text = scalar(field, expected: expected)?.text else { return nil }
    do throws(DurationText.Problem) {
      let duration = try DurationText.parse(text)
      if duration > .zero || zero { return duration }
      report(field, "0 is out of range; expected \(expected)")
    } catch {
      let found = field.node.inWords
      switch error {
      case .noUnit:
        report(field, "expected \(expected), found \(found) without a unit", suggestion: "\(text)s")
      case .negative: report(field, "expected \(expected), found \(found), which is negative")
      case .notWhole: report(field, "expected a whole number of one unit such as 90m, found \(found)")
      case .tooLong: report(field, "\(found) is out of range; the longest duration is 3650d")
      case .malformed: report(field, "expected \(expected), found \(found)")
      }
    }
    return nil
  }

  /// One of a few words.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ field: Field?, _ type: Choice.Type = Choice.self
  ) -> Choice? {
    let words = Choice.allCases.map(\.rawValue)
    let expected = words.count == 1 ? "\(words[0])" : "one of \(words.joined(separator: ", "))"
    guard let field, let text = scalar(field, expected: expected)?.text else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    report(
      field, "expected \(expected), found \(field.node.inWords)", suggestion: nearest(to: text, among: words))
    return nil
  }

  // MARK: - Names

  /// A name of any kind, such as a gateway's.
  func name<Kind: Name>(_ field: Field?, _ type: Kind.Type = Kind.self, what: String) -> Kind? {
    guard let field, let text = scalar(field, expected: what)?.text else { return nil }
    if let problem = Names.problem(in: text) {
      report(field, "\(field.node.inWords) is no name for \(what): it \(problem)")
      return nil
    }
    return Kind(unchecked: text)
  }

  /// The name that a mapping's key is.
  func name<Kind: Name>(ofKey key: String, _ field: Field, _ type: Kind.Type = Kind.self, what: String)
    -> Kind?
  {
    if let problem = Names.problem(in: key) {
      problems.report(at: field.keyPlace, field.trail, "the name of \(what) \(problem)")
      return nil
    }
    return Kind(unchecked: key)
  }

  /// The name of something that the file defines.
  func reference<Kind: Name, Known>(
    _ field: Field?, to known: [Kind: Known], what: String
  ) -> Kind? {
    guard let field, let text = scalar(field, expected: "the name of \(what)")?.text else { return nil }
    return reference(named: text, field, to: known, what: what)
  }

  /// The same, with the name taken out of the field already.
  func reference<Kind: Name, Known>(
    named text: String, _ field: Field, to known: [Kind: Known], what: String
  ) -> Kind? {
    let name = Kind(unchecked: text)
    if known[name] != nil { return name }
    // Sorted, so that of two equally near names always the same is suggested.
    let suggestion = problems.isCrowded ? nil : nearest(to: text, among: known.keys.map(\.rawValue).sorted())
    report(field, "there is no such \(what): \(field.node.inWords)", suggestion: suggestion)
    return nil
  }

  /// Skills with their proficiencies.
  func skills(_ field: Field?, _ bounds: ClosedRange<Int>) -> [SkillID: Int] {
    var skills: [SkillID: Int] = [:]
    for (key, field) in entries(field, expected: "a mapping such as {english: 3}") ?? [] {
      guard let skill = name(ofKey: key, field, SkillID.self, what: "a skill") else { continue }
      skills[skill] = integer(field, bounds)
    }
    return skills
  }
}
