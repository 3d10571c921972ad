/// Why a text is not the address of a Redis server. It never repeats the text, which may hold a password.
public enum RedisURLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The scheme (what stands before `://`) is not one for Redis, or is missing.
  case unknownScheme
  /// A scheme that exists, but which this version cannot serve.
  case notSupportedYet(scheme: String)
  /// One part is wrong; `expected` says what it must be.
  case malformed(part: String, expected: String)

  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .unknownScheme:
      "not the address of a Redis server: expected redis://[user:password@]host:port[/database], "
        + "rediss:// for TLS, unix:///path/to.sock, or redis+sentinel://host:port,host:port/name"
    case .notSupportedYet(let scheme):
      "\(scheme):// is not supported yet by this version: expected redis://, rediss://, unix:// or "
        + "redis+sentinel://"
    case .malformed(let part, let expected):
      "wrong \(part) in the address of the Redis server: expected \(expected)"
    }
  }
}
