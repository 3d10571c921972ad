import Foundation
import RoutingAudit
import TestSupport
import Testing

/// The ledger plays what the library writes as Redis does.
@Suite struct LedgerTests {
  /// Commands, and what the key `k` holds afterwards.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var commands: [String]
    var expected: LedgerValue?
    var testDescription: String { name }

    init(_ name: String, _ commands: String, _ kind: String = "", _ words: String...) {
      self.name = name
      self.commands = commands.split(separator: ";").map(String.init)
      expected = LedgerValue(kind: kind, words: words)
    }
  }

  static let cases: [Case] = [
    Case("fields are set and replaced", "HSET k a 1 b 2;HSET k a 3", "hash", "a", "3", "b", "2"),
    Case("fields go", "HSET k a 1 b 2;HDEL k a c", "hash", "b", "2"),
    Case("a hash without fields is none", "HSET k a 1;HDEL k a"),
    Case("a field counts from nothing", "HINCRBY k a 2;HINCRBY k a -5", "hash", "a", "-3"),
    Case("a list grows at its end", "RPUSH k a b;RPUSH k c", "list", "a", "b", "c"),
    Case("the oldest is taken", "RPUSH k a b;LPOP k", "list", "b"),
    Case("the last one taken leaves no list", "RPUSH k a;LPOP k"),
    Case("taking from nothing changes nothing", "LPOP k"),
    Case("only the newest stay", "RPUSH k a b c d;LTRIM k -2 -1", "list", "c", "d"),
    Case("more than there are stay", "RPUSH k a;LTRIM k -5 -1", "list", "a"),
    Case("the first ones go", "RPUSH k a b c;LTRIM k 2 -1", "list", "c"),
    Case("all go", "RPUSH k a b;LTRIM k 2 -1"),
    Case("cutting nothing changes nothing", "LTRIM k 1 -1"),
    Case("members stand by score, then by name", "ZADD k 2 b 1 c 2 a", "zset", "c", "1", "a", "2", "b", "2"),
    Case("a member moves", "ZADD k 1 a 2 b;ZADD k 3 a", "zset", "b", "2", "a", "3"),
    Case("NX leaves a member where it is", "ZADD k 1 a;ZADD k NX 2 a 3 b", "zset", "a", "1", "b", "3"),
    Case("XX adds none", "ZADD k 1 a;ZADD k XX 2 a 3 b", "zset", "a", "2"),
    Case("LT only moves down", "ZADD k 5 a 5 b;ZADD k LT 6 a 4 b 9 c", "zset", "b", "4", "a", "5", "c", "9"),
    Case("GT only moves up", "ZADD k 5 a 5 b;ZADD k GT 6 a 4 b", "zset", "b", "5", "a", "6"),
    Case("members go", "ZADD k 1 a 2 b;ZREM k a c", "zset", "b", "2"),
    Case("a set without members is none", "ZADD k 1 a;ZREM k a"),
    Case("a key goes, whatever it is", "ZADD k 1 a;DEL j k;HSET k a 1", "hash", "a", "1"),
    Case("a time to live leaves the value", "HSET k a 1;PEXPIRE k 5", "hash", "a", "1"),
    Case(
      "levels and times are exact", "ZADD k 45771046511104 a 45771046511103 b", "zset", "b", "45771046511103",
      "a", "45771046511104"),
  ]

  @Test(arguments: cases)
  func playsAsRedisDoes(_ example: Case) throws {
    var ledger = Ledger()
    for command in example.commands { try ledger.play(command.split(separator: " ").map(String.init)) }
    #expect(ledger.value("k") == example.expected)
    #expect(ledger.keys == (example.expected == nil ? [] : ["k"]))
  }

  @Test(arguments: [
    "SET k 1", "EXPIRE k 1", "HSET k a", "HSET k", "HINCRBY k a x", "LTRIM k a b", "RPUSH k", "ZADD k x a",
    "ZADD k 1",
    "ZADD k", "hset k a 1", "DEL",
  ])
  func whatItDoesNotKnowIsAnError(_ command: String) {
    var ledger = Ledger()
    #expect(throws: LedgerError.self) { try ledger.play(command.split(separator: " ").map(String.init)) }
  }

  @Test(arguments: ["RPUSH h 1", "ZADD h 1 a", "HSET l a 1", "ZADD l 1 a", "HSET z a 1", "LPOP z"])
  func aKeyOfAnotherTypeIsAnError(_ command: String) throws {
    var ledger = Ledger()
    for filled in ["HSET h a 1", "RPUSH l a", "ZADD z 1 a"] {
      try ledger.play(filled.split(separator: " ").map(String.init))
    }
    #expect(throws: LedgerError.self) { try ledger.play(command.split(separator: " ").map(String.init)) }
  }

  @Test func aTimeToLiveIsRememberedUntilTheKeyGoes() throws {
    var ledger = Ledger()
    for command in [
      "PEXPIRE k 5", "HSET k a 1", "PEXPIRE k 5", "HSET j a 1", "PEXPIRE j 5", "DEL j", "HSET j a 1",
    ] {
      try ledger.play(command.split(separator: " ").map(String.init))
    }
    #expect(ledger.expiring == ["k"])
  }

  @Test func membersStayInOrderWhateverIsDone() {
    var random = SeededGenerator(seed: 7)
    var set = SortedSet()
    var expected: [String: Double] = [:]
    for _ in 0..<3_000 {
      let member = "m\(Int.random(in: 0..<60, using: &random))"
      if Int.random(in: 0..<3, using: &random) == 0 {
        #expect(set.remove(member) == (expected.removeValue(forKey: member) != nil))
      } else {
        let score = Double(Int.random(in: 0..<20, using: &random))
        #expect(set.insert(member, score: score) == (expected.updateValue(score, forKey: member) == nil))
      }
    }
    let sorted = expected.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    #expect(set.places.map(\.member) == sorted.map(\.key))
    #expect(set.places.map(\.score) == sorted.map(\.value))
  }

  @Test func itKnowsEveryCommandThatTheLibraryWritesWith() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/RoutingLua/Lua")
    let looking: Set<String> = [
      "EXISTS", "HGET", "HGETALL", "HLEN", "HMGET", "LLEN", "LRANGE", "SCAN", "TIME", "ZCARD", "ZCOUNT",
      "ZRANGE",
      "ZRANGEBYSCORE", "ZRANK", "ZREVRANGEBYSCORE", "ZSCORE",
    ]
    var given: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      // What goes by `plain_call` past the record is noted there as what it comes to (`note_write`).
      let text = try String(contentsOf: file, encoding: .utf8).replacing("plain_call(", with: "")
      given.formUnion(text.matches(of: /call\('([A-Z]+)'/).map { String($0.1) })
    }
    #expect(given.subtracting(looking) == Ledger.commands)
    let audit = try String(contentsOf: folder.appendingPathComponent("audit.lua"), encoding: .utf8)
    #expect(Set(audit.matches(of: /([A-Z]+) = true/).map { String($0.1) }) == Ledger.commands)
  }
}
