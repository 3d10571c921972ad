/// A name that travels on the wire and becomes part of a Redis key: 1 to 128 bytes of UTF-8 without
/// control characters, spaces or any of `{ } : * ? [ ] \`.
///
/// The bytes left out are those that would end a hash tag, a key segment, or be read as a pattern by
/// `SCAN`. Source: "Names" in the wire protocol.
public protocol Name: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible
where RawValue == String {
  /// Wraps text that is known to be a valid name (it was checked before, or was read back from Redis).
  init(unchecked text: String)
}

extension Name {
  /// The name, or nil if `rawValue` breaks the rules for names.
  public init?(rawValue: String) {
    guard Names.problem(in: rawValue) == nil else { return nil }
    self.init(unchecked: rawValue)
  }

  /// The text of the name.
  public var description: String { rawValue }

  /// Order by text, byte by byte.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The rules for names, apart from any one kind of name.
public enum Names {
  /// The longest name, in bytes of UTF-8.
  public static let longest = 128

  /// What is wrong with `text` as a name, in words that follow the name's field ("is empty"), or nil.
  public static func problem(in text: String) -> String? {
    var text = text
    return text.withUTF8 { problem(in: $0) }
  }

  /// What is wrong with these bytes of valid UTF-8 as a name, or nil.
  public static func problem(in bytes: UnsafeBufferPointer<UInt8>) -> String? {
    if bytes.isEmpty { return "is empty" }
    if bytes.count > longest { return "is longer than \(longest) bytes" }
    for byte in bytes {
      switch byte {
      case 0..<0x20, 0x7F: return "contains a control character"
      case UInt8(ascii: " "): return "contains a space"
      case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ":"), UInt8(ascii: "*"),
        UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\\"):
        return "contains '\(Character(Unicode.Scalar(byte)))'"
      default: continue
      }
    }
    return nil
  }
}

/// A tenant.
public struct ShopID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}

/// Who opens conversations.
public struct CustomerID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}

/// One reception of a customer, from open to close.
public struct ConversationID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}

/// A person who serves conversations.
public struct AgentID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}

/// A skill group of agents.
public struct GroupID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}

/// A program that connects customers or agents.
public struct GatewayID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}

/// The sender of events and its run: the scope in which `n` grows.
public struct SourceID: Name {
  /// The text of the name.
  public let rawValue: String
  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }
}
