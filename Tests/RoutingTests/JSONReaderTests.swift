import Routing
import Testing

/// Broken and hostile JSON, each with what is said of it. Read through the event decoder, which is where
/// it would come from.
@Suite("JSON: broken and hostile")
struct JSONReaderTests {
  @Test(
    "broken syntax",
    arguments: [
      (text: "", reason: "not valid JSON: it is empty"),
      (" ", "not valid JSON: expected a value at byte 1"),
      ("\n\t \r", "not valid JSON: expected a value at byte 4"),
      ("\u{FEFF}{}", "not valid JSON: it starts with a byte order mark"),
      ("\u{A0}{}", "not valid JSON: expected a value at byte 0"),
      ("{", "not valid JSON: expected a key in double quotes at byte 1"),
      ("}", "not valid JSON: expected a value at byte 0"),
      ("{]", "not valid JSON: expected a key in double quotes at byte 1"),
      ("{,}", "not valid JSON: expected a key in double quotes at byte 1"),
      ("{\"a\"}", "not valid JSON: expected ':' at byte 4"),
      ("{\"a\" 1}", "not valid JSON: expected ':' at byte 5"),
      ("{\"a\":}", "not valid JSON: expected a value at byte 5"),
      ("{\"a\":1,}", "not valid JSON: expected a key in double quotes at byte 7"),
      ("{\"a\":1 \"b\":2}", "not valid JSON: expected ',' or '}' at byte 7"),
      ("{\"a\":1,,\"b\":2}", "not valid JSON: expected a key in double quotes at byte 7"),
      ("{\"a\":1", "not valid JSON: expected ',' or '}' at byte 6"),
      ("{\"a\":1]", "not valid JSON: expected ',' or '}' at byte 6"),
      ("{a:1}", "not valid JSON: expected a key in double quotes at byte 1"),
      ("{'a':1}", "not valid JSON: expected a key in double quotes at byte 1"),
      ("{1:1}", "not valid JSON: expected a key in double quotes at byte 1"),
      ("{null:1}", "not valid JSON: expected a key in double quotes at byte 1"),
      ("{\"a\":'b'}", "not valid JSON: expected a value at byte 5"),
      ("{\"a\":b}", "not valid JSON: expected a value at byte 5"),
      ("{\"a\":undefined}", "not valid JSON: expected a value at byte 5"),
      ("{}{}", "not valid JSON: something follows the value at byte 2"),
      ("{} x", "not valid JSON: something follows the value at byte 3"),
      ("{}\u{0}", "not valid JSON: something follows the value at byte 2"),
      ("{}}", "not valid JSON: something follows the value at byte 2"),
      ("{},", "not valid JSON: something follows the value at byte 2"),
      ("/* c */{}", "not valid JSON: expected a value at byte 0"),
      ("{}// c", "not valid JSON: something follows the value at byte 2"),
      ("{\"a\":1/**/}", "not valid JSON: expected ',' or '}' at byte 6"),
      ("{\"a\":[}", "not valid JSON: expected a value at byte 6"),
      ("{\"a\":[1,]}", "not valid JSON: expected a value at byte 8"),
      ("{\"a\":[1 2]}", "not valid JSON: expected ',' or ']' at byte 8"),
      ("{\"a\":[1}", "not valid JSON: expected ',' or ']' at byte 7"),
      ("{\"a\":[,1]}", "not valid JSON: expected a value at byte 6"),
      ("{\"a\":[", "not valid JSON: expected a value at byte 6"),
      ("{\"a\":tru}", "not valid JSON: expected a value at byte 5"),
      ("{\"a\":True}", "not valid JSON: expected a value at byte 5"),
      ("{\"a\":nul", "not valid JSON: expected a value at byte 5"),
      ("{\"a\":falsee}", "not valid JSON: expected ',' or '}' at byte 10"),
      ("{\"a\":NaN}", "not valid JSON: expected a value at byte 5"),
      ("{\"a\":Infinity}", "not valid JSON: expected a value at byte 5"),
    ])
  func syntax(text: String, reason: String) {
    #expect(EventFixture.reason(text) == reason)
  }

  @Test(
    "broken numbers",
    arguments: [
      (number: "01", reason: "not valid JSON: a number with a leading zero at byte 5"),
      ("-01", "not valid JSON: a number with a leading zero at byte 5"),
      ("00", "not valid JSON: a number with a leading zero at byte 5"),
      ("+1", "not valid JSON: expected a value at byte 5"),
      (".5", "not valid JSON: expected a value at byte 5"),
      ("-", "not valid JSON: expected a digit at byte 6"),
      ("-a", "not valid JSON: expected a digit at byte 6"),
      ("--1", "not valid JSON: expected a digit at byte 6"),
      ("1.", "not valid JSON: expected a digit at byte 7"),
      ("1.e3", "not valid JSON: expected a digit at byte 7"),
      ("1e", "not valid JSON: expected a digit at byte 7"),
      ("1e+", "not valid JSON: expected a digit at byte 8"),
      ("1e1.5", "not valid JSON: expected ',' or '}' at byte 8"),
      ("0x10", "not valid JSON: expected ',' or '}' at byte 6"),
      ("1_000", "not valid JSON: expected ',' or '}' at byte 6"),
      ("1 000", "not valid JSON: expected ',' or '}' at byte 7"),
      ("1e309", "a number too large at byte 5"),
      ("-1e309", "a number too large at byte 5"),
      ("1e400", "a number too large at byte 5"),
      ("1e99999999999999999999", "a number too large at byte 5"),
      (String(repeating: "9", count: 400), "a number too large at byte 5"),
      (String(repeating: "9", count: 400) + ".5", "a number too large at byte 5"),
    ])
  func numbers(number: String, reason: String) {
    #expect(EventFixture.reason("{\"a\":\(number)}") == reason)
  }

  @Test(
    "numbers that are fine where any value is",
    arguments: [
      "0", "-0", "-0.0", "1e308", "1E+2", "1e-400", "0e0", "1.7976931348623157e308",
      "123456789012345678901234567890", "0.00000000000000000001", String(repeating: "1", count: 305),
    ])
  func goodNumbers(number: String) {
    #expect(EventFixture.reason("{\"a\":\(number)}") == "type is missing")
  }

  @Test(
    "broken texts",
    arguments: [
      (text: "\"", reason: "not valid JSON: no closing '\"' for the text that starts at byte 5"),
      ("\"abc", "not valid JSON: no closing '\"' for the text that starts at byte 5"),
      ("\"abc\\", "not valid JSON: no closing '\"' for the text that starts at byte 5"),
      ("\"abc\\\"}", "not valid JSON: no closing '\"' for the text that starts at byte 5"),
      ("\"a\nb\"}", "not valid JSON: control character 0x0a in a text at byte 7"),
      ("\"a\u{0}b\"}", "not valid JSON: control character 0x00 in a text at byte 7"),
      ("\"12345678901234\u{1F}\"}", "not valid JSON: control character 0x1f in a text at byte 20"),
      ("\"\\x41\"}", "not valid JSON: no such escape at byte 6"),
      ("\"\\'\"}", "not valid JSON: no such escape at byte 6"),
      ("\"\\0\"}", "not valid JSON: no such escape at byte 6"),
      ("\"\\U0041\"}", "not valid JSON: no such escape at byte 6"),
      ("\"\\u\"}", "not valid JSON: no such escape at byte 6"),
      ("\"\\u12\"}", "not valid JSON: no such escape at byte 6"),
      ("\"\\u12g4\"}", "not valid JSON: no such escape at byte 6"),
      ("\"\\u+123\"}", "not valid JSON: no such escape at byte 6"),
      ("\"\\u004", "not valid JSON: no such escape at byte 6"),
      ("\"\\ud800\"}", "not valid JSON: half of a surrogate pair alone at byte 6"),
      ("\"\\udfff\"}", "not valid JSON: half of a surrogate pair alone at byte 6"),
      ("\"\\ud800\\u0041\"}", "not valid JSON: half of a surrogate pair alone at byte 6"),
      ("\"\\ud800\\ud800\"}", "not valid JSON: half of a surrogate pair alone at byte 6"),
      ("\"\\udc00\\ud800\"}", "not valid JSON: half of a surrogate pair alone at byte 6"),
      ("\"\\ud83d\\n\"}", "not valid JSON: half of a surrogate pair alone at byte 6"),
      ("\"\\ud83d\\ude", "not valid JSON: half of a surrogate pair alone at byte 6"),
    ])
  func texts(text: String, reason: String) {
    #expect(EventFixture.reason("{\"a\":" + text) == reason)
  }

  @Test(
    "malformed UTF-8 in a text",
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC2, 0xC2], [0xE0, 0x80, 0x80],
      [0xE0, 0x9F, 0xBF], [0xE4, 0xBD], [0xE4, 0xBD, 0x41], [0xE4, 0x41, 0xA0], [0xED, 0xA0, 0x80],
      [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x41], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
      [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ] as [[UInt8]])
  func malformedUTF8(bytes: [UInt8]) {
    let start = Array("{\"a\":\"你".utf8)
    let reason = "not valid JSON: malformed UTF-8 at byte 9"
    #expect(EventFixture.reason(start + bytes + Array("\"}".utf8)) == reason)
    #expect(EventFixture.reason(start + bytes) == reason)
    #expect(EventFixture.reason(start + bytes + Array("12345678\"}".utf8)) == reason)
  }

  @Test("malformed UTF-8 outside of texts")
  func malformedOutside() {
    #expect(EventFixture.reason([0xFF]) == "not valid JSON: expected a value at byte 0")
    #expect(
      EventFixture.reason([0x7B, 0x7D, 0xFF]) == "not valid JSON: something follows the value at byte 2")
    #expect(EventFixture.reason([0xFF, 0xFE, 0x7B, 0x00]) == "not valid JSON: expected a value at byte 0")
    #expect(EventFixture.reason([0xEF, 0xBB, 0xBF]) == "not valid JSON: it starts with a byte order mark")
  }

  @Test(
    "the borders of UTF-8 are taken",
    arguments: [
      "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}",
      "\u{10FFFF}",
    ])
  func borders(text: String) {
    #expect(EventFixture.reason("{\"a\":\"\(text)\"}") == "type is missing")
  }

  @Test(
    "keys that stand twice",
    arguments: [
      (text: #"{"a":1,"a":2}"#, reason: "the key 'a' stands twice, the second time at byte 7"),
      (#"{"a":1,"b":2,"c":3,"a":1}"#, "the key 'a' stands twice, the second time at byte 19"),
      (#"{"a":1,"\u0061":2}"#, "the key 'a' stands twice, the second time at byte 7"),
      (#"{"\u0061":1,"a":2}"#, "the key 'a' stands twice, the second time at byte 12"),
      (#"{"\u0061":1,"\u0061":2}"#, "the key 'a' stands twice, the second time at byte 12"),
      (#"{"\/":1,"/":2}"#, "the key '/' stands twice, the second time at byte 8"),
      (#"{"":1,"":2}"#, "the key '' stands twice, the second time at byte 6"),
      (#"{"x":{"a":1,"a":2}}"#, "the key 'a' stands twice, the second time at byte 12"),
      (#"{"x":[{"a":[],"a":{}}]}"#, "the key 'a' stands twice, the second time at byte 14"),
      (#"{"x":{"y":1},"x":{}}"#, "the key 'x' stands twice, the second time at byte 13"),
      (#"{"shop":"a","shop":"b"}"#, "the key 'shop' stands twice, the second time at byte 12"),
      (#"{"😀":1,"\ud83d\ude00":2}"#, "the key '😀' stands twice, the second time at byte 10"),
      (#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#, "type is missing"),
      (#"{"a":1,"A":2,"a ":3,"a\u0000":4,"é":5,"e\u0301":6}"#, "type is missing"),
    ])
  func duplicates(text: String, reason: String) {
    #expect(EventFixture.reason(text) == reason)
  }

  @Test("a key that stands twice among very many", arguments: [33, 34, 500, 5_000])
  func duplicateAmongMany(count: Int) {
    let members = (0..<count).map { "\"k\($0)\":0" }
    let good = "{" + members.joined(separator: ",")
    #expect(EventFixture.reason(good + "}") == "type is missing")
    #expect(
      EventFixture.reason(good + #","\u006b7":0}"#)
        == "the key 'k7' stands twice, the second time at byte \(good.utf8.count + 1)")
  }

  @Test(
    "what is not an object",
    arguments: [
      (text: "[]", reason: "an event must be a JSON object, not an array"),
      ("[{}]", "an event must be a JSON object, not an array"),
      ("5", "an event must be a JSON object, not a number"),
      ("-1.5e3 ", "an event must be a JSON object, not a number"),
      ("\"{}\"", "an event must be a JSON object, not text"),
      ("null", "an event must be a JSON object, not null"),
      ("true", "an event must be a JSON object, not true"),
    ])
  func notAnObject(text: String, reason: String) {
    #expect(EventFixture.reason(text) == reason)
  }

  @Test("depth: 16 is taken, 17 is not")
  func depth() {
    let fifteen = String(repeating: "[", count: 15) + String(repeating: "]", count: 15)
    #expect(EventFixture.reason("{\"a\":\(fifteen)}") == "type is missing")
    #expect(EventFixture.reason("{\"a\":[\(fifteen)]}") == "nested deeper than 16 at byte 20")
  }

  @Test("10,000 arrays or objects in each other are refused at the limit")
  func deep() {
    #expect(
      EventFixture.reason(String(repeating: "[", count: 10_000)) == "nested deeper than 16 at byte 16")
    #expect(
      EventFixture.reason(
        String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000))
        == "nested deeper than 16 at byte 16")
    #expect(
      EventFixture.reason(String(repeating: "{\"a\":", count: 10_000)) == "nested deeper than 16 at byte 80")
  }

  @Test("far too long events cost no more than the longest good one")
  func tooLong() {
    let tenMegabytes = [UInt8](repeating: UInt8(ascii: "["), count: 10_000_000)
    #expect(EventFixture.reason(tenMegabytes) == "event is 10000000 bytes long; the limit is 65536")
    #expect(
      EventFixture.reason([UInt8](repeating: 0, count: 65_537))
        == "event is 65537 bytes long; the limit is 65536")
  }

  @Test("as many values as fit into an event")
  func manyValues() {
    let ones = "{\"a\":[" + String(repeating: "1,", count: 32_763) + "1]}"
    #expect(ones.utf8.count <= 65_536)
    #expect(EventFixture.reason(ones) == "type is missing")
    let arrays = "{\"a\":[" + String(repeating: "[],", count: 21_842) + "[]]}"
    #expect(EventFixture.reason(arrays) == "type is missing")
    let open = "{\"a\":[" + String(repeating: "1,", count: 32_764)
    #expect(EventFixture.reason(open) == "not valid JSON: expected a value at byte 65534")
  }
}
