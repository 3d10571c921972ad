public import HiredisClient
public import Routing

extension RedisPipeline {
  /// Adds the call that sends an event to the dead letters, acknowledges it, and tells its gateway.
  ///
  /// - Parameters:
  ///   - rejection: the reason, and what could be read of the event.
  ///   - letter: the JSON for the dead list.
  ///   - source: the event's source and `n`, so that a repeat of it is recognised.
  public mutating func appendReject(
    _ rejection: Rejection, letter: [UInt8], source: SourceID?, n: Int64?, shard: ShardKeys,
    header: CommitHeader
  ) {
    begin(Functions.eventReject, 3, shard, header, source: source, n: n, shop: rejection.shop)
    word(letter)
    word(rejection.gateway?.rawValue ?? "")
    word(rejection.commandFields)
  }
}

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
