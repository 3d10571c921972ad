import RoutingAudit
import Testing

/// Entries as they lie in Redis.
@Suite struct EntryTests {
  @Test func everyFieldIsRead() throws {
    let line =
      #"{"i":7,"k":"conversation_open","p":3,"o":"w-1","e":12,"at":1790000000000,"pos":41,"s":"web:1","n":9,"#
      + #""r":"committed","event":"{\"type\":\"x\",\"text\":\"你\n\"}","bytes":31,"#
      + #""w":[["HSET","fl:{0}:a:conv:c","note","\"\\\/\u0001\b\f\n\r\t"],["LPOP","fl:{0}:in:3"]]}"#
    var expected = AuditEntry(
      number: 7, kind: "conversation_open", reply: "committed",
      writes: [
        ["HSET", "fl:{0}:a:conv:c", "note", "\"\\/\u{1}\u{8}\u{C}\n\r\t"], ["LPOP", "fl:{0}:in:3"],
      ])
    expected.partition = 3
    expected.owner = "w-1"
    expected.epoch = 12
    expected.at = 1_790_000_000_000
    expected.position = 41
    expected.source = "web:1"
    expected.n = 9
    expected.event = Array("{\"type\":\"x\",\"text\":\"你\n\"}".utf8)
    expected.bytes = 31
    #expect(try AuditEntry.decode(line) == expected)
  }

  @Test func anEventThatIsNoUTF8ComesOutAsItWas() throws {
    let event: [UInt8] = [0xE4, 0xBD, 0xFF, 0x41]
    let bytes =
      Array(#"{"i":1,"k":"event_reject","r":"committed","event":""#.utf8) + event
      + Array(#"","bytes":4}"#.utf8)
    #expect(try AuditEntry.decode(bytes).event == event)
  }

  @Test func aTimerTellsWhich() throws {
    let entry = try AuditEntry.decode(
      #"{"i":1,"k":"timer","timer":"wait:acme:c","r":"fired","w":[["DEL","k"]]}"#)
    #expect(entry.timer == "wait:acme:c" && entry.partition == nil && entry.event == nil)
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"i":1}"#, #"{"k":"x"}"#, #"{"i":1,"k":"x""#, #"{"i":1,"k":"x"} "#,
    #"{"i":"1","k":"x"}"#,
    #"{"i":1,"k":"x","w":[]}"#, #"{"i":1,"k":"x","w":[[]]}"#, #"{"i":1,"k":"x","w":[["a"]"#,
    #"{"i":1,"k":"x","more":2}"#, #"{"i":1,"k":"\u4F60"}"#, #"{"i":1,"k":"\x"}"#, #"{"i":1,"k":"x"#,
    #"{"i":1,"k":"\"#,
  ])
  func whatIsNoEntryIsRefused(_ text: String) {
    #expect(throws: AuditEntry.Malformed.self) { try AuditEntry.decode(text) }
  }
}
