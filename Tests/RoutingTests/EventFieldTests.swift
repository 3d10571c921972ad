import Routing
import Testing

/// Every field of every type: left out, null, of the wrong kind, too long, out of range.
@Suite("Events: wrong fields")
struct EventFieldTests {
  @Test("a field left out", arguments: EventFixture.shapes)
  func missing(shape: EventFixture.Shape) {
    for field in EventFixture.common + shape.fields {
      let expected = field.isRequired ? "\(field.name) is missing" : nil
      #expect(EventFixture.reason(shape.text(changing: field.name)) == expected)
    }
  }

  @Test("a field that is null", arguments: EventFixture.shapes)
  func null(shape: EventFixture.Shape) {
    for field in EventFixture.common + shape.fields {
      let expected = field.isRequired ? "\(field.name) is null" : nil
      #expect(EventFixture.reason(shape.text(changing: field.name, to: "null")) == expected)
    }
  }

  @Test("a field with a wrong value", arguments: EventFixture.shapes)
  func wrong(shape: EventFixture.Shape) {
    for field in EventFixture.common + shape.fields {
      for (value, problem) in Self.wrongValues(for: field.kind) {
        let text = shape.text(changing: field.name, to: value)
        #expect(EventFixture.reason(text) == "\(field.name) \(problem)", "\(value.prefix(60))")
      }
    }
  }

  /// Values that a field of a kind must not have, and what is said of them.
  private static func wrongValues(for kind: EventFixture.FieldKind) -> [(String, String)] {
    switch kind {
    case .name:
      return [
        ("5", "must be text, not a number"), ("true", "must be text, not true"),
        ("[]", "must be text, not an array"), ("{}", "must be text, not an object"),
        ("\"\"", "is empty"), ("\"a b\"", "contains a space"),
        ("\"a\\u0000b\"", "contains a control character"),
        ("\"a\\r\\nDEL x\"", "contains a control character"),
        ("\"a\\u007f\"", "contains a control character"), ("\"a\\u0020b\"", "contains a space"),
        ("\"{0}\"", "contains '{'"), ("\"a}\"", "contains '}'"), ("\"a:b\"", "contains ':'"),
        ("\"a*\"", "contains '*'"), ("\"a?\"", "contains '?'"), ("\"[a\"", "contains '['"),
        ("\"a]\"", "contains ']'"), ("\"a\\\\b\"", "contains '\\'"), ("\"\\u007ba\"", "contains '{'"),
        ("\"\(String(repeating: "a", count: 129))\"", "is longer than 128 bytes"),
        ("\"\(String(repeating: "你", count: 43))\"", "is longer than 128 bytes"),
      ]
    case .text(let limit):
      let values = [
        ("5", "must be text, not a number"), ("false", "must be text, not false"),
        ("[]", "must be text, not an array"), ("{}", "must be text, not an object"),
        ("\"a\\u0000b\"", "contains the character U+0000"),
      ]
      guard limit < 65_536 else { return values }
      return values + [
        ("\"\(String(repeating: "a", count: limit + 1))\"", "is longer than \(limit) bytes"),
        ("\"\\n\(String(repeating: "a", count: limit))\"", "is longer than \(limit) bytes"),
      ]
    case .choice(let words):
      let problem = "must be one of \(words.joined(separator: ", "))"
      return ["5", "\"\"", "\"Agent\"", "\"agent \"", "[]", "{}", "true", "\"agent\\u0000\""]
        .map { ($0, problem) }
    case .integer(let least, let greatest):
      let range = "must be \(least) to \(greatest)"
      return [
        ("\"5\"", "must be an integer, not text"), ("true", "must be an integer, not true"),
        ("[5]", "must be an integer, not an array"), ("{}", "must be an integer, not an object"),
        ("1.5", "must be an integer without fraction and exponent, not 1.5"),
        ("5.0", "must be an integer without fraction and exponent, not 5.0"),
        ("5e0", "must be an integer without fraction and exponent, not 5e0"),
        ("9007199254740993", range), ("-9007199254740993", range), ("9223372036854775808", range),
        (String(repeating: "9", count: 200), range),
      ]
    case .flag:
      return [
        ("1", "must be true or false, not a number"), ("\"true\"", "must be true or false, not text"),
        ("[]", "must be true or false, not an array"), ("{}", "must be true or false, not an object"),
      ]
    case .object:
      return [
        ("1", "must be an object, not a number"), ("\"u-1\"", "must be an object, not text"),
        ("[]", "must be an object, not an array"), ("false", "must be an object, not false"),
      ]
    }
  }

  @Test("the longest names and texts are taken", arguments: EventFixture.shapes)
  func longest(shape: EventFixture.Shape) {
    for field in EventFixture.common + shape.fields {
      let limit: Int
      switch field.kind {
      case .name: limit = 128
      case .text(let bytes): limit = min(bytes, 60_000)
      default: continue
      }
      let value = "\"\(String(repeating: "a", count: limit))\""
      #expect(EventFixture.reason(shape.text(changing: field.name, to: value)) == nil)
    }
  }

  @Test(
    "customer, params, to and the rest in detail",
    arguments: [
      (field: "customer", value: "{}", reason: "customer.id is missing"),
      ("customer", #"{"id":null}"#, "customer.id is null"),
      ("customer", #"{"id":7}"#, "customer.id must be text, not a number"),
      ("customer", #"{"id":"a b"}"#, "customer.id contains a space"),
      ("customer", #"{"id":"u","name":1}"#, "customer.name must be text, not a number"),
      (
        "customer", #"{"id":"u","name":"\#(String(repeating: "n", count: 257))"}"#,
        "customer.name is longer than 256 bytes"
      ),
      ("customer", #"{"id":"u","vip":1}"#, "customer.vip must be true or false, not a number"),
      ("customer", #"{"id":"u","level":"3"}"#, "customer.level must be an integer, not text"),
      (
        "customer", #"{"id":"u","level":2.5}"#,
        "customer.level must be an integer without fraction and exponent, not 2.5"
      ),
      (
        "customer", #"{"id":"u","level":9007199254740993}"#,
        "customer.level must be -9007199254740992 to 9007199254740992"
      ),
      ("customer", #"{"id":"u","tags":"a"}"#, "customer.tags must be an array, not text"),
      ("customer", #"{"id":"u","tags":["a",1]}"#, "customer.tags[1] must be text, not a number"),
      ("customer", #"{"id":"u","tags":[null]}"#, "customer.tags[0] must be text, not null"),
      (
        "customer", #"{"id":"u","tags":["\#(String(repeating: "t", count: 129))"]}"#,
        "customer.tags[0] is longer than 128 bytes"
      ),
      (
        "customer",
        #"{"id":"u","tags":[\#(Array(repeating: "\"t\"", count: 65).joined(separator: ","))]}"#,
        "customer.tags has more than 64 entries"
      ),
      ("customer", #"{"id":"u","attributes":[]}"#, "customer.attributes must be an object, not an array"),
      (
        "customer", #"{"id":"u","attributes":{"k":{}}}"#,
        "customer.attributes['k'] must be text, a number, true or false, not an object"
      ),
      (
        "customer", #"{"id":"u","attributes":{"k":"\u0000"}}"#,
        "customer.attributes['k'] contains the character U+0000"
      ),
      (
        "customer", #"{"id":"u","attributes":{\#(entries(129))}}"#,
        "customer.attributes has more than 128 entries"
      ),
      (
        "customer", #"{"id":"u","attributes":{"\#(String(repeating: "k", count: 129))":1}}"#,
        "a key of customer.attributes is longer than 128 bytes"
      ),
      (
        "customer", #"{"id":"u","attributes":{"é":1,"e\u0301":2}}"#,
        "customer.attributes has two keys that read the same: 'e\u{301}'"
      ),
      ("params", #"{"k":[]}"#, "params['k'] must be text, not an array"),
      ("params", #"{"k":{}}"#, "params['k'] must be text, not an object"),
      ("params", #"{\#(entries(65))}"#, "params has more than 64 entries"),
      (
        "params", #"{"k":"\#(String(repeating: "v", count: 4_097))"}"#,
        "params['k'] is longer than 4096 bytes"
      ),
      ("params", #"{"a\u0000":1}"#, "a key of params contains the character U+0000"),
    ])
  func openingInDetail(field: String, value: String, reason: String) {
    #expect(EventFixture.reason(EventFixture.shapes[0].text(changing: field, to: value)) == reason)
  }

  @Test("as many tags, params and attributes as allowed")
  func mostEntries() {
    let open = EventFixture.shapes[0]
    let tags = Array(repeating: "\"t\"", count: 64).joined(separator: ",")
    let customer = #"{"id":"u","tags":[\#(tags)],"attributes":{\#(Self.entries(128))}}"#
    #expect(EventFixture.reason(open.text(changing: "customer", to: customer)) == nil)
    #expect(EventFixture.reason(open.text(changing: "params", to: "{\(Self.entries(64))}")) == nil)
  }

  @Test(
    "where a transfer goes",
    arguments: [
      (to: "{}", reason: "to must name an agent or a group"),
      (#"{"agent":null}"#, "to must name an agent or a group"),
      (#"{"agent":"a","group":"g"}"#, "to names both an agent and a group"),
      (#"{"agent":"a b"}"#, "to.agent contains a space"),
      (#"{"group":5}"#, "to.group must be text, not a number"),
      (#"{"agent":null,"group":"g"}"#, nil),
    ] as [(to: String, reason: String?)])
  func target(to: String, reason: String?) {
    #expect(EventFixture.reason(EventFixture.shapes[5].text(changing: "to", to: to)) == reason)
  }

  @Test(
    "type, score, source and n",
    arguments: [
      (#"{}"#, "type is missing"),
      (#"{"type":null}"#, "type must be text, not null"),
      (#"{"type":7}"#, "type must be text, not a number"),
      (
        #"{"type":"conversation.opne"}"#,
        "type 'conversation.opne' is unknown; the nearest known one is 'conversation.open'"
      ),
      (#"{"type":"Agent.Pause"}"#, "type 'Agent.Pause' is unknown; the nearest known one is 'agent.pause'"),
      (
        #"{"type":"emergency\u001b[2J"}"#,
        "type 'emergency\u{FFFD}[2J' is unknown; the nearest known one is 'shop.emergency'"
      ),
      (#"{"type":"\#(String(repeating: "x", count: 65))"}"#, "type is none of the known ones"),
      (#"{"type":"agent.pause"}"#, "shop is missing"),
      (rate("0"), "score must be 1 to 5"), (rate("6"), "score must be 1 to 5"),
      (rate("-1"), "score must be 1 to 5"), (rate("99999999999999999999"), "score must be 1 to 5"),
      (pause(#""n":1"#), "source is missing, while n is there"),
      (pause(#""source":"s""#), "n is missing, while source is there"),
      (pause(#""source":"s","n":null"#), "n is missing, while source is there"),
      (pause(#""source":"s","n":-1"#), "n must be 0 to 9007199254740992"),
      (pause(#""source":"s","n":9007199254740993"#), "n must be 0 to 9007199254740992"),
      (pause(#""source":"s","n":"1""#), "n must be an integer, not text"),
      (pause(#""source":"s","n":1.0"#), "n must be an integer without fraction and exponent, not 1.0"),
      (pause(#""source":"a b","n":1"#), "source contains a space"),
      (pause(#""source":5,"n":1"#), "source must be text, not a number"),
    ])
  func common(text: String, reason: String) {
    #expect(EventFixture.reason(text) == reason)
  }

  private static func rate(_ score: String) -> String {
    #"{"type":"conversation.rate","shop":"s","conversation":"c","score":\#(score)}"#
  }

  private static func pause(_ more: String) -> String {
    #"{"type":"agent.pause","shop":"s","agent":"a",\#(more)}"#
  }

  private static func entries(_ count: Int) -> String {
    (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
  }
}
