/// Reading of what has entries of its own: URL parameters, attributes, tags. The object or array is given by its index,
/// which may be 0 where it is the whole document; `field` is its name for messages.
extension FieldReader {
  /// URL parameters: numbers and flags count as the text they are written as, null as absent.
  func params(at index: Int32, _ field: StaticString) throws(FieldProblem) -> [String: String] {
    var params = [String: String](minimumCapacity: capacity(at: index, limit: EventLimits.params))
    try document.forEachMember(of: index) { (key, value) throws(FieldProblem) in
      let node = document.nodes[Int(value)]
      guard node.kind != .null else { return }
      let name = try self.key(key, of: field)
      let entry: String
      switch node.kind {
      case .integer, .real, .yes, .no: entry = document.text(node)
      default: entry = try text(node, limit: EventLimits.value) { "\(field)[\(name.quotedForPeople)]" }
      }
      try insert(entry, name, into: &params, field, limit: EventLimits.params)
    }
    return params
  }

  /// A customer's attributes; null counts as absent.
  func attributes(
    at index: Int32, _ field: StaticString
  ) throws(FieldProblem) -> [String: Event.AttributeValue] {
    var attributes = [String: Event.AttributeValue](
      minimumCapacity: capacity(at: index, limit: EventLimits.attributes))
    try document.forEachMember(of: index) { (key, value) throws(FieldProblem) in
      let node = document.nodes[Int(value)]
      guard node.kind != .null else { return }
      let name = try self.key(key, of: field)
      let entry: Event.AttributeValue
      switch node.kind {
      case .yes: entry = .flag(true)
      case .no: entry = .flag(false)
      case .integer, .real: entry = .number(number(node))
      case .array, .object:
        throw mismatch("\(field)[\(name.quotedForPeople)]", "text, a number, true or false", node)
      default:
        entry = .text(try text(node, limit: EventLimits.value) { "\(field)[\(name.quotedForPeople)]" })
      }
      try insert(entry, name, into: &attributes, field, limit: EventLimits.attributes)
    }
    return attributes
  }

  /// A customer's tags.
  func tags(at index: Int32, _ field: StaticString) throws(FieldProblem) -> [String] {
    var tags: [String] = []
    try document.forEachElement(of: index) { (node, number) throws(FieldProblem) in
      guard number < EventLimits.tags else {
        throw FieldProblem("\(field)", "has more than \(EventLimits.tags) entries")
      }
      tags.append(try text(node, limit: EventLimits.tag) { "\(field)[\(number)]" })
    }
    return tags
  }

  /// How many entries to make room for, so that the dictionary need not grow: the members, if they are all
  /// plain, but not beyond the limit.
  private func capacity(at index: Int32, limit: Int) -> Int {
    min(limit, Int(document.nodes[Int(index)].next - index) / 2)
  }

  /// Adds an entry. The reader has refused keys that stand twice byte for byte, but Swift also holds
  /// texts for equal that differ only in how accents are composed, and would overwrite one of them.
  private func insert<Value>(
    _ value: Value, _ key: String, into entries: inout [String: Value], _ field: StaticString, limit: Int
  ) throws(FieldProblem) {
    guard entries.updateValue(value, forKey: key) == nil else {
      throw FieldProblem("\(field)", "has two keys that read the same: \(key.quotedForPeople)")
    }
    guard entries.count <= limit else { throw FieldProblem("\(field)", "has more than \(limit) entries") }
  }
}
