extension StoredCustomer {
  /// Reads a record.
  ///
  /// A field that cannot be read, because a foreign hand wrote it, counts as absent: it must not keep a customer from
  /// being served, and the next event that tells it puts it right.
  ///
  /// - Parameters:
  ///   - texts: the texts of ``fieldNames``, in that order, nil for what is absent.
  ///   - revision: the record's.
  public init(texts: [String?], revision: Int64) {
    func text(_ key: Key) -> String? {
      Key.allCases.firstIndex(of: key).flatMap { $0 < texts.count ? texts[$0] : nil }
    }
    self.init(
      name: text(.name), vip: text(.vip).flatMap(Self.flag), level: text(.level).flatMap { Int($0) },
      tags: text(.tags).flatMap(Self.tags) ?? [],
      attributes: text(.attributes).flatMap(Self.attributes) ?? [:],
      dedicatedAgent: text(.dedicated).flatMap { AgentID(rawValue: $0) }, revision: revision)
  }

  private static func flag(_ text: String) -> Bool? {
    switch text {
    case "1": true
    case "0": false
    default: nil
    }
  }

  // MARK: - JSON

  /// The longest text that is read: as many attributes as there may be, each byte of them an escape such as \u0007.
  private static let longestText = EventLimits.attributes * (EventLimits.key + EventLimits.value + 2) * 6

  private static func tags(_ text: String) -> [String]? {
    read(text, .array) { reader throws(FieldProblem) in try reader.tags(at: 0, "tags") }
  }

  static func attributes(_ text: String) -> [String: Event.AttributeValue]? {
    read(text, .object) { reader throws(FieldProblem) in try reader.attributes(at: 0, "attributes") }
  }

  /// Reads a text as strictly as an event; nil when it would be refused there.
  private static func read<Value>(
    _ text: String, _ kind: JSONNode.Kind, _ body: (FieldReader) throws(FieldProblem) -> Value
  ) -> Value? {
    guard text.utf8.count <= longestText else { return nil }
    var text = text
    return text.withUTF8 { bytes in
      JSONDocument.read(bytes, depthLimit: EventLimits.depth) { document, fault in
        guard fault == nil, document.nodes.first?.kind == kind else { return nil }
        return try? body(FieldReader(document: document))
      }
    }
  }

  /// Tags as an array.
  static func text(of tags: [String]) -> String {
    var json = JSONText()
    json.beginArray()
    for tag in tags { json.value(tag) }
    json.endArray()
    return json.text
  }

  /// Attributes as an object, in order of name, so that the same attributes are the same text.
  static func text(of attributes: [String: Event.AttributeValue]) -> String {
    var json = JSONText()
    json.beginObject()
    for (name, value) in attributes.sorted(by: { $0.key.isBefore($1.key) }) {
      json.key(name)
      switch value {
      case .text(let text): json.value(text)
      case .flag(let flag): json.value(flag)
      // A whole number without exponent or `.0`, as people and other programs write it.
      case .number(let number):
        if let whole = Int64(exactly: number) { json.value(whole) } else { json.value(number) }
      }
    }
    json.endObject()
    return json.text
  }
}

extension String {
  /// Order byte by byte, which is the same on every system.
  func isBefore(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
