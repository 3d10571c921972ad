import Foundation
import HiredisClient
import TestSupport
import Testing

@testable import fenliu

/// `fenliu up` on data whose end a fall of the machine has torn.
@Suite(.timeLimit(.minutes(2))) struct UpTornFileTests {
  /// The end of a file, and whether a fall leaves such a one.
  struct Tail: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var isTorn: Bool
    var testDescription: String { name }
  }

  private static let set = "*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$1\r\n1\r\n"
  private static let multi = "*1\r\n$5\r\nMULTI\r\n"
  private static let zeros = String(repeating: "\0", count: 50)

  static let tails: [Tail] =
    (0..<set.utf8.count).map {
      Tail(
        name: "a command that ends after \($0) bytes", text: String(set.utf8.prefix($0)) ?? "", isTorn: true)
    }
    + (0..<set.utf8.count).map {
      Tail(name: "zeros after \($0) bytes", text: (String(set.utf8.prefix($0)) ?? "") + zeros, isTorn: true)
    } + [
      Tail(name: "a transaction without its end", text: multi + set + set, isTorn: true),
      Tail(name: "a transaction that breaks off", text: multi + set + "*3\r\n$3\r\nS", isTorn: true),
      Tail(
        name: "a note of the time, and one that breaks off", text: "#TS:17\r\n" + set + "#TS:1", isTorn: true),
      Tail(name: "text", text: "nonsense\r\n" + set, isTorn: false),
      Tail(name: "a command behind zeros", text: zeros + set, isTorn: false),
      Tail(
        name: "a wrong length with commands behind it", text: "*1\r\n$3\r\nMULTI\r\n" + set, isTorn: false),
      Tail(name: "a length that is none", text: "*1\r\n$a\r\nMULTI\r\n", isTorn: false),
      Tail(name: "an endless number", text: "*1111111111111111111\r\n" + set, isTorn: false),
    ]

  @Test(arguments: tails) func isWhatAFallLeaves(_ tail: Tail) {
    #expect(TornTail.isTorn(Array(tail.text.utf8)) == tail.isTorn)
  }

  // MARK: The program

  private let directory: TemporaryDirectory
  private var data: String { directory.path("data") }
  private var file: String { "\(data)/appendonlydir/appendonly.aof.1.incr.aof" }

  init() throws { directory = try TemporaryDirectory() }

  private func started() async throws -> RunningUp {
    let shop = directory.path("tiny.yaml")
    try Data(tinyShop.utf8).write(to: URL(fileURLWithPath: shop))
    return try await RunningUp.start(data: data, [shop])
  }

  private func end(_ up: RunningUp) async throws {
    up.process.send(signal: SIGINT)
    #expect(try await up.process.wait() == .exited(0))
  }

  private func append(_ text: String) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  private func kept() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: data).filter { $0.hasPrefix("torn-") }.sorted()
  }

  @Test func cutsOffHalfATransactionBeforeItCanBeExecutedLater() async throws {
    let first = try await started()
    try await first.serve("one")
    try await end(first)

    // Redis alone would start on this, and count the load at its next start but one.
    let half = Self.multi + "*4\r\n$7\r\nHINCRBY\r\n$21\r\nfl:{0}:tiny:agent:ann\r\n"
    try append(
      half + "$4\r\nload\r\n$1\r\n7\r\n" + "*3\r\n$3\r\nSET\r\n$4\r\nhalf")
    let second = try await started()
    let said = second.process.standardError.joined(separator: "\n")
    #expect(said.contains("the data ended in the middle of a write"), "\(said)")
    #expect(try kept().count == 1)
    try await second.serve("two")
    try await end(second)

    // Once more: the last bytes are missing.
    try append(Self.set)
    try append("*3\r\n$3\r\nSE")
    let third = try await started()
    #expect(try kept().count == 2)
    #expect(try FileManager.default.contents(atPath: "\(data)/\(kept()[1])") == Data("*3\r\n$3\r\nSE".utf8))
    try await third.serve("three")
    try await end(third)

    let last = try await started()
    #expect(try kept().count == 2)
    #expect(!last.process.standardError.contains { $0.contains("in the middle of a write") })
    let redis = try await last.connected()
    #expect(try await redis.send("HGET", "fl:{0}:tiny:agent:ann", "load").integer == 3)
    #expect(try await redis.send("GET", "x").text == "1")
    #expect(try await redis.send("FCALL_RO", "fl_check", "1", "{0}").array?.count == 0)
    try await end(last)
  }

  @Test func leavesDamageInTheMiddleToItsOwner() async throws {
    let first = try await started()
    try await first.serve("one")
    try await end(first)
    try append("nonsense\r\n" + Self.set)
    let before = FileManager.default.contents(atPath: file)
    let second = try ChildProcess(try ChildProcess.product("fenliu"), ["up", "--data", data], doomed: data)
    #expect(try await second.wait(within: .seconds(30)) == .exited(1))
    let said = second.standardError.joined(separator: "\n")
    #expect(said.contains("is damaged at byte") && said.contains("nothing was changed"), "\(said)")
    #expect(FileManager.default.contents(atPath: file) == before)
    #expect(try kept().isEmpty)
  }
}
