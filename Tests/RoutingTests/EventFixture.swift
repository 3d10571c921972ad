import Routing
import Testing

/// Events in pieces, for tables of tests.
enum EventFixture {
  /// Why a text is refused, or nil if it is an event.
  static func reason(_ text: String) -> String? { reason(Array(text.utf8)) }

  /// Why these bytes are refused, or nil if they are an event.
  static func reason(_ bytes: [UInt8]) -> String? {
    if case .failure(let rejection) = EventDecoder.decode(bytes) { return rejection.error }
    return nil
  }

  /// What is left of a refused event, or nil if it is a good one.
  static func rejection(_ text: String) -> Rejection? {
    if case .failure(let rejection) = EventDecoder.decode(text) { return rejection }
    return nil
  }

  /// An object with these members, values as they are to be written.
  static func object(_ members: [(key: String, value: String)]) -> String {
    "{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  /// What a field of an event may hold, for the tables of wrong values.
  enum FieldKind: Sendable {
    case name
    case text(limit: Int)
    case choice([String])
    case integer(from: Int64, to: Int64)
    case flag
    case object
  }

  /// A field of an event type: its good value, and whether the event is good without it.
  struct Field: Sendable, CustomTestStringConvertible {
    var name: String
    var value: String
    var kind: FieldKind
    var isRequired: Bool

    init(_ name: String, _ value: String, _ kind: FieldKind, required: Bool = true) {
      self.name = name
      self.value = value
      self.kind = kind
      isRequired = required
    }

    var testDescription: String { name }
  }

  /// An event type with all its fields.
  struct Shape: Sendable, CustomTestStringConvertible {
    var type: String
    var fields: [Field]

    var testDescription: String { type }

    /// The event with all fields, or with one changed to another value, or left out.
    func text(changing name: String? = nil, to value: String? = nil) -> String {
      var members: [(key: String, value: String)] = [("type", "\"\(type)\"")]
      for field in EventFixture.common + fields {
        if field.name != name {
          members.append((field.name, field.value))
        } else if let value {
          members.append((field.name, value))
        }
      }
      return EventFixture.object(members)
    }
  }

  private static let conversation = Field("conversation", #""c-1""#, .name)
  private static let agent = Field("agent", #""ann""#, .name)
  private static let by = Field(
    "by", #""agent""#, .choice(["agent", "customer", "supervisor", "bot"]))

  /// The fields of every event but `gateway`.
  static let common = [
    Field("shop", #""acme""#, .name),
    Field("id", #""e-7""#, .text(limit: 128), required: false),
    Field(
      "at", "1700000000000", .integer(from: -9_007_199_254_740_992, to: 9_007_199_254_740_992),
      required: false),
  ]

  private static func gateway(required: Bool) -> Field {
    Field("gateway", #""web""#, .name, required: required)
  }

  /// Every type of the protocol with every field it has.
  static let shapes = [
    Shape(
      type: "conversation.open",
      fields: [
        conversation, gateway(required: true),
        Field(
          "customer",
          #"{"id":"u-1","name":"Li","vip":true,"level":3,"tags":["a","b"],"attributes":{"k":"v","n":2,"b":false}}"#,
          .object),
        Field("channel", #""app""#, .text(limit: 128), required: false),
        Field("text", #""hello""#, .text(limit: 65_536), required: false),
        Field("category", #""returns""#, .text(limit: 128), required: false),
        Field("params", #"{"utm":"mail","page":2}"#, .object, required: false),
        Field("group", #""sales""#, .name, required: false),
        Field("agent", #""ann""#, .name, required: false),
      ]),
    Shape(
      type: "conversation.message",
      fields: [
        conversation, gateway(required: false),
        Field("from", #""agent""#, .choice(["customer", "agent", "bot"])),
        Field("text", #""hello""#, .text(limit: 65_536), required: false),
        Field("agent", #""ann""#, .name, required: false),
      ]),
    Shape(
      type: "conversation.handoff",
      fields: [
        conversation, gateway(required: false),
        Field("reason", #""asked""#, .text(limit: 4_096), required: false),
      ]),
    Shape(type: "conversation.status", fields: [conversation, gateway(required: false)]),
    Shape(type: "conversation.close", fields: [conversation, gateway(required: false), by]),
    Shape(
      type: "conversation.transfer",
      fields: [
        conversation, gateway(required: false), by, Field("to", #"{"agent":"bob"}"#, .object),
        Field("note", #""knows it""#, .text(limit: 4_096), required: false),
      ]),
    Shape(type: "conversation.accept", fields: [conversation, gateway(required: false), agent]),
    Shape(
      type: "conversation.rate",
      fields: [
        conversation, gateway(required: false), Field("score", "5", .integer(from: 1, to: 5)),
        Field("comment", #""good""#, .text(limit: 4_096), required: false),
      ]),
    Shape(type: "agent.online", fields: [agent, gateway(required: true)]),
    Shape(type: "agent.pause", fields: [agent, gateway(required: false)]),
    Shape(type: "agent.offline", fields: [agent, gateway(required: false)]),
    Shape(type: "agent.heartbeat", fields: [agent, gateway(required: false)]),
    Shape(
      type: "customer.update",
      fields: [
        gateway(required: false), Field("customer", #"{"id":"u-1","tags":[]}"#, .object),
        Field("dedicated_agent", #""ann""#, .name, required: false),
      ]),
    Shape(
      type: "customer.forget",
      fields: [gateway(required: false), Field("customer", #"{"id":"u-1"}"#, .object)]),
    Shape(
      type: "shop.emergency",
      fields: [
        gateway(required: false), Field("on", "true", .flag),
        Field("notice", #""we are flooded""#, .text(limit: 4_096), required: false),
      ]),
  ]
}
