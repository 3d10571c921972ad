/// What is wrong with a field, in words that begin with its name: "customer.id is missing".
struct FieldProblem: Error {
  var words: String

  init(_ field: String, _ problem: String) { words = "\(field) \(problem)" }
}

/// Reads typed values out of a document. A field is given by the index of its value (0: absent) and its
/// name for messages; null counts as absent.
struct FieldReader {
  let document: JSONDocument

  /// The node of a value that is there and not null.
  @inline(__always)
  private func present(_ value: Int32) -> JSONNode? {
    guard value != 0 else { return nil }
    let node = document.nodes[Int(value)]
    return node.kind == .null ? nil : node
  }

  /// The value of a field that must be there.
  @inline(__always)
  func required<Value>(_ value: Value?, _ index: Int32, _ field: StaticString) throws(FieldProblem) -> Value {
    guard let value else { throw FieldProblem("\(field)", index == 0 ? "is missing" : "is null") }
    return value
  }

  // MARK: Names

  /// A name, or nil if the field is absent.
  @inline(__always)
  func optionalName<N: Name>(
    _ index: Int32, _ field: StaticString, as _: N.Type = N.self
  ) throws(FieldProblem) -> N? {
    guard let node = present(index) else { return nil }
    guard node.kind == .text else { return try unusualName(node, field) }
    let bytes = document.raw(node)
    if let problem = Names.problem(in: bytes) { throw FieldProblem("\(field)", problem) }
    return N(unchecked: String(decoding: bytes, as: UTF8.self))
  }

  /// A name that must be there.
  @inline(__always)
  func name<N: Name>(_ index: Int32, _ field: StaticString, as _: N.Type = N.self) throws(FieldProblem) -> N {
    try required(optionalName(index, field), index, field)
  }

  private func unusualName<N: Name>(_ node: JSONNode, _ field: StaticString) throws(FieldProblem) -> N {
    guard node.isText else { throw mismatch("\(field)", "text", node) }
    let text = document.text(node)
    if let problem = Names.problem(in: text) { throw FieldProblem("\(field)", problem) }
    return N(unchecked: text)
  }

  // MARK: Texts

  /// A free text, or nil if the field is absent.
  @inline(__always)
  func optionalText(_ index: Int32, _ field: StaticString, limit: Int) throws(FieldProblem) -> String? {
    guard let node = present(index) else { return nil }
    return try text(node, limit: limit) { "\(field)" }
  }

  /// A free text: any characters but U+0000, which C programs (Redis modules, terminals) end texts at.
  @inline(__always)
  func text(_ node: JSONNode, limit: Int, _ field: () -> String) throws(FieldProblem) -> String {
    guard node.isText else { throw mismatch(field(), "text", node) }
    if node.kind == .text {
      guard Int(node.end - node.start) <= limit else { throw tooLong(field(), limit) }
      return document.text(node)
    }
    let text = document.text(node)
    guard text.utf8.count <= limit else { throw tooLong(field(), limit) }
    guard !text.utf8.contains(0) else { throw FieldProblem(field(), "contains the character U+0000") }
    return text
  }

  /// A text of any length and characters, U+0000 too; for what we wrote ourselves.
  func optionalRawText(_ index: Int32, _ field: StaticString) throws(FieldProblem) -> String? {
    guard let node = present(index) else { return nil }
    guard node.isText else { throw mismatch("\(field)", "text", node) }
    return document.text(node)
  }

  /// One of the words of an enumeration, or nil if the field is absent.
  func optionalChoice<Choice>(
    _ index: Int32, _ field: StaticString, as _: Choice.Type = Choice.self
  ) throws(FieldProblem) -> Choice?
  where Choice: RawRepresentable<String> & CaseIterable {
    guard let node = present(index) else { return nil }
    guard node.isText, let choice = Choice(rawValue: document.text(node)) else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw FieldProblem("\(field)", "must be one of \(words)")
    }
    return choice
  }

  /// One of the words of an enumeration, which must be there.
  func choice<Choice>(
    _ index: Int32, _ field: StaticString, as _: Choice.Type = Choice.self
  ) throws(FieldProblem) -> Choice
  where Choice: RawRepresentable<String> & CaseIterable {
    try required(optionalChoice(index, field), index, field)
  }

  // MARK: Numbers and flags

  /// An integer, or nil if the field is absent. `range` must lie within ±2^53.
  func optionalInteger(
    _ index: Int32, _ field: StaticString,
    in range: ClosedRange<Int64> = -EventLimits.integer...EventLimits.integer
  ) throws(FieldProblem) -> Int64? {
    guard let node = present(index) else { return nil }
    if node.kind == .real {
      throw FieldProblem(
        "\(field)", "must be an integer without fraction and exponent, not \(written(node))")
    }
    guard node.kind == .integer else { throw mismatch("\(field)", "an integer", node) }
    guard let value = integer(node), range.contains(value) else {
      throw FieldProblem("\(field)", "must be \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// An integer that must be there.
  func integer(
    _ index: Int32, _ field: StaticString, in range: ClosedRange<Int64>
  ) throws(FieldProblem) -> Int64 {
    try required(optionalInteger(index, field, in: range), index, field)
  }

  /// True or false, or nil if the field is absent.
  func optionalFlag(_ index: Int32, _ field: StaticString) throws(FieldProblem) -> Bool? {
    guard let node = present(index) else { return nil }
    switch node.kind {
    case .yes: return true
    case .no: return false
    default: throw mismatch("\(field)", "true or false", node)
    }
  }

  /// The value of an integer node, nil beyond 18 digits.
  private func integer(_ node: JSONNode) -> Int64? {
    var digits = document.raw(node)[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    guard digits.count <= 18 else { return nil }
    var value: Int64 = 0
    for digit in digits { value = value * 10 + Int64(digit - UInt8(ascii: "0")) }
    return isNegative ? -value : value
  }

  /// The value of a number, which the reader has seen to be finite.
  func number(_ node: JSONNode) -> Double {
    if node.kind == .integer, node.end - node.start <= 15, let value = integer(node) { return Double(value) }
    return Double(document.text(node)) ?? 0
  }

  // MARK: Objects and arrays

  /// The index of an object's value, or nil if the field is absent.
  func optionalObject(_ index: Int32, _ field: StaticString) throws(FieldProblem) -> Int32? {
    guard let node = present(index) else { return nil }
    guard node.kind == .object else { throw mismatch("\(field)", "an object", node) }
    return index
  }

  /// The index of an array's value, or nil if the field is absent.
  func optionalArray(_ index: Int32, _ field: StaticString) throws(FieldProblem) -> Int32? {
    guard let node = present(index) else { return nil }
    guard node.kind == .array else { throw mismatch("\(field)", "an array", node) }
    return index
  }

  /// The key of a member of an object of free entries.
  func key(_ node: JSONNode, of field: StaticString) throws(FieldProblem) -> String {
    try text(node, limit: EventLimits.key) { "a key of \(field)" }
  }

  // MARK: Complaints

  func mismatch(_ field: String, _ wanted: String, _ node: JSONNode) -> FieldProblem {
    FieldProblem(field, "must be \(wanted), not \(node.kindInWords)")
  }

  private func tooLong(_ field: String, _ limit: Int) -> FieldProblem {
    FieldProblem(field, "is longer than \(limit) bytes")
  }

  /// A number as written, cut for messages.
  private func written(_ node: JSONNode) -> String { String(document.text(node).prefix(40)) }
}
