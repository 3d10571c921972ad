/// Why a text is not the address of a Redis server. It never repeats the text, which may hold a password.
public enum RedisURLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The scheme (what stands before `://`) is not one for Redis, or is missing.
  case unknownScheme
  /// The address of a cluster, where that of one server is needed.
  case manyServers
  /// One part is wrong; `expected` says what it must be.
  case malformed(part: String, expected: String)

  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .unknownScheme:
      "not the address of a Redis server: expected redis://[user:password@]host:port[/database], "
        + "rediss:// for TLS, unix:///path/to.sock, redis+sentinel://host:port,host:port/name, or "
        + "redis+cluster://host:port,host:port"
    case .manyServers:
      "the address of a cluster, where one server is needed: expected redis://, rediss://, unix:// or "
        + "redis+sentinel://"
    case .malformed(let part, let expected):
      "wrong \(part) in the address of the Redis server: expected \(expected)"
    }
  }
}
