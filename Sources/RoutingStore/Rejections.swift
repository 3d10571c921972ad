import Routing

extension Rejection {
  /// The fields of `event.rejected` behind the head that the function writes: `,"id":…,"error":…`.
  var commandFields: String {
    var json = JSONText()
    json.beginObject()
    json.field("conversation", conversation)
    json.field("id", id)
    json.field("error", error)
    json.endObject()
    return "," + json.text.dropFirst().dropLast()
  }
}
