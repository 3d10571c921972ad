import HiredisClient
import Testing

/// Sends a command that has to be refused, and returns the class of the error reply.
func refusal(
  _ redis: RedisConnection, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
) async -> RedisServerError.Kind? {
  let error = await #expect(throws: RedisError.self, sourceLocation: sourceLocation) {
    try await redis.send(words)
  }
  guard case .server(let refusal) = error else { return nil }
  return refusal.kind
}
