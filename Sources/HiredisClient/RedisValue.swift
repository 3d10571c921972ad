/// A reply, copied out of hiredis' memory.
public enum RedisValue: Sendable, Equatable {
  /// The nil bulk string or nil array.
  case null
  /// An integer reply.
  case integer(Int64)
  /// A status such as `OK`; bytes that are not UTF-8 are replaced.
  case status(String)
  /// A string of any bytes.
  case bulk([UInt8])
  /// A list of replies.
  case array([RedisValue])
  /// An error reply, as a value: within a pipeline one command's error does not concern the others.
  case error(RedisServerError)

  /// The text of a status or a string; nil for anything else and for bytes that are not UTF-8.
  public var text: String? {
    switch self {
    case .status(let text): text
    case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
    default: nil
    }
  }

  /// The number of an integer reply, or of a status or string that is written as one.
  public var integer: Int64? {
    if case .integer(let number) = self { return number }
    return text.flatMap { Int64($0) }
  }

  /// The elements of an array reply; nil for anything else.
  public var array: [RedisValue]? {
    if case .array(let elements) = self { return elements }
    return nil
  }

  /// The bytes of a string or status; nil for anything else.
  public var bytes: [UInt8]? {
    switch self {
    case .bulk(let bytes): bytes
    case .status(let text): Array(text.utf8)
    default: nil
    }
  }

  /// The error of an error reply; nil for anything else.
  public var error: RedisServerError? {
    if case .error(let error) = self { return error }
    return nil
  }

  /// Whether it is the nil reply.
  public var isNull: Bool { self == .null }
}
