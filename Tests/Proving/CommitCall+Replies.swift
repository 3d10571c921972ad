package import HiredisClient
package import RoutingStore

extension CommitCall {
  /// Sends the call alone: the replies for its events.
  package func replies(on connection: isolated RedisConnection) throws(RedisError) -> [CommitReply] {
    var pipeline = RedisPipeline()
    append(to: &pipeline)
    return try connection.pipeline(pipeline).flatMap { CommitReply.all(in: $0) }
  }
}
