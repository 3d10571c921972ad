/// The keys of one object while it is read, to find one that stands twice.
///
/// A mask of 64 bits answers "certainly new" for almost every key of an ordinary object. Where it does
/// not, the keys before are compared, as long as they are few. An object with many keys, or with a key
/// that has escapes, is checked as a whole at its end by a hashed set, so that a hostile one costs no
/// quadratic time.
struct JSONKeys {
  /// Beyond so many keys the set takes over.
  private static let few = 32

  private let object: Int
  private var count = 0
  private var mask: UInt64 = 0
  private var needsSet = false

  /// No keys yet of the object at this node.
  init(object: Int) { self.object = object }

  /// Takes in the key at a node, which is the last one written.
  @inline(__always)
  mutating func add(_ key: Int, in reader: borrowing JSONReader) throws(JSONFault) {
    count &+= 1
    let node = reader.nodes[key]
    if node.kind == .escapedText || count > Self.few {
      needsSet = true
      return
    }
    let bit = Self.bit(of: node, in: reader)
    if mask & bit != 0 { try compare(key, in: reader) }
    mask |= bit
  }

  /// Checks what `add` left to the end of the object.
  @inline(__always)
  func finish(in reader: borrowing JSONReader) throws(JSONFault) {
    if needsSet { try checkAll(in: reader) }
  }

  /// One bit out of 64, from the length and the two bytes at the ends.
  @inline(__always)
  private static func bit(of node: JSONNode, in reader: borrowing JSONReader) -> UInt64 {
    guard node.start < node.end else { return 1 }
    let first = UInt64(reader.bytes[Int(node.start)])
    let last = UInt64(reader.bytes[Int(node.end) - 1])
    let length = UInt64(UInt32(bitPattern: node.end - node.start))
    return 1 << ((first &* 7 &+ last &* 3 &+ length &* 11) & 63)
  }

  private func compare(_ key: Int, in reader: borrowing JSONReader) throws(JSONFault) {
    var other = object + 1
    while other < key {
      if Self.equal(reader.nodes[key], reader.nodes[other], in: reader) {
        throw Self.duplicate(reader.nodes[key], in: reader)
      }
      other = Int(reader.nodes[other + 1].next)
    }
  }

  private func checkAll(in reader: borrowing JSONReader) throws(JSONFault) {
    var seen: Set<[UInt8]> = []
    seen.reserveCapacity(count)
    var key = object + 1
    while key < reader.nodeCount {
      let node = reader.nodes[key]
      guard seen.insert(Self.bytes(of: node, in: reader)).inserted else {
        throw Self.duplicate(node, in: reader)
      }
      key = Int(reader.nodes[key + 1].next)
    }
  }

  /// Whether two keys are the same bytes. One with escapes is left to the set.
  private static func equal(_ one: JSONNode, _ other: JSONNode, in reader: borrowing JSONReader) -> Bool {
    guard one.kind == other.kind, one.end - one.start == other.end - other.start else { return false }
    var offset = 0
    while offset < Int(one.end - one.start) {
      guard reader.bytes[Int(one.start) + offset] == reader.bytes[Int(other.start) + offset] else {
        return false
      }
      offset += 1
    }
    return true
  }

  private static func bytes(of node: JSONNode, in reader: borrowing JSONReader) -> [UInt8] {
    let raw = UnsafeBufferPointer(rebasing: reader.bytes[Int(node.start)..<Int(node.end)])
    return node.kind == .escapedText ? JSONEscape.decoded(raw) : Array(raw)
  }

  private static func duplicate(_ node: JSONNode, in reader: borrowing JSONReader) -> JSONFault {
    let key = String(decoding: bytes(of: node, in: reader), as: UTF8.self)
    // The node begins behind the quote.
    return JSONFault(reason: .duplicateKey(key), offset: Int(node.start) - 1)
  }
}
