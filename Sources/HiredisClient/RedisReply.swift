internal import CHiredis

/// A view of a reply in hiredis' own memory, for reading without copying.
///
/// It is only lent to a closure and cannot be copied, so it cannot outlive the reply, which is freed when the
/// closure returns. Take what has to stay with ``value``, ``text`` or ``integer``.
public struct RedisReply: ~Copyable {
  /// What sort of reply it is.
  public enum Kind: Sendable, Hashable {
    /// The nil reply.
    case null
    /// A number.
    case integer
    /// A short text from the server itself, such as `OK`.
    case status
    /// A string of any bytes.
    case bulk
    /// A list of replies.
    case array
    /// An error.
    case error
  }

  private let raw: UnsafePointer<redisReply>?

  init(_ raw: UnsafePointer<redisReply>?) { self.raw = raw }

  /// What sort of reply it is.
  public var kind: Kind {
    switch raw?.pointee.type {
    case REDIS_REPLY_INTEGER: .integer
    case REDIS_REPLY_STATUS: .status
    case REDIS_REPLY_STRING: .bulk
    case REDIS_REPLY_ARRAY: .array
    case REDIS_REPLY_ERROR: .error
    default: .null
    }
  }

  /// Whether it is the nil reply.
  public var isNull: Bool { kind == .null }

  /// The number of an integer reply, or of a status or string that is written as one.
  public var integer: Int64? {
    guard let raw else { return nil }
    return switch kind {
    case .integer: raw.pointee.integer
    case .status, .bulk: withBytes { Self.decimal($0) }
    default: nil
    }
  }

  /// The text of a status or a string; nil for anything else and for bytes that are not UTF-8.
  public var text: String? {
    switch kind {
    case .status, .bulk: withBytes { String(validating: $0, as: UTF8.self) }
    default: nil
    }
  }

  /// Calls `body` with the bytes of a status, string or error; with no bytes for anything else.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let raw, let text = raw.pointee.str else {
      return try body(UnsafeBufferPointer(start: nil, count: 0))
    }
    let bytes = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
    return try body(UnsafeBufferPointer(start: bytes, count: raw.pointee.len))
  }

  /// How many elements an array has; 0 for anything else.
  public var count: Int { kind == .array ? Int(raw?.pointee.elements ?? 0) : 0 }

  /// An element of an array. Beyond its end there is the nil reply: Lua cuts an array reply off at its first
  /// nil, so that a shorter array means just that.
  public subscript(_ index: Int) -> RedisReply {
    _read { yield RedisReply(element(at: index)) }
  }

  /// The error of an error reply; nil for anything else.
  public var error: RedisServerError? {
    guard kind == .error else { return nil }
    return withBytes { RedisServerError(String(decoding: $0, as: UTF8.self)) }
  }

  /// A copy that may be kept.
  public var value: RedisValue {
    switch kind {
    case .null: return .null
    case .integer: return .integer(raw?.pointee.integer ?? 0)
    case .status: return .status(withBytes { String(decoding: $0, as: UTF8.self) })
    case .bulk: return .bulk(withBytes { Array($0) })
    case .error: return error.map { .error($0) } ?? .null
    case .array:
      var elements: [RedisValue] = []
      elements.reserveCapacity(count)
      for index in 0..<count { elements.append(RedisReply(element(at: index)).value) }
      return .array(elements)
    }
  }

  private func element(at index: Int) -> UnsafePointer<redisReply>? {
    guard index >= 0, index < count, let element = raw?.pointee.element[index] else { return nil }
    return UnsafePointer(element)
  }

  /// The number that these bytes spell, or nil; no string is made for it.
  private static func decimal(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    let digits = isNegative ? bytes.dropFirst() : bytes[...]
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let next = Int64(digit - UInt8(ascii: "0"))
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      // Counting downwards for negative numbers reaches the smallest one too.
      let (sum, carry) =
        isNegative ? scaled.subtractingReportingOverflow(next) : scaled.addingReportingOverflow(next)
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }
}
