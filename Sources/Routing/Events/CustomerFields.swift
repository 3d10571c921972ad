/// Where the fields of an event's `customer` stand, as `EventFields` has it for the event.
struct CustomerFields {
  var id: Int32 = 0
  var name: Int32 = 0
  var vip: Int32 = 0
  var level: Int32 = 0
  var tags: Int32 = 0
  var attributes: Int32 = 0

  /// Notes the fields of the object at `index`.
  @inline(__always)
  init(at index: Int32, of document: JSONDocument) {
    document.forEachMember(of: index) { key, value in
      if key.kind == .text {
        note(document.raw(key), value)
      } else {
        JSONEscape.decoded(document.raw(key)).withUnsafeBufferPointer { note($0, value) }
      }
    }
  }

  private mutating func note(_ key: UnsafeBufferPointer<UInt8>, _ value: Int32) {
    switch key.count {
    case 2 where key.spells("id"): id = value
    case 3 where key.spells("vip"): vip = value
    case 4 where key.spells("name"): name = value
    case 4 where key.spells("tags"): tags = value
    case 5 where key.spells("level"): level = value
    case 10 where key.spells("attributes"): attributes = value
    default: break
    }
  }
}
