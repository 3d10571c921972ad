/// A JSON text that was read, as far as its syntax allowed. Valid only inside `read`.
struct JSONDocument {
  /// The text.
  let bytes: UnsafeBufferPointer<UInt8>
  /// Its values; the first is the whole.
  let nodes: UnsafeBufferPointer<JSONNode>

  /// Reads a text and hands on what was found, with the fault that ended the reading, if one did. The
  /// nodes before a fault are those of values that were complete, and of containers left open.
  @inline(__always)
  static func read<Answer>(
    _ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int,
    _ body: (JSONDocument, JSONFault?) -> Answer
  ) -> Answer {
    let capacity = JSONReader.capacity(forBytes: bytes.count, depth: depthLimit)
    return withUnsafeTemporaryAllocation(of: JSONNode.self, capacity: capacity) { memory in
      var reader = JSONReader(bytes: bytes, nodes: memory, depthLimit: depthLimit)
      var fault: JSONFault?
      do throws(JSONFault) {
        try reader.readDocument()
      } catch {
        fault = error
      }
      let nodes = UnsafeBufferPointer(rebasing: memory[..<reader.nodeCount])
      return body(JSONDocument(bytes: bytes, nodes: nodes), fault)
    }
  }

  /// The bytes of a node; of a text, those between the quotes, escapes and all.
  @inline(__always)
  func raw(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[Int(node.start)..<Int(node.end)])
  }

  /// The text of a text, or the number, word, array or object as it is written.
  @inline(__always)
  func text(_ node: JSONNode) -> String {
    if node.kind == .escapedText { return String(decoding: JSONEscape.decoded(raw(node)), as: UTF8.self) }
    return String(decoding: raw(node), as: UTF8.self)
  }

  /// Calls `body` with the node of each key and the index of its value, for the object at `index`. An
  /// object left open by a fault shows the members that were complete.
  @inline(__always)
  func forEachMember<Failure: Error>(
    of index: Int32, _ body: (JSONNode, Int32) throws(Failure) -> Void
  ) throws(Failure) {
    guard Int(index) < nodes.count, nodes[Int(index)].kind == .object else { return }
    let stop = end(of: index)
    var key = Int(index) + 1
    while key + 1 < stop {
      let value = nodes[key + 1]
      guard value.next != JSONNode.unfinished else { return }
      try body(nodes[key], Int32(truncatingIfNeeded: key + 1))
      key = Int(value.next)
    }
  }

  /// Calls `body` with each element of the array at `index`, and its number from 0.
  @inline(__always)
  func forEachElement<Failure: Error>(
    of index: Int32, _ body: (JSONNode, Int) throws(Failure) -> Void
  ) throws(Failure) {
    guard Int(index) < nodes.count, nodes[Int(index)].kind == .array else { return }
    let stop = end(of: index)
    var element = Int(index) + 1
    var number = 0
    while element < stop {
      let node = nodes[element]
      guard node.next != JSONNode.unfinished else { return }
      try body(node, number)
      element = Int(node.next)
      number += 1
    }
  }

  /// One past the last node inside the container at `index`.
  @inline(__always)
  private func end(of index: Int32) -> Int {
    let next = nodes[Int(index)].next
    return next == JSONNode.unfinished ? nodes.count : Int(next)
  }
}
