import Foundation
import Routing
import Testing

@Suite("JSON: writing")
struct JSONTextTests {
  @Test("structure and commas")
  func structure() {
    var json = JSONText()
    json.beginObject()
    json.field("a", "x" as String?)
    json.field("none", nil as String?)
    json.field("n", 5 as Int64?)
    json.field("shop", ShopID(rawValue: "acme"))
    json.key("list")
    json.beginArray()
    json.value(1.5)
    json.value(-7 as Int64)
    json.value(true)
    json.null()
    json.beginObject()
    json.endObject()
    json.beginArray()
    json.endArray()
    json.endArray()
    json.key("k\"" as String)
    json.value(Double.infinity)
    json.endObject()
    #expect(
      json.text == #"{"a":"x","n":5,"shop":"acme","list":[1.5,-7,true,null,{},[]],"k\"":null}"#)
  }

  @Test("every character up to U+0100, and some beyond, comes back from Foundation")
  func characters() throws {
    let text =
      String(
        String.UnicodeScalarView((0..<0x100).compactMap { Unicode.Scalar($0 as UInt32) }))
      + "\u{2028}你😀\u{10FFFF}"
    var json = JSONText()
    json.beginArray()
    json.value(text)
    json.endArray()
    let read = try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String]
    #expect(read?.first?.utf8.elementsEqual(text.utf8) == true)
    #expect(json.text.hasPrefix(#"["\u0000\u0001"#))
    #expect(json.text.contains(#"\u0007\b\t\n\u000b\f\r\u000e"#))
  }

  @Test(
    "numbers",
    arguments: [
      (0.1, "0.1"), (1e21, "1e+21"), (-0.0, "-0.0"), (.leastNonzeroMagnitude, "5e-324"),
      (12.0, "12.0"), (.nan, "null"),
    ] as [(Double, String)])
  func numbers(number: Double, expected: String) {
    var json = JSONText()
    json.value(number)
    #expect(json.text == expected)
  }
}
