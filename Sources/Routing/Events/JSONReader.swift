/// A strict JSON reader (RFC 8259): one pass over the bytes, which leaves a list of nodes and copies
/// nothing.
///
/// Stricter than the RFC where leniency lets two programs understand one text differently: a key may
/// stand only once in an object, also when one of the two is written with escapes; lone surrogates and
/// numbers beyond a double are refused. Recursion is bounded by the depth limit, so a hostile text
/// cannot grow the stack.
///
/// Nodes go to memory that the caller provides, since an array would check for uniqueness and capacity
/// at each append; `JSONDocument` is how everyone else uses this.
struct JSONReader {
  /// The text.
  let bytes: UnsafeBufferPointer<UInt8>
  /// Where nodes go. See `capacity(forBytes:depth:)`.
  let nodes: UnsafeMutableBufferPointer<JSONNode>
  /// How many arrays and objects may enclose each other.
  let depthLimit: Int

  /// The next byte to look at.
  var position = 0
  /// How many nodes are written.
  var nodeCount = 0

  init(
    bytes: UnsafeBufferPointer<UInt8>, nodes: UnsafeMutableBufferPointer<JSONNode>, depthLimit: Int
  ) {
    self.bytes = bytes
    self.nodes = nodes
    self.depthLimit = depthLimit
  }

  /// As many nodes as a text of so many bytes can have: every value but the first of each enclosing
  /// array or object has a separator or a bracket of its own.
  static func capacity(forBytes count: Int, depth: Int) -> Int { count / 2 + depth + 2 }

  /// Reads the text, which must be one value with nothing but space around it.
  mutating func readDocument() throws(JSONFault) {
    guard !bytes.isEmpty else { throw fault(.empty) }
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      throw fault(.byteOrderMark)
    }
    // Nodes hold offsets in 32 bits.
    guard bytes.count < Int(Int32.max) else { throw fault(.expected("less than 2 GiB")) }
    skipSpace()
    try readValue(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw fault(.trailing) }
  }

  private mutating func readValue(depth: Int) throws(JSONFault) {
    guard position < bytes.count else { throw fault(.expected("a value")) }
    switch bytes[position] {
    case UInt8(ascii: "\""): try readText()
    case UInt8(ascii: "{"): try readObject(depth: depth + 1)
    case UInt8(ascii: "["): try readArray(depth: depth + 1)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
    case UInt8(ascii: "t"): try readWord("true", .yes)
    case UInt8(ascii: "f"): try readWord("false", .no)
    case UInt8(ascii: "n"): try readWord("null", .null)
    default: throw fault(.expected("a value"))
    }
  }

  private mutating func readArray(depth: Int) throws(JSONFault) {
    let array = try open(.array, depth: depth)
    if take(UInt8(ascii: "]")) { return close(array) }
    while true {
      try readValue(depth: depth)
      skipSpace()
      if take(UInt8(ascii: ",")) {
        skipSpace()
        continue
      }
      guard take(UInt8(ascii: "]")) else { throw fault(.expected("',' or ']'")) }
      return close(array)
    }
  }

  private mutating func readObject(depth: Int) throws(JSONFault) {
    let object = try open(.object, depth: depth)
    if take(UInt8(ascii: "}")) { return close(object) }
    var keys = JSONKeys(object: object)
    while true {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw fault(.expected("a key in double quotes"))
      }
      let key = nodeCount
      try readText()
      try keys.add(key, in: self)
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw fault(.expected("':'")) }
      skipSpace()
      try readValue(depth: depth)
      skipSpace()
      if take(UInt8(ascii: ",")) {
        skipSpace()
        continue
      }
      guard take(UInt8(ascii: "}")) else { throw fault(.expected("',' or '}'")) }
      try keys.finish(in: self)
      return close(object)
    }
  }

  private mutating func readWord(_ word: StaticString, _ kind: JSONNode.Kind) throws(JSONFault) {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count, UnsafeBufferPointer(rebasing: bytes[position..<end]).spells(word) else {
      throw fault(.expected("a value"))
    }
    try append(kind, from: position, to: end)
    position = end
  }

  // MARK: Nodes

  private mutating func open(_ kind: JSONNode.Kind, depth: Int) throws(JSONFault) -> Int {
    guard depth <= depthLimit else { throw fault(.tooDeep(limit: depthLimit)) }
    let index = nodeCount
    try append(kind, from: position, to: position)
    nodes[index].next = JSONNode.unfinished
    position += 1
    skipSpace()
    return index
  }

  private mutating func close(_ index: Int) {
    nodes[index].end = Int32(truncatingIfNeeded: position)
    nodes[index].next = Int32(truncatingIfNeeded: nodeCount)
  }

  /// Notes a value that is complete.
  @inline(__always)
  mutating func append(_ kind: JSONNode.Kind, from start: Int, to end: Int) throws(JSONFault) {
    // Cannot happen while `capacity` counts right; the check keeps a mistake there from writing
    // outside the memory.
    guard nodeCount < nodes.count else { throw fault(.expected("fewer values")) }
    nodes[nodeCount] = JSONNode(
      kind: kind, start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
      next: Int32(truncatingIfNeeded: nodeCount &+ 1))
    nodeCount &+= 1
  }

  // MARK: Bytes

  @inline(__always)
  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
      default: return
      }
    }
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position &+= 1
    return true
  }

  /// A fault at the present position.
  func fault(_ reason: JSONFault.Reason) -> JSONFault { JSONFault(reason: reason, offset: position) }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes are those of a word in the program.
  @inline(__always)
  func spells(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    var index = 0
    while index < count {
      guard self[index] == word.utf8Start[index] else { return false }
      index += 1
    }
    return true
  }
}
