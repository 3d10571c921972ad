/// Where the known fields of an event stand: the index of each field's value among the nodes of the
/// document, 0 for a field that is absent. (Node 0 is the event itself.)
///
/// All fields are noted before the type is looked at, because the type may stand last. A field that the
/// type does not have is unknown there, and so ignored.
struct EventFields {
  var type: Int32 = 0
  var shop: Int32 = 0
  var id: Int32 = 0
  var at: Int32 = 0
  var source: Int32 = 0
  var n: Int32 = 0
  var gateway: Int32 = 0
  var conversation: Int32 = 0
  var customer: Int32 = 0
  var agent: Int32 = 0
  var group: Int32 = 0
  var channel: Int32 = 0
  var text: Int32 = 0
  var category: Int32 = 0
  var params: Int32 = 0
  var from: Int32 = 0
  var reason: Int32 = 0
  var by: Int32 = 0
  var to: Int32 = 0
  var note: Int32 = 0
  var score: Int32 = 0
  var comment: Int32 = 0
  var dedicatedAgent: Int32 = 0
  var on: Int32 = 0
  var notice: Int32 = 0

  /// Notes the fields of the event that `document` is.
  @inline(__always)
  init(of document: JSONDocument) {
    document.forEachMember(of: 0) { key, value in
      if key.kind == .text {
        note(document.raw(key), value)
      } else {
        JSONEscape.decoded(document.raw(key)).withUnsafeBufferPointer { note($0, value) }
      }
    }
  }

  /// Notes one field. By length first, so that a key costs one or two comparisons.
  private mutating func note(_ key: UnsafeBufferPointer<UInt8>, _ value: Int32) {
    switch key.count {
    case 1 where key.spells("n"): n = value
    case 2 where key.spells("id"): id = value
    case 2 where key.spells("at"): at = value
    case 2 where key.spells("by"): by = value
    case 2 where key.spells("to"): to = value
    case 2 where key.spells("on"): on = value
    case 4 where key.spells("type"): type = value
    case 4 where key.spells("shop"): shop = value
    case 4 where key.spells("text"): text = value
    case 4 where key.spells("from"): from = value
    case 4 where key.spells("note"): note = value
    case 5 where key.spells("agent"): agent = value
    case 5 where key.spells("group"): group = value
    case 5 where key.spells("score"): score = value
    case 6 where key.spells("source"): source = value
    case 6 where key.spells("params"): params = value
    case 6 where key.spells("reason"): reason = value
    case 6 where key.spells("notice"): notice = value
    case 7 where key.spells("gateway"): gateway = value
    case 7 where key.spells("channel"): channel = value
    case 7 where key.spells("comment"): comment = value
    case 8 where key.spells("customer"): customer = value
    case 8 where key.spells("category"): category = value
    case 12 where key.spells("conversation"): conversation = value
    case 15 where key.spells("dedicated_agent"): dedicatedAgent = value
    default: break
    }
  }
}
