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
  public static func < (left: Self, right: Self) -> Bool {
    left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
  }
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
    var previous: UInt8 = 0
    for byte in bytes {
      defer { previous = byte }
      switch byte {
      case 0..<0x20, 0x7F: return "contains a control character"
      // U+0080 … U+009F are control characters as well.
      case 0x80...0x9F where previous == 0xC2: return "contains a control character"
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

/// A name of one kind of thing; the kind keeps a customer's id from being taken for a conversation's.
///
/// Names are equal when their bytes are, as in Redis. Swift's own comparison of texts would hold `é` written
/// as one scalar and as two for the same name, which are two keys.
public struct Identifier<Kind>: Name {
  /// The text of the name.
  public let rawValue: String

  /// Wraps text that is known to be valid.
  public init(unchecked text: String) { rawValue = text }

  /// Equal when their bytes are.
  public static func == (left: Self, right: Self) -> Bool {
    left.rawValue.utf8.elementsEqual(right.rawValue.utf8)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    var text = rawValue
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

/// The kinds of ``Identifier``.
public enum NameKind {
  /// See ``ShopID``.
  public enum Shop {}
  /// See ``CustomerID``.
  public enum Customer {}
  /// See ``ConversationID``.
  public enum Conversation {}
  /// See ``AgentID``.
  public enum Agent {}
  /// See ``GroupID``.
  public enum Group {}
  /// See ``GatewayID``.
  public enum Gateway {}
  /// See ``SourceID``.
  public enum Source {}
}

/// A tenant.
public typealias ShopID = Identifier<NameKind.Shop>
/// Who opens conversations.
public typealias CustomerID = Identifier<NameKind.Customer>
/// One reception of a customer, from open to close.
public typealias ConversationID = Identifier<NameKind.Conversation>
/// A person who serves conversations.
public typealias AgentID = Identifier<NameKind.Agent>
/// A skill group of agents.
public typealias GroupID = Identifier<NameKind.Group>
/// A program that connects customers or agents.
public typealias GatewayID = Identifier<NameKind.Gateway>
/// The sender of events and its run: the scope in which `n` grows.
public typealias SourceID = Identifier<NameKind.Source>
